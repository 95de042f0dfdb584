// builds on step18 and step22, changes: Variable.data, Variable.name, Variable.grad, Variable.constructor, Variable.shape, Variable.size, Variable.dtype, Variable.toString, Variable.[inspect.custom], Variable.backward, Func.forward, Func.backward, Square.forward, Square.backward, Add.forward, Add.backward, Mul.forward, Mul.backward, dataOf, variable, full, nd, NDArray.reshape, unary, ReduceOptions, reduction, memoryInUse, heldBy, deepChain, memoryOf
/**
 * Step 24 · Variables over arrays, which explain themselves.
 *
 * Step 18 differentiates numbers, step 22 computes with arrays. One box for each number would mean one function and one
 * graph for each, too. The idea: an array in the box. A function then works on all numbers at once; its derivative is the
 * same formula, element by element; the engine has not changed. And a variable says what it is: name, shape, size, dtype.
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

/** An array of one number, everywhere. */
export const full = (shape: Shape, value: number) => new NDArray(new Float64Array(sizeOf(shape)).fill(value), shape);

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
  add: binary('add', (a, b) => a + b),
  mul: binary('mul', (a, b) => a * b),
};

/** A box for a value. */
export class Variable {
  data: NDArray; // the value
  name: string | null; // what people call it
  grad: NDArray | null = null; // the derivative of the result with respect to this variable; null until it is known
  creator: Func | null = null; // the function that made it; null for a value from outside
  generation = 0; // how many functions lie on the longest way from a value from outside

  constructor(data: Nested | NDArray, name: string | null = null) {
    this.data = array(data);
    this.name = name;
  }

  get shape(): Shape {
    return this.data.shape;
  }
  get size(): number {
    return this.data.size;
  }
  get dtype(): string {
    return this.data.dtype;
  }

  /** variable([1 2 3]) */
  toString(): string {
    return `variable(${this.data.toString().replaceAll('\n', '\n         ')})`;
  }

  /** What console.log shows. */
  [inspect.custom](): string {
    return this.toString();
  }

  /** Called by a function on what it has made. */
  setCreator(creator: Func): void {
    this.creator = creator;
    this.generation = creator.generation + 1;
  }

  /** Forgets the gradient, before the variable is used in another calculation. */
  clearGrad(): void {
    this.grad = null;
  }

  /** Passes the gradient, `grad` or else ones, on to all this was computed from; `retainGrad` keeps it in between. */
  backward({ retainGrad = false }: { retainGrad?: boolean } = {}): void {
    this.grad ??= full(this.shape, 1); // dy/dy, for each element
    for (const f of functionsBehind(this)) {
      const gys = f.outputs.map((y) => y.grad ?? full(y.shape, 0)); // an output that nobody used has none
      const gxs = [f.backward(...gys)].flat();
      for (const [i, gx] of gxs.entries()) {
        const x = f.input(i);
        const rule = 'a gradient has the shape of its variable (what was broadcast must be summed: step 33)';
        if (String(gx.shape) !== String(x.shape)) throw new ShapeError('backward', [gx.shape, x.shape], rule);
        x.grad = x.grad ? nd.add(x.grad, gx) : gx;
      }
      if (!retainGrad) for (const y of f.outputs) y.clearGrad(); // passed on, it has done its work
    }
  }
}

/** A function from Variable to Variable. `Func`, since JavaScript has already taken the name Function. */
export abstract class Func {
  inputs: Variable[] = []; // what it was called with
  outputs: Variable[] = []; // what it made
  generation = 0; // that of its latest input

  /** Opens the boxes, computes, and returns a new box with the result. */
  call(...inputs: Variable[]): Variable {
    return this.callAll(...inputs)[0]!; // forward returns at least one number
  }

  /** The same for a function with several results. All remember where they come from, except under `noGrad`. */
  callAll(...inputs: Variable[]): Variable[] {
    const xs = inputs.map(dataOf);
    const ys = [this.forward(...xs)].flat();
    const outputs = ys.map((y) => new Variable(y));
    if (config.enableGrad) {
      this.generation = Math.max(...inputs.map((x) => x.generation));
      for (const output of outputs) output.setCreator(this);
      this.inputs = inputs;
      this.outputs = outputs;
    }
    return outputs;
  }

