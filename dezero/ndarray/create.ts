import type { DeviceName, DType, Shape, TypedArray } from '../backends/backend';
import { DTypeError, ShapeError, ValueError } from '../backends/errors';
import { getBackend, openDevice, setMixedPrecision } from '../backends/registry';
import { NDArray, provideCopy, type Nested } from './ndarray';
import { Generator } from './random';
import { currentScope, isPooled, own } from './scope';
import { sizeOf } from './shape';

/** What `array` takes. @since 28 */
export type ArrayLike = number | boolean | readonly ArrayLike[] | TypedArray | NDArray;

/** Element type and shape for a new array. @since 28 */
export interface ArrayOptions {
  readonly dtype?: DType;
  readonly shape?: Shape;
}

let device: DeviceName = 'cpu';

/** How a device is to work. @since 48 */
export interface DeviceOptions {
  /**
   * Mixed precision: the gpu multiplies matrices and convolves in numbers of 16 bits, and adds up in 32; arrays, parameters among them, are
   * float32 as ever. Gradients may be too small for 16 bits: see LossScaler. Default false.
   * @since 48
   */
  readonly mixedPrecision?: boolean;
}

/**
 * Where `array`, `zeros`, … and new parameters are made from now on: `await setDevice('gpu')`. 'auto' takes a gpu if there is a real one, else
 * the cpu. Returns which it is.
 * @throws DeviceError that says why there is no gpu, or no mixed precision on it.
 * @example
 * await setDevice('cpu'); // 'auto' takes a gpu where there is one
 * // → cpu
 * @since 48
 */
export async function setDevice(
  name: DeviceName | 'auto',
  { mixedPrecision = false }: DeviceOptions = {},
): Promise<DeviceName> {
  const opened = await openDevice(name);
  setMixedPrecision(opened, mixedPrecision);
  device = opened;
  return device;
}

/** New memory on a device; the innermost scope answers for it. @since 28 */
export function empty(shape: Shape, dtype: DType, on: DeviceName = device): NDArray {
  if (shape.some((n) => !Number.isInteger(n) || n < 0)) {
    throw new ShapeError('array', [shape], 'sizes are whole numbers from 0 on');
  }
  const scope = currentScope();
  const storage = getBackend(on).alloc(dtype, sizeOf(shape), scope !== null);
  scope?.adopt(storage);
  return new NDArray(storage, shape);
}

/** New pooled memory that no scope answers for: give it back with `release`. @since 28 */
export function emptyPooled(shape: Shape, dtype: DType): NDArray {
  const storage = getBackend('cpu').alloc(dtype, sizeOf(shape), true);
  own(storage);
  return new NDArray(storage, shape);
}

const LEAST_RESIDENT = 1024; // elements

/**
 * An array that lives long, such as a parameter, in memory where its device works on it in place: itself if it lies there, else a copy. It
 * belongs to whoever holds it (`entrust`), or to the garbage collector.
 * @since 28
 */
export function resident(x: NDArray): NDArray {
  if (x.device !== 'cpu' || x.size < LEAST_RESIDENT || isPooled(x.storage)) return x;
  const home = emptyPooled(x.shape, x.dtype);
  x.storage.backend.copy(x, home);
  return home;
}

function dtypeOf(values: TypedArray): DType {
  if (values instanceof Float64Array) return 'float64';
  return values instanceof Float32Array ? 'float32' : 'int32';
}

/** An empty typed array for a dtype. @since 28 */
export function typedArray(dtype: DType, length: number): TypedArray {
  if (dtype === 'float64') return new Float64Array(length);
  if (dtype === 'float32') return new Float32Array(length);
  return dtype === 'int32' ? new Int32Array(length) : new Uint8Array(length);
}

/**
 * An array from numbers: a number, nested arrays (float64; booleans bool), a typed array (its own dtype, not copied where
 * it fits; Uint8Array gives int32) or another array.
 * @throws ShapeError if nested arrays are ragged or `shape` does not fit; DTypeError for what is no number.
 * @example
 * array([[1, 2], [3, 4]]);
 * // → array([[1 2]
 * //          [3 4]])
 * array([1, 2, 3, 4], { shape: [2, 2], dtype: 'float32' }).dtype; // → float32
 * @since 28
 */
export function array(data: ArrayLike, options: ArrayOptions = {}): NDArray {
  if (data instanceof NDArray) {
    const x = options.dtype ? data.astype(options.dtype) : data;
    return options.shape ? x.reshape(options.shape) : x;
  }
  const { values, shape } = ArrayBuffer.isView(data) ? adopt(data, options.dtype) : flatten(data, options.dtype);
  const dtype = options.dtype ?? (values instanceof Uint8Array ? 'bool' : dtypeOf(values));
  const to = options.shape ?? shape;
  if (sizeOf(to) !== values.length) {
    throw new ShapeError('array', [shape, to], `${values.length} elements cannot be laid out as the second`);
  }
  return upload(device, dtype, values, to);
}

/** Typed values as an array: on the cpu around these values themselves, elsewhere around a copy, which the innermost scope answers for. */
function upload(to: DeviceName, dtype: DType, values: TypedArray, shape: Shape): NDArray {
  const storage = getBackend(to).upload(dtype, values);
  if (to !== 'cpu') currentScope()?.adopt(storage);
  return new NDArray(storage, shape);
}

/** Numbers as an array on the cpu, whatever the current device is. @since 28 */
export function onCpu(values: TypedArray): NDArray {
  return upload('cpu', dtypeOf(values), values, [values.length]);
}

