/** Operations on arrays, without gradients: what a function's `forward` is written in. `import * as nd from '../ndarray'`. */
import type { ArithmeticOp, CompareOp, DType, ReduceOp, Shape, UnaryOp } from '../backends/backend';
import { DTypeError, ShapeError, ValueError } from '../backends/errors';
import { array, empty, onCpu } from './create';
import { assertSameDevice, NDArray } from './ndarray';
import { broadcastShapes, normalizeAxes, normalizeAxis, sameShape } from './shape';

/** An array or a plain number; a number takes the array's dtype. @since 28 */
export type NDOperand = NDArray | number;

/** Which axes to reduce (default all), and whether they stay with size 1 (default no). @since 28 */
export interface ReduceOptions {
  readonly axis?: number | readonly number[] | null;
  readonly keepdims?: boolean;
}

const rank: Record<DType, number> = { bool: 0, int32: 1, float32: 2, float64: 3 };

/** The dtype two arrays have in common: the wider. @since 28 */
export function commonDType(a: DType, b: DType): DType {
  return rank[a] >= rank[b] ? a : b;
}

/** True for float32 and float64, whose numbers may have a fraction, and so a derivative. @since 28 */
export function isFloat(dtype: DType): boolean {
  return dtype === 'float32' || dtype === 'float64';
}

/** float32 and float64 stay, int32 and bool become float64. @since 28 */
export function asFloat(x: NDArray): NDArray {
  return isFloat(x.dtype) ? x : x.astype('float64');
}

function unary(op: UnaryOp, x: NDArray): NDArray {
  x.assertAlive(op);
  const out = empty(x.shape, x.dtype, x.device);
  x.storage.backend.unary(op, x, out);
  return out;
}

const floatUnary = (op: UnaryOp) => (x: NDArray): NDArray => unary(op, asFloat(x)); // prettier-ignore
const anyUnary = (op: UnaryOp) => (x: NDArray): NDArray => unary(op, x.dtype === 'bool' ? x.astype('int32') : x); // prettier-ignore

/** −x. @since 28 */
export const neg = anyUnary('neg');
/** eˣ. @since 28 */
export const exp = floatUnary('exp');
/** Natural logarithm. @since 28 */
export const log = floatUnary('log');
/** Sine of radians. @since 28 */
export const sin = floatUnary('sin');
/** Cosine of radians. @since 28 */
export const cos = floatUnary('cos');
/** Hyperbolic tangent. @since 28 */
export const tanh = floatUnary('tanh');
/** Square root. @since 28 */
export const sqrt = floatUnary('sqrt');
/** x². @since 28 */
export const square = anyUnary('square');
/** |x|. @since 28 */
export const abs = anyUnary('abs');
/** −1, 0 or 1. @since 28 */
export const sign = anyUnary('sign');
/** Largest whole number not above x. @since 28 */
export const floor = anyUnary('floor');
/** 1 / (1 + e⁻ˣ), without overflow for any x. @since 28 */
export const sigmoid = floatUnary('sigmoid');
/** max(x, 0). @since 28 */
export const relu = anyUnary('relu');
/** Not, for bool. @since 28 */
export function not(x: NDArray): NDArray {
  return unary('not', x.astype('bool'));
}

