import type { DeviceName, DType, Shape, Storage, TypedArray, View } from '../backends/backend';
import { DeviceError, FreedError, ShapeError, ValueError } from '../backends/errors';
import { format } from './print';
import { isContiguous, normalizeAxis, resolveShape, reshapedStrides, rowMajorStrides, sizeOf } from './shape';

/** Nested arrays of numbers, as `toNested` gives them. @since 28 */
export type Nested = number | Nested[];

/** A piece of an axis: `{ from, to, step }`; `to` is left out, negative counts from the end. @since 28 */
export interface Slice {
  readonly from?: number;
  readonly to?: number;
  readonly step?: number;
}

/** What to take along one axis: a position (the axis goes) or a piece (it stays). @since 28 */
export type AxisIndex = number | Slice;

/**
 * An n-dimensional array: a buffer, read through a shape and strides.
 *
 * Element (i, j, …) is at `offset + i·strides[0] + j·strides[1] + …` of the storage. `reshape`, `transpose`, `slice` and
 * `broadcastTo` give views of the same memory: writing through one is seen through the others.
 * @example
 * const x = array([[1, 2, 3], [4, 5, 6]]);
 * x.shape; // → [ 2, 3 ]
 * x.slice([0, { from: 1 }]); // → array([2 3])
 * @since 28
 */
export class NDArray implements View {
  /** Made by `array`, `zeros`, … and by the operations; seldom by hand. @since 28 */
  constructor(
    readonly storage: Storage,
    readonly shape: Shape,
    readonly strides: readonly number[] = rowMajorStrides(shape),
    readonly offset = 0,
  ) {}

  /** What one element is. @since 28 */
  get dtype(): DType {
    return this.storage.dtype;
  }

  /** Where the memory lies. @since 28 */
  get device(): DeviceName {
    return this.storage.backend.name;
  }

  /** Number of elements. @since 28 */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** Throws if the memory has been given back by a scope. @since 28 */
  assertAlive(operation: string): this {
    if (this.storage.freed) {
      throw new FreedError(
        `${operation}: this array of shape (${this.shape.join(', ')}) was freed when its memory scope ended; ` +
          'pass it to keep(…) inside the scope if it is needed afterwards',
      );
    }
    return this;
  }

  /**
   * The same elements in another shape; one size may be −1. A view where the memory allows, else a copy.
   * @example
   * arange(6).reshape([2, -1]);
   * // → array([[0 1 2]
   * //          [3 4 5]])
   * @since 28
   */
  reshape(shape: Shape): NDArray {
    const to = resolveShape(this.shape, shape);
    const strides = reshapedStrides(this, to);
    return strides ? new NDArray(this.storage, to, strides, this.offset) : contiguousCopy(this).reshape(to);
  }

  /**
   * A view with the axes in another order, reversed if none is given: `transpose([0, 2, 1])`.
   * @example
   * array([[1, 2, 3], [4, 5, 6]]).transpose();
   * // → array([[1 4]
   * //          [2 5]
   * //          [3 6]])
   * @since 28
   */
  transpose(axes?: readonly number[]): NDArray {
    const dimensions = this.shape.length;
    const order = axes
      ? axes.map((axis) => normalizeAxis('transpose', axis, dimensions))
      : this.shape.map((_, i) => dimensions - 1 - i);
    if (order.length !== dimensions || new Set(order).size !== dimensions) {
      throw new ShapeError('transpose', [this.shape, order], 'the axes must name each axis of the array once');
    }
    const pick = (list: readonly number[]) => order.map((axis) => list[axis]);
    return new NDArray(this.storage, pick(this.shape), pick(this.strides), this.offset);
  }

  /**
   * A view of a piece: `slice([1, { from: 0, to: 2 }])` is x[1, 0:2]. Axes not named are taken whole.
   * @example
   * const x = array([[1, 2, 3], [4, 5, 6]]);
   * x.slice(1); // → array([4 5 6])
   * x.slice([{}, { from: 0, to: 2 }]);
   * // → array([[1 2]
   * //          [4 5]])
   * @since 28
   */
  slice(index: AxisIndex | readonly AxisIndex[]): NDArray {
    const indices = Array.isArray(index) ? (index as readonly AxisIndex[]) : [index as AxisIndex];
    if (indices.length > this.shape.length) {
      throw new ValueError(`slice: ${indices.length} indices for an array of shape (${this.shape.join(', ')})`);
    }
    const shape: number[] = [];
    const strides: number[] = [];
    let offset = this.offset;
    this.shape.forEach((n, axis) => {
      const at = axis < indices.length ? indices[axis] : {};
      const stride = this.strides[axis];
      if (typeof at === 'number') {
        if (!Number.isInteger(at) || at < -n || at >= n) {
          throw new ValueError(`slice: index ${at} is out of range for axis ${axis} of size ${n}`);
        }
        offset += (at < 0 ? at + n : at) * stride;
        return;
      }
      const { from, count, step } = resolveSlice(at, n);
      offset += from * stride;
      shape.push(count);
      strides.push(step * stride);
    });
    return new NDArray(this.storage, shape, strides, offset);
  }

