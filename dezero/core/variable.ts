import {
  array,
  currentScope,
  entrust,
  full,
  isFloat,
  letGo,
  resident,
  sameShape,
  NDArray,
  DTypeError,
  ShapeError,
} from '../ndarray';
import type { ArrayLike, DeviceName, DType, MemoryScope, Shape, TypedArray } from '../ndarray';
import { runBackward } from './backward';
import type { Func } from './func';

/** How `backward` runs. @since 28 */
export interface BackwardOptions {
  /** Also leave gradients on the variables in between; default false. @since 28 */
  readonly retainGrad?: boolean;
  /** Record the computation of the gradients, so that they can be differentiated again; default false. @since 32 */
  readonly createGraph?: boolean;
}

/**
 * A value that remembers how it was computed.
 * @example
 * const x = variable(3);
 * const y = x.mul(x).add(1); // → variable(10)
 * y.backward();
 * x.grad; // → variable(6)
 * @since 28
 */
export class Variable {
  /** What printing and drawings call it. @since 28 */
  name: string | null;
  /** The function that made it; null for a value from outside, a leaf of the graph. @since 28 */
  creator: Func | null = null;
  /** How many functions lie on the longest way from a leaf. @since 28 */
  generation = 0;
  /** False for what needs no gradient: constants, frozen parameters, whole numbers (int32, bool). @since 28 */
  requiresGrad: boolean;

  private array: NDArray;
  private gradient: Variable | null = null;
  private holdsGradient = false;
  /** The memory scope it was made in: what is put into it lives at least as long; null is for ever. @since 28 */
  protected home: MemoryScope | null = currentScope();
  /** True if it has to let go of its value's memory. @since 28 */
  protected holdsArray = false;

  /** A number, nested arrays, a typed array or an NDArray; `name` is for printing and drawings. @since 28 */
  constructor(data: ArrayLike, name: string | null = null) {
    if ((data as unknown) instanceof Variable) {
      throw new DTypeError('Variable: got a Variable; a box is not put into a box. Use it as it is, or its .data');
    }
    this.array = array(data);
    this.requiresGrad = isFloat(this.array.dtype);
    this.name = name;
  }

  /** The value. @since 28 */
  get data(): NDArray {
    return this.array;
  }

  /** A new value in the box: it lives as long as the old one would have. @since 28 */
  set data(next: NDArray) {
    if (!(next instanceof NDArray)) throw new DTypeError('Variable.data takes an NDArray; make one with array(…)');
    if (next === this.array) return;
    const holds = entrust(next.storage, this.home);
    if (this.holdsArray) letGo(this.array.storage);
    this.array = next;
    this.holdsArray = holds;
  }

  /**
   * ∂(what `backward` was called on) / ∂(this), of the same shape and dtype; null until then.
   * @example
   * const x = variable([1, 2]);
   * x.square().backward();
   * x.grad; // → variable([2 4])
   * @since 28
   */
  get grad(): Variable | null {
    return this.gradient;
  }

  /** @since 28 */
  set grad(next: Variable | null) {
    if (next !== null && !(next instanceof Variable)) {
      throw new DTypeError('Variable.grad takes a Variable of the same shape, or null');
    }
    if (next && !sameShape(next.shape, this.shape)) {
      throw new ShapeError('grad', [next.shape, this.shape], 'a gradient has the shape of its variable');
    }
    if (next === this.gradient) return;
    const holds = next !== null && entrust(next.data.storage, this.home);
    if (this.gradient && this.holdsGradient) letGo(this.gradient.data.storage);
    this.gradient = next;
    this.holdsGradient = holds;
  }

  /** Sizes along each axis. @since 28 */
  get shape(): Shape {
    return this.array.shape;
  }

  /** Number of elements. @since 28 */
  get size(): number {
    return this.array.size;
  }

  /** Number of axes. @since 28 */
  get ndim(): number {
    return this.array.shape.length;
  }

  /** What one element is. @since 28 */
  get dtype(): DType {
    return this.array.dtype;
  }

  /** Where the value lies. @since 28 */
  get device(): DeviceName {
    return this.array.device;
  }

  /** The elements in order; cpu only. @since 28 */
  get values(): TypedArray {
    return this.array.values;
  }

  /** The one number of a variable of size 1; cpu only. @since 28 */
  item(): number {
    return this.array.item();
  }

  /** A leaf with the same value on another device; to the cpu it must be awaited. @since 48 */
  to(device: 'gpu'): Variable;
  to(device: 'cpu'): Promise<Variable>;
  to(device: DeviceName): Variable | Promise<Variable>;
  to(device: DeviceName): Variable | Promise<Variable> {
    const moved = this.array.to(device);
    return moved instanceof NDArray ? new Variable(moved, this.name) : moved.then((x) => new Variable(x, this.name));
  }