function binary(op: ArithmeticOp | CompareOp, a: NDOperand, b: NDOperand, compare: boolean): NDArray {
  if (
    a instanceof NDArray &&
    b instanceof NDArray &&
    a.dtype === b.dtype &&
    isFloat(a.dtype) &&
    sameShape(a.shape, b.shape)
  ) {
    // The usual case, with nothing to convert or broadcast, made quick: half of what an operation on single numbers costs is spent here.
    const { backend, freed } = a.storage;
    if (backend === b.storage.backend && !freed && !b.storage.freed) {
      const out = empty(a.shape, compare ? 'bool' : a.dtype, backend.name);
      backend.binary(op, a, b, out);
      return out;
    }
  }
  const arrays = [a, b].filter((x) => x instanceof NDArray);
  if (arrays.length === 0) return binary(op, array(a), b, compare);
  assertSameDevice(op, arrays);
  let dtype = arrays.length === 2 ? commonDType(arrays[0].dtype, arrays[1].dtype) : arrays[0].dtype;
  const whole = !isFloat(dtype);
  const fraction = [a, b].some((x) => typeof x === 'number' && !Number.isInteger(x));
  const inverse = op === 'div' || (op === 'pow' && (b instanceof NDArray || b < 0));
  if (whole && (fraction || inverse)) dtype = 'float64';
  else if (dtype === 'bool') dtype = 'int32';
  const shape = arrays.length === 2 ? broadcastShapes(op, arrays[0].shape, arrays[1].shape) : arrays[0].shape;
  const view = (x: NDOperand): NDOperand => {
    if (typeof x === 'number') return x;
    const same = x.astype(dtype);
    return sameShape(same.shape, shape) ? same : same.broadcastTo(shape);
  };
  const out = empty(shape, compare ? 'bool' : dtype, arrays[0].device);
  out.storage.backend.binary(op, view(a), view(b), out);
  return out;
}

const arithmetic = (op: ArithmeticOp) => (a: NDOperand, b: NDOperand): NDArray => binary(op, a, b, false); // prettier-ignore
const comparison = (op: CompareOp) => (a: NDOperand, b: NDOperand): NDArray => binary(op, a, b, true); // prettier-ignore

/** a + b, broadcast. @since 28 */
export const add = arithmetic('add');
/** a − b, broadcast. @since 28 */
export const sub = arithmetic('sub');
/** a · b, element by element, broadcast. @since 28 */
export const mul = arithmetic('mul');
/** a / b, broadcast. @since 28 */
export const div = arithmetic('div');
/** a to the power b, broadcast. @since 28 */
export const pow = arithmetic('pow');
/** The larger of a and b, broadcast. @since 28 */
export const maximum = arithmetic('maximum');
/** The smaller of a and b, broadcast. @since 28 */
export const minimum = arithmetic('minimum');
/** a where b > 0, else 0. @since 28 */
export const gate = arithmetic('gate');
/** gy·y·(1 − y): the gradient of sigmoid from what came out. @since 48 */
export const sigmoidGradient = arithmetic('sigmoidGradient');
/** gy·(1 − y²): the gradient of tanh from what came out. @since 48 */
export const tanhGradient = arithmetic('tanhGradient');
/** a = b, as bool. @since 28 */
export const equal = comparison('equal');
/** a < b, as bool. @since 28 */
export const less = comparison('less');
/** a ≤ b, as bool. @since 28 */
export const lessEqual = comparison('lessEqual');
/** a > b, as bool. @since 28 */
export const greater = (a: NDOperand, b: NDOperand): NDArray => less(b, a);

/** a where mask is true, else b; all three broadcast. @since 28 */
export function where(mask: NDArray, a: NDOperand, b: NDOperand): NDArray {
  const arrays = [a, b].filter((x) => x instanceof NDArray);
  assertSameDevice('where', [mask, ...arrays]);
  const dtype = arrays.map((x) => x.dtype).reduce(commonDType, arrays.length ? 'bool' : 'float64');
  const shape = arrays.reduce((s, x) => broadcastShapes('where', s, x.shape), mask.shape);
  const view = (x: NDOperand) => (typeof x === 'number' ? x : x.astype(dtype).broadcastTo(shape));
  const out = empty(shape, dtype, mask.device);
  out.storage.backend.where(mask.astype('bool').broadcastTo(shape), view(a), view(b), out);
  return out;
}