  /** Input i, as `backward` needs it. */
  input(i: number): Variable {
    const x = this.inputs[i];
    if (!x) throw new Error(`${this.constructor.name} has no input ${i}: backward returns one gradient an input`);
    return x;
  }

  /** The results from the arrays in the boxes; one result needs no list. */
  abstract forward(...xs: NDArray[]): NDArray | NDArray[];
  /** The inputs' gradients from the outputs' gradients gy: for each input gx = gy · dy/dx. */
  abstract backward(...gys: NDArray[]): NDArray | NDArray[];
}

/** y = x², so gx = gy · 2x. */
export class Square extends Func {
  forward(x: NDArray): NDArray {
    return nd.mul(x, x);
  }
  backward(gy: NDArray): NDArray {
    return nd.mul(gy, nd.mul(2, this.input(0).data));
  }
}

/** y = x0 + x1, so both gradients are gy. */
export class Add extends Func {
  forward(x0: NDArray, x1: NDArray): NDArray {
    return nd.add(x0, x1);
  }
  backward(gy: NDArray): NDArray[] {
    return [gy, gy];
  }
}

/** y = x0 · x1, so gx0 = gy · x1 and gx1 = gy · x0. */
export class Mul extends Func {
  forward(x0: NDArray, x1: NDArray): NDArray {
    return nd.mul(x0, x1);
  }
  backward(gy: NDArray): NDArray[] {
    return [nd.mul(gy, this.input(1).data), nd.mul(gy, this.input(0).data)];
  }
}

export const square = (x: Variable): Variable => new Square().call(x);
export const add = (x0: Variable, x1: Variable): Variable => new Add().call(x0, x1);
export const mul = (x0: Variable, x1: Variable): Variable => new Mul().call(x0, x1);

/** The array in the box; anything but a box is refused. */
export function dataOf(x: Variable): NDArray {
  if (x instanceof Variable) return x.data;
  throw new TypeError(`expected a Variable, got type ${typeof x}: put it into a box first, with new Variable(…)`);
}

/** The functions on all ways to y, the highest generation first: none comes before those that use what it made. */
export function functionsBehind(y: Variable): Func[] {
  const found = new Set(y.creator ? [y.creator] : []); // the loop also goes through what is added on the way
  for (const f of found) for (const x of f.inputs) if (x.creator) found.add(x.creator);
  return [...found].sort((f, g) => g.generation - f.generation);
}

/** Settings of the engine: whether to record the graph while computing. */
export const config = { enableGrad: true };

/** Runs f without recording a graph; afterwards the setting is what it was, even if f throws. */
export function noGrad<T>(f: () => T): T {
  const before = config.enableGrad;
  config.enableGrad = false;
  try {
    return f();
  } finally {
    config.enableGrad = before;
  }
}

export const variable = (data: Nested | NDArray, name: string | null = null): Variable => new Variable(data, name);

export function main(): void {
  const numbers = [1, 2, 3, 4, 5, 6];
  const many = numbers.flatMap((number) => functionsBehind(square(variable(number))));
  console.log(`6 numbers squared, each in a box of its own: ${many.length} functions to walk back through.`);
  const one = square(variable(numbers));
  console.log(`The same numbers as one array in one box: ${functionsBehind(one).length} function, ${one.toString()}`);

  const x = variable([[1, 2, 3], [4, 5, 6]], 'x'); // prettier-ignore
  console.log(`\nA variable called ${x.name}, of shape ${formatShape(x.shape)}, size ${x.size}, dtype ${x.dtype}:`);
  console.log(x);

  const show = (results: object) => Object.entries(results).forEach(([name, v]) => console.log(`${name} =`, v));
  console.log('\nStep 13 on arrays: z = x² + y², the first elements as there');
  const [a, b] = [variable([2, 1, 0]), variable([3, 5, -1])];
  const z = add(square(a), square(b));
  z.backward();
  show({ z, 'dz/dx': a.grad, 'dz/dy': b.grad });

  console.log('\nStep 16 on arrays: y = 2(x²)², the first element as there');
  const c = variable([2, 1, 0, -1]);
  const d = square(c);
  const y = add(square(d), square(d));
  y.backward();
  show({ y, 'dy/dx': c.grad });

  console.log('\nValues of different shapes are broadcast, but their gradients cannot be, yet:');
  try {
    add(x, variable([10, 20, 30])).backward();
  } catch (error) {
    console.log(String(error));
  }
}

if (require.main === module) void main();