function adopt(data: TypedArray, dtype: DType | undefined): { values: TypedArray; shape: Shape } {
  const wanted = dtype ?? dtypeOf(data);
  const values = typedArray(wanted, 0);
  const fits = data.constructor === values.constructor && wanted !== 'bool';
  return { values: fits ? data : convert(data, wanted), shape: [data.length] };
}

function convert(data: ArrayLikeNumbers, dtype: DType): TypedArray {
  const values = typedArray(dtype, data.length);
  for (let i = 0; i < data.length; i++) values[i] = dtype === 'bool' ? Number(data[i] !== 0) : data[i];
  return values;
}

interface ArrayLikeNumbers {
  readonly length: number;
  readonly [i: number]: number;
}

function flatten(data: ArrayLike, dtype: DType | undefined): { values: TypedArray; shape: Shape } {
  const shape: number[] = [];
  for (let level: unknown = data; Array.isArray(level); level = level[0]) shape.push(level.length);
  const numbers: number[] = [];
  let booleans = 0;
  const visit = (item: unknown, axis: number): void => {
    if (Array.isArray(item)) {
      if (axis >= shape.length) throw new ShapeError('array', [shape], 'numbers and arrays are mixed at one depth');
      if (item.length !== shape[axis]) {
        throw new ShapeError(
          'array',
          [shape],
          `nested arrays must have equal lengths, but one at depth ${axis} has ${item.length}`,
        );
      }
      for (const inner of item) visit(inner, axis + 1);
      return;
    }
    if (typeof item === 'boolean') booleans++;
    else if (typeof item !== 'number') {
      const what =
        item === null ? 'null' : typeof item === 'object' ? (item?.constructor?.name ?? 'object') : typeof item;
      throw new DTypeError(
        `array: expected numbers (or booleans), got ${what}; give a number, nested arrays, a typed array or an NDArray`,
      );
    }
    if (axis !== shape.length) throw new ShapeError('array', [shape], 'numbers and arrays are mixed at one depth');
    numbers.push(Number(item));
  };
  visit(data, 0);
  const allBooleans = booleans > 0 && booleans === numbers.length;
  return { values: convert(numbers, dtype ?? (allBooleans ? 'bool' : 'float64')), shape };
}

/**
 * An array filled with one value. Default float64.
 * @example
 * full([3], 7); // → array([7 7 7])
 * @since 28
 */
export function full(
  shape: Shape,
  value: number,
  { dtype = 'float64', device: on = device }: { dtype?: DType; device?: DeviceName } = {},
): NDArray {
  const out = empty(shape, dtype, on);
  out.storage.backend.fill(value, out);
  return out;
}

/**
 * Zeros. Default float64.
 * @example
 * zeros([3], { dtype: 'float32' }); // → array([0 0 0])
 * @since 28
 */
export function zeros(shape: Shape, options: { dtype?: DType } = {}): NDArray {
  return full(shape, 0, options);
}

/**
 * Ones. Default float64.
 * @example
 * ones([2, 3]);
 * // → array([[1 1 1]
 * //          [1 1 1]])
 * @since 28
 */
export function ones(shape: Shape, options: { dtype?: DType } = {}): NDArray {
  return full(shape, 1, options);
}

/**
 * 0, 1, …, n − 1. Default float64.
 * @example
 * arange(5); // → array([0 1 2 3 4])
 * @since 28
 */
export function arange(
  n: number,
  { dtype = 'float64', device: on = device }: { dtype?: DType; device?: DeviceName } = {},
): NDArray {
  const values = typedArray(dtype, n);
  for (let i = 0; i < n; i++) values[i] = i;
  return upload(on, dtype, values, [n]);
}

/**
 * Numbers from the standard normal distribution; the same seed gives the same numbers. Default float64.
 * @example
 * randn([2, 2], { seed: 0 });
 * // → array([[-0.99178679   1.0524281]
 * //          [-0.17789237   1.2317721]])
 * @since 28
 */
export function randn(shape: Shape, { seed, dtype = 'float64' }: { seed: number; dtype?: DType }): NDArray {
  return new Generator(seed).fill('normal', empty(shape, dtype));
}

/**
 * Numbers uniform in [0, 1). Default float64.
 * @example
 * rand([3], { seed: 0 }); // → array([0.41724813 0.45172655 0.42823936])
 * @since 28
 */
export function rand(shape: Shape, { seed, dtype = 'float64' }: { seed: number; dtype?: DType }): NDArray {
  return new Generator(seed).fill('uniform', empty(shape, dtype));
}

provideCopy(
  (x, dtype) => {
    x.assertAlive('copy');
    if (!x.storage.backend.dtypes.includes(dtype)) {
      throw new DTypeError(
        `the ${x.device} has no ${dtype}; convert with x.astype('float32') before x.to('${x.device}')`,
      );
    }
    const out = empty(x.shape, dtype, x.device);
    x.storage.backend.copy(x, out);
    return out;
  },
  (x, to) => {
    x.assertAlive('to');
    if (x.device === to) return to === 'cpu' ? Promise.resolve(x) : x;
    const backend = getBackend(to);
    if (!backend.dtypes.includes(x.dtype)) {
      throw new DTypeError(`the ${to} has no ${x.dtype}; convert with x.astype('float32') first`);
    }
    const wrap = (values: TypedArray) => upload(to, x.dtype, values, x.shape);
    return to === 'cpu' ? x.storage.backend.download(x).then(wrap) : wrap(x.values);
  },
);

/** A whole number from 0 on, or a ValueError that names the setting. @since 28 */
export function checkCount(name: string, value: number, least = 0): number {
  if (!Number.isInteger(value) || value < least)
    throw new ValueError(`${name} must be a whole number from ${least} on, not ${value}`);
  return value;
}

export type { Nested };
