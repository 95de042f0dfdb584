// builds on step19, changes: NDArray.constructor, NDArray.positions, NDArray.reshape, NDArray.transpose, NDArray.slice, Slice, assign, drawOffsets
/**
 * Step 20 · Views: reshape, transpose and slices without a copy.
 *
 * Turning rows into columns, or taking out one row, looks like work: new memory, every element carried over. The idea:
 * other strides read the same cells in another order, and an offset lets an array begin in the middle of a buffer. Such
 * an array is a view: what is written through one is seen by all.
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

/** A part of an axis: from one place (default the start) up to, without, another (default the end), in steps. */
export type Slice = { readonly from?: number; readonly to?: number; readonly step?: number };

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

  /** A view with the axes in another order, reversed if none is given. */
  transpose(axes: readonly number[] = [...this.shape.keys()].reverse()): NDArray {
    const fits = axes.length === this.shape.length && this.shape.every((_, axis) => axes.includes(axis));
    if (!fits) throw new ShapeError('transpose', [this.shape, axes], 'the second must name each axis once');
    const pick = (list: readonly number[]) => axes.map((axis) => list[axis]!); // !: just checked
    return new NDArray(this.buffer, pick(this.shape), pick(this.strides), this.offset);
  }

  /** A view of a part: slice([1, { from: 0, to: 2 }]) is row 1, columns 0 and 1. A number takes its axis away. */
  slice(index: readonly (number | Slice)[]): NDArray {
    if (index.length > this.shape.length) throw new RangeError(`slice: there are only ${this.shape.length} axes`);
    const [shape, strides]: [number[], number[]] = [[], []];
    let offset = this.offset;
    for (const [axis, n] of this.shape.entries()) {
      const at = index[axis] ?? {};
      const stride = this.strides[axis]!; // !: there is one for each axis
      const { from = 0, to = n, step = 1 } = typeof at === 'number' ? { from: at, to: at + 1 } : at;
      const fits = [from, to, step].every(Number.isInteger) && 0 <= from && from <= to && to <= n && step > 0;
      if (!fits) throw new RangeError(`slice: axis ${axis} of size ${n} has no part ${from} to ${to}, step ${step}`);
      offset += from * stride;
      if (typeof at === 'number') continue; // its axis is gone
      shape.push(Math.ceil((to - from) / step));
      strides.push(step * stride);
    }
    return new NDArray(this.buffer, shape, strides, offset);
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

/** Writes a number into every element that the view reads. */
export function assign(into: NDArray, value: number): void {
  for (const at of into.positions) into.buffer[at] = value;
}

/** The buffer place by place, and below it which element of the view each place is: 0,1 is row 0, column 1. */
export function drawOffsets(x: NDArray): string {
  const strides = rowMajorStrides(x.shape);
  const indexOf = (k: number) => x.shape.map((n, axis) => Math.floor(k / strides[axis]!) % n); // !: one for each axis
  const elements = Array.from(x.buffer, () => '');
  for (const [k, at] of x.positions.entries()) elements[at] = indexOf(k).join(',');
  const row = (name: string, cells: Iterable<unknown>) =>
    `  ${name.padEnd(8)}${Array.from(cells, (cell) => String(cell).padStart(5)).join('')}`.trimEnd();
  return [row('place', x.buffer.keys()), row('number', x.buffer), row('element', elements)].join('\n');
}

export function main(): void {
  const table = [[10, 20, 30], [40, 50, 60]]; // prettier-ignore
  table.map((cells) => cells[1]).fill(99);
  console.log(`A column of nested arrays is a copy: when it is filled with 99, the table still has ${table[0]?.[1]}.`);

  const x = array(table);
  const views = {
    x,
    'x.reshape([3, 2])': x.reshape([3, 2]),
    'x.transpose()': x.transpose(),
    'x.slice([1])': x.slice([1]),
    'x.slice([{}, { step: 2 }])': x.slice([{}, { step: 2 }]),
  };
  for (const [name, view] of Object.entries(views)) {
    const { shape, strides, offset } = view;
    console.log(`\n${name}: shape ${formatShape(shape)}, strides ${formatShape(strides)}, offset ${offset}`);
    console.log(view);
    console.log(drawOffsets(view));
  }

  assign(x.slice([{}, 1]), 99);
  console.log('\nAfter assign(x.slice([{}, 1]), 99) the column has changed in x, and so in every view of it:');
  for (const view of [views['x.transpose()'], views['x.slice([1])']]) console.log(view);

  const flat = x.transpose().reshape([6]); // 10 40 99 99 30 60: no stride leads from place 3 back to place 1
  assign(x, 0);
  console.log('\nOnly x.transpose().reshape([6]) had to be copied: after assign(x, 0) it is still');
  console.log(flat);
}

if (require.main === module) void main();
