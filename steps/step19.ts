// builds on nothing
/**
 * Step 19 · An n-dimensional array: a buffer, a shape and strides.
 *
 * A network computes with tables of numbers, but memory is one long row of cells. Nested JavaScript arrays fit badly:
 * each row is an object of its own, rows may differ in length, and for another shape everything is copied. The idea:
 * one flat buffer, a shape (how many elements along each axis) and strides (how many cells a step along each goes).
 */
import { inspect } from 'node:util';

export type Shape = readonly number[]; // how many elements there are along each axis: (2, 3) is two rows of three
export type Nested = number | readonly Nested[]; // numbers, in arrays, in arrays: as deep as there are axes

/** A shape as people write it: (2, 3), (3,), (). */
export const formatShape = (shape: Shape): string => `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`;

/** Shapes that do not fit an operation. */
export class ShapeError extends Error {
  override name = 'ShapeError';
  constructor(operation: string, shapes: readonly Shape[], rule: string) {
    super(`${operation}: shapes ${shapes.map(formatShape).join(' and ')} do not fit: ${rule}`);
  }
}

/** How many elements a shape has: its sizes multiplied. */
export const sizeOf = (shape: Shape): number => shape.reduce((size, n) => size * n, 1);

/** Strides of elements stored row by row: a step along one axis passes over all that the later axes hold. */
export const rowMajorStrides = (shape: Shape): number[] => shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));

/** An n-dimensional array: a buffer, read through a shape and strides. */
export class NDArray {
  readonly dtype = 'float64';

  constructor(
    readonly buffer: Float64Array,
    readonly shape: Shape,
    readonly strides: readonly number[] = rowMajorStrides(shape),
  ) {}

  get size(): number {
    return sizeOf(this.shape);
  }

  /** Where the elements lie in the buffer, row by row: (i, j, …) at i·strides[0] + j·strides[1] + … */
  get positions(): number[] {
    const walk = (places: number[], n: number, axis: number) => {
      const stride = this.strides[axis]!; // !: there is one for each axis
      return places.flatMap((at) => Array.from({ length: n }, (_, i) => at + i * stride));
    };
    return this.shape.reduce(walk, [0]);
  }

  /** The elements, row by row. */
  get values(): Float64Array {
    return Float64Array.from(this.positions, (at) => this.buffer[at]!); // !: the shape was made to fit the buffer
  }

  /** The numbers in brackets, in columns of equal width. */
  toString(): string {
    const digits = this.shape.length === 0 ? 17 : 8; // 17 give a single number whole
    const cells = Array.from(this.values, (x) => String(Number(x.toPrecision(digits))));
    const width = cells.reduce((most, cell) => Math.max(most, cell.length), 0);
    let parts = cells.map((cell) => cell.padStart(width)); // each axis, from the inside, sets them a line further apart
    for (const [inner, n] of this.shape.toReversed().entries()) {
      const between = inner === 0 ? ' ' : '\n'.repeat(inner) + ' '.repeat(this.shape.length - inner);
      parts = Array.from({ length: parts.length / n }, (_, i) => `[${parts.slice(i * n, i * n + n).join(between)}]`);
    }
    return parts.join('') || '[]';
  }

  /** What console.log shows. */
  [inspect.custom](): string {
    return `array(${this.toString().replaceAll('\n', '\n      ')})`;
  }
}

/** An array from a number or nested arrays; an array stays as it is. */
export function array(data: Nested | NDArray): NDArray {
  if (data instanceof NDArray) return data;
  const shape: number[] = [];
  for (let x: unknown = data; Array.isArray(x); x = x[0]) shape.push(x.length);
  const flatten = (x: unknown, axis: number): number[] => {
    const length = Array.isArray(x) ? x.length : undefined; // a number has none, as there is no axis left
    if (length !== shape[axis]) throw new ShapeError('array', [shape], `at depth ${axis} not all lengths are equal`);
    if (Array.isArray(x)) return x.flatMap((inner) => flatten(inner, axis + 1));
    if (typeof x === 'number') return [x];
    throw new TypeError(`array: expected numbers or nested arrays of numbers, got a value of type ${typeof x}`);
  };
  return new NDArray(Float64Array.from(flatten(data, 0)), shape);
}

export function main(): void {
  console.log('JavaScript takes [[1, 2, 3], [4, 5]] for an array, though it is no table. Ours says so:');
  try {
    array([[1, 2, 3], [4, 5]]); // prettier-ignore
  } catch (error) {
    console.log(`  ${String(error)}`);
  }
  const buffer = Float64Array.of(1, 2, 3, 4, 5, 6);
  console.log(`\nOne buffer of ${buffer.length} numbers, ${buffer.join(' ')}, read in three ways:`);
  for (const shape of [[6], [2, 3], [3, 2]]) {
    console.log(`\nshape ${formatShape(shape)}, strides ${formatShape(rowMajorStrides(shape))}`);
    console.log(new NDArray(buffer, shape));
  }
  const [down, right] = rowMajorStrides([2, 3]);
  console.log(`\nElement (1, 2) of the 2x3 lies at 1*${down} + 2*${right} = 5, where the buffer holds ${buffer[5]}.`);
}

if (require.main === module) void main();