function reduce(op: ReduceOp, x: NDArray, options: ReduceOptions): NDArray {
  x.assertAlive(op);
  if (typeof options !== 'object')
    throw new ValueError(
      `${op}: options come in braces: write { axis: ${String(options)} } instead of ${String(options)}`,
    );
  const { axis, keepdims = false } = options;
  const source = x.dtype === 'bool' ? x.astype('int32') : x;
  const axes = normalizeAxes(op, axis, x.shape.length);
  if (op !== 'sum' && axes.some((i) => x.shape[i] === 0)) {
    throw new ValueError(`${op}: an axis of size 0 has no ${op}imum; shape (${x.shape.join(', ')})`);
  }
  const kept = x.shape.map((n, i) => (axes.includes(i) ? 1 : n));
  const out = empty(kept, source.dtype, x.device);
  x.storage.backend.reduce(op, source, axes, out);
  return keepdims ? out : out.reshape(x.shape.filter((_, i) => !axes.includes(i)));
}

/** Sum along axes. @since 28 */
export const sum = (x: NDArray, options: ReduceOptions = {}): NDArray => reduce('sum', x, options);
/** Largest element along axes. @since 28 */
export const max = (x: NDArray, options: ReduceOptions = {}): NDArray => reduce('max', x, options);
/** Smallest element along axes. @since 28 */
export const min = (x: NDArray, options: ReduceOptions = {}): NDArray => reduce('min', x, options);
/** Mean along axes. @since 28 */
export function mean(x: NDArray, options: ReduceOptions = {}): NDArray {
  const total = sum(asFloat(x), options);
  return div(total, x.size / Math.max(1, total.size));
}

/** Position of the first largest element along an axis (default the last), int32. @since 28 */
export function argMax(
  x: NDArray,
  { axis = -1, keepdims = false }: { axis?: number; keepdims?: boolean } = {},
): NDArray {
  x.assertAlive('argMax');
  const at = normalizeAxis('argMax', axis, x.shape.length);
  if (x.shape[at] === 0)
    throw new ValueError(`argMax: an axis of size 0 has no maximum; shape (${x.shape.join(', ')})`);
  const out = empty(x.shape.map((n, i) => (i === at ? 1 : n)), 'int32', x.device); // prettier-ignore
  x.storage.backend.argMax(x, at, out);
  return keepdims ? out : out.reshape(x.shape.filter((_, i) => i !== at));
}

/** Matrix product (…, M, K)·(…, K, N), plus `bias` of shape (N) if given; leading axes broadcast. @since 28 */
export function matmul(a: NDArray, b: NDArray, bias: NDArray | null = null): NDArray {
  assertSameDevice('matmul', bias ? [a, b, bias] : [a, b]);
  if (a.shape.length < 2 || b.shape.length < 2) {
    throw new ShapeError(
      'matmul',
      [a.shape, b.shape],
      'both need two axes, (M, K) and (K, N); reshape a vector to (1, K) or (K, 1)',
    );
  }
  const [M, K] = a.shape.slice(-2);
  const [K2, N] = b.shape.slice(-2);
  if (K !== K2) {
    throw new ShapeError(
      'matmul',
      [a.shape, b.shape],
      `the inner sizes ${K} and ${K2} must be equal: (M, K)·(K, N) gives (M, N)`,
    );
  }
  if (bias && !sameShape(bias.shape, [N])) {
    throw new ShapeError('matmul', [b.shape, bias.shape], `the bias must have shape (${N},)`);
  }
  const lead = broadcastShapes('matmul', a.shape.slice(0, -2), b.shape.slice(0, -2));
  const dtype = commonDType(commonDType(a.dtype, b.dtype), bias?.dtype ?? 'bool');
  const as = (x: NDArray) => x.astype(dtype === 'bool' ? 'int32' : dtype);
  const out = empty([...lead, M, N], as(a).dtype, a.device);
  out.storage.backend.matmul(
    as(a).broadcastTo([...lead, M, K]),
    as(b).broadcastTo([...lead, K, N]),
    bias && as(bias),
    out,
  );
  return out;
}

