// builds on step21, changes: ReduceOptions, reduction, nd, drawRule
/**
 * Step 22 · Reductions along axes: sum, mean and max.
 *
 * A loop over the buffer adds up everything, but a table has more to say: one sum a column, one mean a row. Which
 * elements go together? The idea: broadcasting, run backwards. There one element was read in many places; here what
 * stands in many places is gathered into one. The result, broadcast to the shape of x, tells for each x where it goes.
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

/** Which axes to reduce (default all; −1 is the last), and whether they stay, with size 1 (default no). */
export type ReduceOptions = { readonly axis?: number | readonly number[]; readonly keepdims?: boolean };

/** A function that takes in one number after the other, made a reduction of an array along axes. */
export function reduction(name: string, start: number, f: (sofar: number, x: number) => number) {
  return (x: NDArray, { axis, keepdims = false }: ReduceOptions = {}): NDArray => {
    const all = [...x.shape.keys()];
    const axes = [axis ?? all].flat().map((i) => (i < 0 ? i + all.length : i));
    const missing = `${name}: axis ${String(axis)} does not exist in an array of shape ${formatShape(x.shape)}`;
    if (!axes.every((i) => all.includes(i))) throw new RangeError(missing);
    const kept = x.shape.map((n, i) => (axes.includes(i) ? 1 : n));
    const y = new NDArray(new Float64Array(sizeOf(kept)).fill(start), kept);
    const { values } = x;
    for (const [i, at] of y.broadcastTo(x.shape).positions.entries()) {
      y.buffer[at] = f(y.buffer[at]!, values[i]!); // !: one position for each x, all of them in y
    }
    return keepdims ? y : y.reshape(x.shape.filter((_, i) => !axes.includes(i)));
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
  sum: reduction('sum', 0, (total, x) => total + x),
  max: reduction('max', -Infinity, (most, x) => Math.max(most, x)),
  mean: (x: NDArray, options: ReduceOptions = {}): NDArray => {
    const total = nd.sum(x, options);
    return nd.div(total, x.size / total.size); // so many numbers went into each total
  },
};

export function main(): void {
  const x = array([[1, 2, 3], [4, 5, 9]]); // prettier-ignore
  console.log('x, of shape (2, 3):');
  console.log(x);
  console.log(`A loop over the buffer knows no rows: ${x.buffer.reduce((total, value) => total + value)}\n`);

  for (const name of ['sum', 'mean', 'max'] as const) {
    console.log(`${name} of all:           ${nd[name](x).toString()}`);
    console.log(`  axis 0, down:      ${nd[name](x, { axis: 0 }).toString()}`);
    console.log(`  axis 1, across:    ${nd[name](x, { axis: 1 }).toString()}`);
  }

  console.log('\nHow far is each number from the mean of its row?');
  const means = nd.mean(x, { axis: 1 });
  try {
    nd.sub(x, means);
  } catch (error) {
    console.log(`  ${String(error)}`);
  }
  const column = nd.mean(x, { axis: 1, keepdims: true });
  console.log(`The axis went away: the means, ${formatShape(means.shape)}, count as a row. keepdims leaves it there:`);
  console.log(`as ${formatShape(column.shape)} the means stay beside their rows.`);
  console.log(nd.sub(x, column));

  const cube = array([[[1, 2], [3, 4]], [[5, 6], [7, 8]]]); // prettier-ignore
  console.log('\nSeveral axes at once: the sums of a (2, 2, 2) along axes 0 and 2:');
  console.log(nd.sum(cube, { axis: [0, 2] }));
}

if (require.main === module) void main();