  /** Called by a function on what it has made. @since 28 */
  setCreator(creator: Func): void {
    this.creator = creator;
    this.generation = creator.generation + 1;
  }

  /** Forgets the gradient, so that the next `backward` starts anew. @since 28 */
  clearGrad(): void {
    this.grad = null;
  }

  /**
   * Gradients of this variable with respect to all it was computed from, added to their `grad`.
   * Starts from `grad` if there is one, else from ones.
   * @throws GraphError on a leaf, or through a part that was cut; FreedError through memory that a scope freed.
   * @example
   * const x = variable(3);
   * x.pow(3).backward({ createGraph: true });
   * const gx = x.grad; // 3x²
   * // → variable(27)
   * x.clearGrad();
   * gx?.backward();
   * x.grad; // and 6x
   * // → variable(18)
   * @since 28
   */
  backward(options: BackwardOptions = {}): void {
    const seed = this.grad ?? new Variable(full(this.shape, 1, { dtype: this.dtype, device: this.device }));
    runBackward(this, seed, options);
  }

  /** Zeros of the same shape and dtype, on the same device. @since 28 */
  zerosLike(): Variable {
    return new Variable(full(this.shape, 0, { dtype: this.dtype, device: this.device }));
  }

  /** Cuts the graph behind this variable: the past is forgotten and its memory can go. @since 44 */
  unchainBackward(): void {
    const funcs = this.creator ? [this.creator] : [];
    for (let f = funcs.pop(); f; f = funcs.pop()) {
      f.cut = true;
      for (const x of f.inputs) {
        if (x.creator) funcs.push(x.creator);
        x.creator = null;
        x.generation = 0;
      }
    }
  }

  /** `variable([1 2 3])`, as `console.log` shows it. @since 28 */
  toString(): string {
    return `variable(${this.array.toString().replaceAll('\n', '\n         ')})`;
  }

  /** What `console.log` shows under Node. @since 28 */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

/**
 * A variable that is trained: a layer owns it, an optimizer changes it.
 * @example
 * const W = new Parameter([[1, 2], [3, 4]], 'W');
 * W.ready; // → true
 * new Parameter(null).ready; // a layer's first call will tell the shape
 * // → false
 * @since 35
 */
export class Parameter extends Variable {
  private waiting: boolean;

  /** Null is for a parameter whose shape the layer's first call will tell. @since 35 */
  constructor(data: ArrayLike | null, name: string | null = null) {
    super(data === null ? new Float32Array(0) : resident(array(data)), name);
    this.home = null; // no scope frees a parameter
    this.holdsArray = entrust(this.data.storage, null);
    this.waiting = data === null;
  }

  /** What a layer that is only looked at uses in its stead: itself, or, if it waits for its shape, another that waits. @since 36 */
  standIn(): Parameter {
    return this.waiting ? new Parameter(null, this.name) : this;
  }

  /** True once it has a value. @since 35 */
  get ready(): boolean {
    return !this.waiting;
  }

  /** The value. @since 35 */
  override get data(): NDArray {
    return super.data;
  }

  /** The first value readies it. @since 35 */
  override set data(next: NDArray) {
    super.data = next instanceof NDArray ? resident(next) : next;
    this.waiting = false;
  }
}

/** What operations take: a variable, an array or a plain number. @since 28 */
export type Operand = Variable | NDArray | number;

/**
 * A Variable as it is; an array or number as a constant, which needs no gradient. `operation` is for the message.
 * @example
 * asVariable(2).requiresGrad; // a constant
 * // → false
 * @since 28
 */
export function asVariable(x: Operand, operation?: string): Variable {
  if (x instanceof Variable) return x;
  if (!(x instanceof NDArray) && typeof x !== 'number') {
    const where = operation ? `${operation}: ` : '';
    throw new DTypeError(
      `${where}expected a Variable, an NDArray or a number, got ${describe(x)}; wrap arrays with array(…) or variable(…)`,
    );
  }
  const constant = new Variable(x);
  constant.requiresGrad = false;
  return constant;
}

function describe(x: unknown): string {
  if (typeof x === 'string') return `the string '${x}'`;
  if (x === null || typeof x !== 'object') return String(x);
  return `a value of type ${x.constructor?.name ?? 'object'}`;
}

/**
 * Short for `new Variable(x)`.
 * @example
 * variable([[1, 2], [3, 4]]);
 * // → variable([[1 2]
 * //             [3 4]])
 * @since 28
 */
export function variable(data: ArrayLike, name: string | null = null): Variable {
  return new Variable(data, name);
}
