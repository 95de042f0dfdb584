/** The reference operations, element by element and along axes: readable loops, the oracle of every faster kernel. */
import type { ArithmeticOp, CompareOp, ReduceOp, TypedArray, UnaryOp, View } from '../backend';
import type { CpuStorage } from './storage';

/** The memory behind a view on the cpu. @since 28 */
export const memoryOf = (x: View): TypedArray => (x.storage as CpuStorage).values;

/** Number of elements of a view. @since 28 */
export const countOf = (x: View): number => x.shape.reduce((product, n) => product * n, 1);

/** True if a view's elements lie one after the other. @since 28 */
export function isDense({ shape, strides }: View): boolean {
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] !== 1 && strides[i] !== step) return false;
    step *= shape[i];
  }
  return true;
}

/** Calls `visit(place in memory, length, stride)` for each run of evenly spaced elements, in order; runs are as long as can be. @since 28 */
export function eachRun(x: View, visit: (at: number, length: number, stride: number) => void): void {
  let last = x.shape.length - 1;
  if (last < 0) return visit(x.offset, 1, 1);
  let length = x.shape[last];
  const stride = x.strides[last];
  // An axis whose steps go on where the one inside it ends belongs to the same run.
  while (last > 0 && x.strides[last - 1] === stride * length) length *= x.shape[--last];
  const walk = (axis: number, at: number): void => {
    if (axis === last) return visit(at, length, stride);
    for (let i = 0; i < x.shape[axis]; i++) walk(axis + 1, at + i * x.strides[axis]);
  };
  walk(0, x.offset);
}

/** The elements of a view in order: its own memory if it is dense, else a copy. @since 28 */
export function dense(x: View): TypedArray {
  const memory = memoryOf(x);
  const n = countOf(x);
  if (isDense(x)) return n === memory.length ? memory : memory.subarray(x.offset, x.offset + n);
  const copy = new (memory.constructor as { new (length: number): TypedArray })(n);
  let to = 0;
  eachRun(x, (at, length, stride) => {
    if (stride === 1) {
      copy.set(memory.subarray(at, at + length), to);
      to += length;
    } else for (let i = 0; i < length; i++, at += stride) copy[to++] = memory[at];
  });
  return copy;
}

/** out = x, with out's dtype; both may have any strides. @since 28 */
export function copy(x: View, out: View): void {
  const from = dense(x);
  const into = memoryOf(out);
  const toBool = out.dtype === 'bool' && x.dtype !== 'bool';
  let i = 0;
  eachRun(out, (at, length, stride) => {
    if (stride === 1 && !toBool) {
      into.set(from.subarray(i, i + length), at);
      i += length;
    } else for (let k = 0; k < length; k++, at += stride, i++) into[at] = toBool ? Number(from[i] !== 0) : from[i];
  });
}

const UNARY: Record<UnaryOp, (x: number) => number> = {
  neg: (x) => -x,
  exp: Math.exp,
  log: Math.log,
  sin: Math.sin,
  cos: Math.cos,
  tanh: Math.tanh,
  sqrt: Math.sqrt,
  square: (x) => x * x,
  abs: Math.abs,
  sign: Math.sign,
  floor: Math.floor,
  not: (x) => Number(x === 0),
  relu: (x) => (x > 0 ? x : 0),
  // e^−|x| never overflows; the two branches are the same function.
  sigmoid: (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x))),
};

/** y = f(x), element by element. @since 28 */
export function unary(op: UnaryOp, x: View, out: View): void {
  const from = dense(x);
  const y = dense(out);
  const f = UNARY[op];
  for (let i = 0; i < y.length; i++) y[i] = f(from[i]);
}

/** An operand as (memory, step): a plain number is one element read again and again. */
function operand(x: View | number, like: TypedArray): readonly [TypedArray, 0 | 1] {
  if (typeof x !== 'number') return [dense(x), 1];
  const one = like.subarray(0, 0).constructor as { new (length: number): TypedArray };
  const memory = new one(1);
  memory[0] = x;
  return [memory, 0];
}

