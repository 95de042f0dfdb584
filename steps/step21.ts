// builds on step20, changes: broadcastShapes, NDArray.broadcastTo, unary, binary, nd, drawRule, Slice, NDArray.slice, NDArray.transpose, assign, drawOffsets
/**
 * Step 21 · Element-wise operations and broadcasting.
 *
 * Two arrays of one shape are added number by number. But a network adds one row of biases to every row of a table, and
 * number by number the row runs out. The idea: write the two shapes one below the other, aligned at the right. Sizes
 * fit if they are equal, or one of them is 1, and that one is repeated, by a view whose stride is 0. (Each file keeps
 * only what it needs: slice and transpose are back in step 28.)
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

/** The shape two shapes have in common. They are aligned at the right; a size of 1, or none, fits any. */
export function broadcastShapes(operation: string, a: Shape, b: Shape): number[] {
  const length = Math.max(a.length, b.length);
  return Array.from({ length }, (_, i) => {
    const [m, n] = [a.at(i - length) ?? 1, b.at(i - length) ?? 1]; // counted from the end
    const rule = `axis ${i - length} has sizes ${m} and ${n}; they must be equal, or one of them 1`;
    if (m !== n && m !== 1 && n !== 1) throw new ShapeError(operation, [a, b], rule);
    return m === 1 ? n : m;
  });
}

/** An n-dimensional array: a buffer, read through a shape and strides. */
export class NDArray {
  readonly dtype = 'float64';

  constructor(
    readonly buffer: Float64Array,
    readonly shape: Shape,
    readonly strides: readonly number[] = rowMajorStrides(shape),
    readonly offset = 0,
  ) {}

  get size(): number {
    return sizeOf(this.shape);
  }

  /** Where the elements lie in the buffer, row by row: (i, j, …) at offset + i·strides[0] + j·strides[1] + … */
  get positions(): number[] {
    const walk = (places: number[], n: number, axis: number) => {
      const stride = this.strides[axis]!; // !: there is one for each axis
      return places.flatMap((at) => Array.from({ length: n }, (_, i) => at + i * stride));
    };
    return this.shape.reduce(walk, [this.offset]);
  }

  /** The elements, row by row. */
  get values(): Float64Array {
    return Float64Array.from(this.positions, (at) => this.buffer[at]!); // !: the shape was made to fit the buffer
  }

  /** The same elements in another shape: a view if they lie in order, else a copy. */
  reshape(shape: Shape): NDArray {
    const rule = `the first has ${this.size} elements, not ${sizeOf(shape)}`;
    if (sizeOf(shape) !== this.size) throw new ShapeError('reshape', [this.shape, shape], rule);
    const inOrder = String(this.strides) === String(rowMajorStrides(this.shape));
    return inOrder ? new NDArray(this.buffer, shape, undefined, this.offset) : new NDArray(this.values, shape);
  }

  /** A view with axes of size 1 repeated, and axes added in front: a step along these goes nowhere. */
  broadcastTo(shape: Shape): NDArray {
    const fits = String(broadcastShapes('broadcastTo', this.shape, shape)) === String(shape);
    if (!fits) throw new ShapeError('broadcastTo', [this.shape, shape], 'the second would drop axes of the first');
    const added = shape.length - this.shape.length;
    const strides = shape.map((n, i) => (this.shape[i - added] === n ? this.strides[i - added]! : 0)); // !: as shape
    return new NDArray(this.buffer, shape, strides, this.offset);
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

/** A function of one number, made a function of arrays: element by element. */
export function unary(f: (x: number) => number) {
  return (x: NDArray): NDArray => new NDArray(x.values.map(f), x.shape);
}

/** A function of two numbers, made a function of arrays: broadcast to one shape, then element by element. */
export function binary(name: string, f: (a: number, b: number) => number) {
  return (left: NDArray | number, right: NDArray | number): NDArray => {
    const [a, b] = [array(left), array(right)];
    const shape = broadcastShapes(name, a.shape, b.shape);
    const others = b.broadcastTo(shape).values;
    const values = a.broadcastTo(shape).values.map((x, i) => f(x, others[i]!)); // !: both have this shape now
    return new NDArray(values, shape);
  };
}

/** The operations on arrays. */
export const nd = {
  exp: unary(Math.exp),
  square: unary((x) => x ** 2),
  add: binary('add', (a, b) => a + b),
  sub: binary('sub', (a, b) => a - b),
  mul: binary('mul', (a, b) => a * b),
  div: binary('div', (a, b) => a / b),
};

/** The rule at work: two shapes one below the other, aligned at the right, and what they make together. */
export function drawRule(a: Shape, b: Shape): string {
  const width = 4 * Math.max(a.length, b.length);
  const row = (name: string, shape: Shape) =>
    `  ${name.padEnd(12)}${shape.map((n) => `${n}`.padStart(4)).join('').padStart(width)}`.trimEnd(); // prettier-ignore
  const rows = [row(formatShape(a), a), row(formatShape(b), b)];
  try {
    rows.push(row('together', broadcastShapes('add', a, b)));
  } catch (error) {
    rows.push(`  ${String(error)}`);
  }
  return rows.join('\n');
}

export function main(): void {
  const x = array([[1, 2, 3], [4, 5, 6]]); // prettier-ignore
  const row = array([10, 20, 30]);
  const naive = x.values.map((value, i) => value + (row.values[i] ?? NaN));
  console.log(`Number by number, the row runs out: ${naive.join(' ')}\n`);

  console.log('The rule, shape by shape:');
  const fitting = [drawRule([2, 3], [3]), drawRule([2, 3], [2, 1]), drawRule([2, 1], [3]), drawRule([4, 1, 3], [2, 1])];
  const others = [drawRule([2, 3], []), drawRule([2, 3], [2])];
  console.log(`${[...fitting, ...others].join('\n\n')}\n`);

  console.log('A row, added to every row:');
  console.log(nd.add(x, row));
  const { shape, strides } = row.broadcastTo([2, 3]);
  console.log(`It was not copied: as ${formatShape(shape)} it has strides ${formatShape(strides)}.\n`);
  console.log('A column, times every column; then all of it minus a number:');
  console.log(nd.mul(x, array([[1], [-1]])));
  console.log(nd.sub(x, 1));
  console.log('A column and a row make a table:');
  console.log(nd.add(array([[100], [200]]), row));
}

if (require.main === module) void main();