/** Arrays joined along an axis that they have already. @since 28 */
export function concat(xs: readonly NDArray[], { axis = 0 }: { axis?: number } = {}): NDArray {
  const first = xs[0];
  if (!first) throw new ValueError('concat: needs at least one array');
  assertSameDevice('concat', xs);
  const at = normalizeAxis('concat', axis, first.shape.length);
  for (const x of xs) {
    if (x.shape.length !== first.shape.length || x.shape.some((n, i) => i !== at && n !== first.shape[i])) {
      throw new ShapeError('concat', [first.shape, x.shape], `all sizes but that of axis ${at} must be equal`);
    }
  }
  const total = xs.reduce((n, x) => n + x.shape[at], 0);
  const dtype = xs.map((x) => x.dtype).reduce(commonDType);
  const out = empty(first.shape.map((n, i) => (i === at ? total : n)), dtype, first.device); // prettier-ignore
  let from = 0;
  for (const x of xs) {
    const to = from + x.shape[at];
    assign(out.slice(out.shape.map((_, i) => (i === at ? { from, to } : {}))), x);
    from = to;
  }
  return out;
}

/** Writes x into the elements that the view `into` reads. @since 28 */
export function assign(into: NDArray, x: NDOperand): void {
  if (typeof x === 'number') return assign(into, array(x, { dtype: into.dtype }));
  assertSameDevice('assign', [into, x]);
  const from = x.storage === into.storage ? copy(x) : x; // reading and writing one memory could mix up
  from.storage.backend.copy(from.broadcastTo(into.shape), into);
}

/** Adds x to a contiguous array of its shape and dtype, in place. @since 28 */
export function addTo(sum: NDArray, x: NDArray): void {
  assertSameDevice('addTo', [sum, x]);
  sum.storage.backend.accumulate(x, sum);
}

/** A contiguous copy. @since 28 */
export function copy(x: NDArray): NDArray {
  x.assertAlive('copy');
  const out = empty(x.shape, x.dtype, x.device);
  x.storage.backend.copy(x, out);
  return out;
}

function checkIndices(operation: string, indices: NDArray): NDArray {
  if (indices.dtype !== 'int32') throw new DTypeError(`${operation}: indices must be int32, not ${indices.dtype}`);
  return indices;
}

/** Whole numbers of any kind as an int32 array; anything else is refused. @since 28 */
export function asIndices(operation: string, x: NDArray | readonly number[]): NDArray {
  const numbers = Array.isArray(x) ? x.every((one) => typeof one === 'number') : ArrayBuffer.isView(x);
  if (!numbers && !(x instanceof NDArray)) {
    throw new DTypeError(`${operation}: expected whole numbers, in a list or an NDArray, got ${JSON.stringify(x)}`);
  }
  const indices = x instanceof NDArray ? x : onCpu(Float64Array.from(x));
  if (indices.dtype === 'int32') return indices;
  const whole = indices.device !== 'cpu' || indices.values.every((value: number) => Number.isInteger(value));
  if (!whole) throw new DTypeError(`${operation}: expected whole numbers, got ${indices.dtype} with a fraction`);
  return indices.astype('int32');
}

/** x at the positions `indices` (int32, one axis) along `axis`. @since 28 */
export function gather(x: NDArray, axis: number, indices: NDArray): NDArray {
  assertSameDevice('gather', [x, checkIndices('gather', indices)]);
  const out = empty(x.shape.map((n, i) => (i === axis ? indices.size : n)), x.dtype, x.device); // prettier-ignore
  x.storage.backend.gather(x, axis, indices, out);
  return out;
}

/** Zeros of `shape` with x added at the positions `indices` along `axis`: the adjoint of gather. @since 28 */
export function scatterAdd(x: NDArray, axis: number, indices: NDArray, shape: Shape): NDArray {
  assertSameDevice('scatterAdd', [x, checkIndices('scatterAdd', indices)]);
  const out = empty(shape, x.dtype, x.device);
  out.storage.backend.fill(0, out);
  out.storage.backend.scatterAdd(x, axis, indices, out);
  return out;
}