  /**
   * A view that repeats axes of size 1 (and adds leading ones) up to `shape`.
   * @example
   * array([1, 2]).broadcastTo([3, 2]);
   * // → array([[1 2]
   * //          [1 2]
   * //          [1 2]])
   * @since 28
   */
  broadcastTo(shape: Shape): NDArray {
    const lead = shape.length - this.shape.length;
    const strides = shape.map((n, i) => {
      if (i < lead) return 0;
      if (this.shape[i - lead] === n) return this.strides[i - lead];
      if (this.shape[i - lead] === 1) return 0;
      throw new ShapeError('broadcastTo', [this.shape, shape], 'an axis must have the wanted size, or size 1');
    });
    if (lead < 0) throw new ShapeError('broadcastTo', [this.shape, shape], 'broadcasting cannot drop axes');
    return new NDArray(this.storage, shape, strides, this.offset);
  }

  /**
   * The same numbers with another element type: a copy, or the array itself if nothing changes.
   * @example
   * array([1.9, -1.9]).astype('int32'); // → array([ 1 -1])
   * @since 28
   */
  astype(dtype: DType): NDArray {
    return dtype === this.dtype ? this : copyAs(this, dtype);
  }

  /** Moves to a device. To the gpu it returns at once; to the cpu it must be awaited. @since 48 */
  to(device: 'gpu'): NDArray;
  to(device: 'cpu'): Promise<NDArray>;
  to(device: DeviceName): NDArray | Promise<NDArray>;
  to(device: DeviceName): NDArray | Promise<NDArray> {
    return moveTo(this, device);
  }

  /**
   * The elements in order, as a typed array: the memory itself if it is contiguous, else a copy. Cpu only.
   * @example
   * array([[1, 2], [3, 4]]).values; // → Float64Array(4) [ 1, 2, 3, 4 ]
   * @since 28
   */
  get values(): TypedArray {
    return this.assertAlive('values').storage.backend.read(this);
  }

  /** The one number of an array of size 1. Cpu only. @since 28 */
  item(): number {
    if (this.size !== 1) {
      throw new ShapeError('item', [this.shape], 'only an array of one element is a number; index it or sum it first');
    }
    return this.values[0];
  }

  /**
   * Nested JavaScript arrays (bool as 0 and 1). Cpu only.
   * @example
   * array([[1, 2], [3, 4]]).toNested(); // → [ [ 1, 2 ], [ 3, 4 ] ]
   * @since 28
   */
  toNested(): Nested {
    const { values, shape } = this;
    let at = 0;
    const nest = (axis: number): Nested =>
      axis === shape.length ? values[at++] : Array.from({ length: shape[axis] }, () => nest(axis + 1));
    return nest(0);
  }

  /** The numbers in brackets, in columns; large arrays are abbreviated. @since 28 */
  toString(): string {
    if (this.device !== 'cpu') return `array on ${this.device}, shape (${this.shape.join(', ')}), ${this.dtype}`;
    return format(this.values, this.shape, this.dtype);
  }

  /** What `console.log` shows under Node. @since 28 */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `array(${this.toString().replaceAll('\n', '\n      ')})`;
  }

  /** True if the elements lie one after the other. @since 28 */
  get contiguous(): boolean {
    return isContiguous(this);
  }
}

/** Where a slice begins, how many elements it has and how far apart they are. @since 28 */
export function resolveSlice(slice: Slice, n: number): { from: number; count: number; step: number } {
  const step = slice.step ?? 1;
  if (!Number.isInteger(step) || step === 0)
    throw new ValueError(`slice: step must be a whole number but 0, not ${step}`);
  const place = (at: number | undefined, otherwise: number) => {
    if (at === undefined) return otherwise;
    if (!Number.isInteger(at)) throw new ValueError(`slice: ${at} is not a whole number`);
    const low = step > 0 ? 0 : -1;
    return Math.min(Math.max(at < 0 ? at + n : at, low), low + n);
  };
  const from = place(slice.from, step > 0 ? 0 : n - 1);
  const to = place(slice.to, step > 0 ? n : -1);
  return { from, count: Math.max(0, Math.ceil((to - from) / step)), step };
}

// The three below need to allocate; `ops.ts` provides them, so that views stay free of it.
type Copy = (x: NDArray, dtype: DType) => NDArray;
type Move = (x: NDArray, device: DeviceName) => NDArray | Promise<NDArray>;
let copyAs: Copy;
let moveTo: Move;
const contiguousCopy = (x: NDArray) => copyAs(x, x.dtype);

/** Gives NDArray its ways to copy. Called once, by `create.ts`. @since 28 */
export function provideCopy(copy: Copy, move: Move): void {
  copyAs = copy;
  moveTo = move;
}

/** x for what lies on `device`: from the cpu it goes along, which does not wait; what lies on the gpu stays there. @since 28 */
export function goAlong(x: NDArray, device: DeviceName): NDArray {
  return device === 'gpu' && x.device === 'cpu' ? (moveTo(x, device) as NDArray) : x; // only to the cpu it is a promise
}

/** An error in words if arrays lie on different devices. @since 28 */
export function assertSameDevice(operation: string, arrays: readonly NDArray[]): void {
  const first = arrays[0];
  for (const x of arrays) {
    x.assertAlive(operation);
    if (first && x.storage.backend !== first.storage.backend) {
      throw new DeviceError(
        `${operation}: one array is on the ${first.device}, another on the ${x.device}; move one with x.to('${first.device}')`,
      );
    }
  }
}