/** y = f(a, b); each operation has its own loop, since a call through a table costs more than the arithmetic. @since 28 */
export function binary(op: ArithmeticOp | CompareOp, left: View | number, right: View | number, out: View): void {
  const y = dense(out);
  const like = memoryOf(typeof left === 'number' ? (right as View) : left);
  const [a, p] = operand(left, like);
  const [b, q] = operand(right, like);
  const n = y.length;
  switch (op) {
    case 'add':
      for (let i = 0; i < n; i++) y[i] = a[i * p] + b[i * q];
      break;
    case 'sub':
      for (let i = 0; i < n; i++) y[i] = a[i * p] - b[i * q];
      break;
    case 'mul':
      for (let i = 0; i < n; i++) y[i] = a[i * p] * b[i * q];
      break;
    case 'div':
      for (let i = 0; i < n; i++) y[i] = a[i * p] / b[i * q];
      break;
    case 'pow':
      for (let i = 0; i < n; i++) y[i] = a[i * p] ** b[i * q];
      break;
    case 'maximum':
      for (let i = 0; i < n; i++) y[i] = Math.max(a[i * p], b[i * q]);
      break;
    case 'minimum':
      for (let i = 0; i < n; i++) y[i] = Math.min(a[i * p], b[i * q]);
      break;
    case 'gate':
      for (let i = 0; i < n; i++) y[i] = b[i * q] > 0 ? a[i * p] : 0;
      break;
    // What is written into y on the way is rounded as an array of its own would be.
    case 'sigmoidGradient':
      for (let i = 0; i < n; i++) {
        y[i] = 1 - b[i * q];
        y[i] *= b[i * q];
        y[i] *= a[i * p];
      }
      break;
    case 'tanhGradient':
      for (let i = 0; i < n; i++) {
        y[i] = b[i * q] * b[i * q];
        y[i] = 1 - y[i];
        y[i] *= a[i * p];
      }
      break;
    case 'equal':
      for (let i = 0; i < n; i++) y[i] = Number(a[i * p] === b[i * q]);
      break;
    case 'less':
      for (let i = 0; i < n; i++) y[i] = Number(a[i * p] < b[i * q]);
      break;
    case 'lessEqual':
      for (let i = 0; i < n; i++) y[i] = Number(a[i * p] <= b[i * q]);
      break;
    default:
      op satisfies never;
  }
}

/** y = mask ? a : b. @since 28 */
export function where(mask: View, left: View | number, right: View | number, out: View): void {
  const y = dense(out);
  const m = dense(mask);
  const [a, p] = operand(left, y);
  const [b, q] = operand(right, y);
  for (let i = 0; i < y.length; i++) y[i] = m[i] ? a[i * p] : b[i * q];
}

/** x with the axes in another order, as a view. */
function permuted(x: View, order: readonly number[]): View {
  const pick = (list: readonly number[]) => order.map((axis) => list[axis]);
  return { storage: x.storage, dtype: x.dtype, shape: pick(x.shape), strides: pick(x.strides), offset: x.offset };
}

/** Sum, maximum or minimum along axes: bring them last, then reduce each row. Sums are kept in float64. @since 28 */
export function reduce(op: ReduceOp, x: View, axes: readonly number[], out: View): void {
  const stay = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const rows = dense(permuted(x, [...stay, ...axes]));
  const y = dense(out);
  const length = axes.reduce((product, axis) => product * x.shape[axis], 1);
  for (let i = 0, at = 0; i < y.length; i++, at += length) {
    let total = op === 'sum' ? 0 : rows[at];
    for (let k = at; k < at + length; k++) {
      const value = rows[k];
      if (op === 'sum') total += value;
      else if (op === 'max' ? value > total : value < total) total = value;
      else if (Number.isNaN(value)) total = value; // and nothing is larger or smaller than NaN from here on
    }
    y[i] = total;
  }
}

/** Position of the first largest element along an axis. @since 28 */
export function argMax(x: View, axis: number, out: View): void {
  const stay = x.shape.map((_, i) => i).filter((i) => i !== axis);
  const rows = dense(permuted(x, [...stay, axis]));
  const y = dense(out);
  const length = x.shape[axis];
  for (let i = 0, at = 0; i < y.length; i++, at += length) {
    let best = 0;
    // A NaN counts as the largest, as it does in max.
    for (let k = 1; k < length && !Number.isNaN(rows[at + best]); k++) {
      if (!(rows[at + k] <= rows[at + best])) best = k;
    }
    y[i] = best;
  }
}

/** Sizes before, at and after an axis: the array as (outer, n, inner). */
function around(shape: readonly number[], axis: number): readonly [number, number, number] {
  const product = (list: readonly number[]) => list.reduce((a, b) => a * b, 1);
  return [product(shape.slice(0, axis)), shape[axis], product(shape.slice(axis + 1))];
}

/** out = x at `indices` along an axis. @since 28 */
export function gather(x: View, axis: number, indices: View, out: View): void {
  const [outer, n, inner] = around(x.shape, axis);
  const from = dense(x);
  const y = dense(out);
  const places = dense(indices);
  for (let o = 0, to = 0; o < outer; o++) {
    for (const place of places) {
      const at = (o * n + checkIndex(place, n)) * inner;
      for (let i = 0; i < inner; i++) y[to++] = from[at + i];
    }
  }
}

/** out += x at `indices` along an axis. @since 28 */
export function scatterAdd(x: View, axis: number, indices: View, out: View): void {
  const [outer, n, inner] = around(out.shape, axis);
  const from = dense(x);
  const y = dense(out);
  const places = dense(indices);
  for (let o = 0, at = 0; o < outer; o++) {
    for (const place of places) {
      const to = (o * n + checkIndex(place, n)) * inner;
      for (let i = 0; i < inner; i++) y[to + i] += from[at++];
    }
  }
}

function checkIndex(place: number, n: number): number {
  if (place >= 0 && place < n) return place;
  throw new RangeError(`index ${place} is out of range for an axis of size ${n} (0 to ${n - 1})`);
}
