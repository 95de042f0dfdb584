import { asVariable, Func, register, type Grad, type Operand, type Variable } from '../core';
import * as nd from '../ndarray';
import { NDArray, type AxisIndex, type Shape } from '../ndarray';

/** y = x in another shape; gx = gy in x's. @since 33 */
export class Reshape extends Func {
  /** One size may be −1. @since 33 */
  constructor(readonly shape: Shape) {
    super();
  }
  override forward(x: NDArray): NDArray {
    return x.reshape(this.shape);
  }
  override backward(gy: Variable): Variable {
    return reshape(gy, this.input(0).shape);
  }
}

/**
 * The same elements in another shape; one size may be −1, "whatever is left".
 * @example
 * F.reshape(variable([1, 2, 3, 4, 5, 6]), [2, -1]);
 * // → variable([[1 2 3]
 * //             [4 5 6]])
 * @since 33
 */
export function reshape(x: Operand, shape: Shape): Variable {
  return new Reshape(shape).call(x);
}

/**
 * Each sample as one row: (N, C, H, W) → (N, C·H·W).
 * @example
 * F.flatten(zeros([10, 3, 4, 4])).shape; // → [ 10, 48 ]
 * @since 42
 */
export function flatten(x: Operand): Variable {
  const v = asVariable(x);
  return reshape(v, [v.shape[0] ?? 1, -1]);
}

/** y = x with its axes in another order; gx = gy with them back. @since 33 */
export class Transpose extends Func {
  /** Reversed if not given. @since 33 */
  constructor(readonly axes?: readonly number[]) {
    super();
  }
  override forward(x: NDArray): NDArray {
    return x.transpose(this.axes);
  }
  override backward(gy: Variable): Variable {
    const axes = this.axes?.map((axis) => (axis < 0 ? axis + gy.ndim : axis));
    return transpose(gy, axes && axes.map((_, i) => axes.indexOf(i)));
  }
}

/**
 * Axes in another order, reversed if none is given.
 * @example
 * F.transpose(variable([[1, 2, 3], [4, 5, 6]]));
 * // → variable([[1 4]
 * //             [2 5]
 * //             [3 6]])
 * F.transpose(zeros([2, 3, 4]), [1, 0, 2]).shape; // → [ 3, 2, 4 ]
 * @since 33
 */
export function transpose(x: Operand, axes?: readonly number[]): Variable {
  return new Transpose(axes).call(x);
}

/** A position, a piece, or a list of positions, along one axis. @since 33 */
export type Index = AxisIndex | readonly number[] | Int32Array | NDArray;

function isPositions(index: Index): index is readonly number[] | Int32Array | NDArray {
  return Array.isArray(index) || index instanceof Int32Array || index instanceof NDArray;
}

/** y = pieces of x by numbers and slices; gx = zeros with gy put there. @since 33 */
export class Slicing extends Func {
  /** One entry an axis. @since 33 */
  constructor(readonly index: readonly AxisIndex[]) {
    super();
  }
  override forward(x: NDArray): NDArray {
    return x.slice(this.index);
  }
  override backward(gy: Variable): Variable {
    return new Unslicing(this.index, this.input(0).shape).call(gy);
  }
}

/** y = zeros of a shape with x put at an index: the adjoint of slicing. @since 33 */
export class Unslicing extends Func {
  /** The index, and the shape of the whole. @since 33 */
  constructor(
    readonly index: readonly AxisIndex[],
    readonly shape: Shape,
  ) {
    super();
  }
  override forward(x: NDArray): NDArray {
    const y = nd.full(this.shape, 0, x);
    nd.assign(y.slice(this.index), x);
    return y;
  }
  override backward(gy: Variable): Variable {
    return new Slicing(this.index).call(gy);
  }
}

/** y = x at positions along an axis, which may repeat; gx = zeros with gy added there. @since 33 */
export class Gather extends Func {
  /** Positions are int32, of one axis. @since 33 */
  constructor(
    readonly axis: number,
    readonly positions: NDArray,
  ) {
    super();
  }
  override forward(x: NDArray): NDArray {
    return nd.gather(x, this.axis, this.positions);
  }
  override backward(gy: Variable): Variable {
    return new ScatterAdd(this.axis, this.positions, this.input(0).shape).call(gy);
  }
}

/** y = zeros of a shape with x added at positions along an axis: the adjoint of Gather. @since 33 */
export class ScatterAdd extends Func {
  /** Positions, and the shape of the whole. @since 33 */
  constructor(
    readonly axis: number,
    readonly positions: NDArray,
    readonly shape: Shape,
  ) {
    super();
  }
  override forward(x: NDArray): NDArray {
    return nd.scatterAdd(x, this.axis, this.positions, this.shape);
  }
  override backward(gy: Variable): Variable {
    return new Gather(this.axis, this.positions).call(gy);
  }
}

/**
 * A piece of x. `index` is a number (that axis goes), `{ from, to, step }`, an int array (positions, which may repeat), or a
 * list of these, one an axis, each working on its own axis; a plain list of numbers is one position for each axis.
 * @throws ValueError for an index out of range.
 * @example
 * const x = variable([[1, 2, 3], [4, 5, 6]]);
 * F.getItem(x, 1); // → variable([4 5 6])
 * F.getItem(x, [{}, { from: 1 }]);
 * // → variable([[2 3]
 * //             [5 6]])
 * F.getItem(x, [0, [2, 0, 0]]); // → variable([3 1 1])
 * @since 33
 */
export function getItem(x: Operand, index: Index | readonly Index[]): Variable {
  const indices: readonly Index[] = Array.isArray(index) ? (index as readonly Index[]) : [index as Index];
  let y = asVariable(x);
  const slices = indices.map((at) => (isPositions(at) ? {} : at));
  indices.forEach((at, axis) => {
    if (!isPositions(at)) return;
    const size = y.shape[axis] ?? 0;
    if (at instanceof NDArray && at.dtype === 'bool') {
      throw new nd.DTypeError(
        'getItem: a mask does not say how many it takes; give positions, or multiply by the mask',
      );
    }
    const given = nd.asIndices('getItem', at instanceof Int32Array ? nd.onCpu(at) : at);
    y = new Gather(axis, nd.goAlong(checkPositions(given, size, axis), y.device)).call(y);
  });
  return slices.every((at) => typeof at === 'object' && Object.keys(at).length === 0) ? y : new Slicing(slices).call(y);
}

function checkPositions(positions: NDArray, size: number, axis: number): NDArray {
  if (positions.shape.length !== 1) {
    throw new nd.ShapeError('getItem', [positions.shape], 'positions along an axis are an array of one axis');
  }
  if (positions.device !== 'cpu') return positions;
  const fixed = Int32Array.from(positions.values, (at) => {
    if (at < -size || at >= size)
      throw new nd.ValueError(`getItem: index ${at} is out of range for axis ${axis} of size ${size}`);
    return at < 0 ? at + size : at;
  });
  return nd.onCpu(fixed);
}

/** y = arrays joined along an axis; each gets its part of gy. @since 45 */
export class Concat extends Func {
  /** The axis they are joined along. @since 45 */
  constructor(readonly axis: number) {
    super();
  }
  override forward(...xs: NDArray[]): NDArray {
    return nd.concat(xs, { axis: this.axis });
  }
  override backward(gy: Variable): Grad[] {
    const axis = nd.normalizeAxis('concat', this.axis, gy.ndim);
    let to = 0;
    return this.inputs.map((x) => {
      const from = to;
      to += x.shape[axis] ?? 0;
      return getItem(gy, [...Array.from({ length: axis }, () => ({})), { from, to }]);
    });
  }
}

/**
 * Arrays joined along an axis that they have already; default the first.
 * @example
 * F.concat([variable([1, 2]), variable([3])]); // → variable([1 2 3])
 * @since 45
 */
export function concat(xs: readonly Operand[], { axis = 0 }: { axis?: number } = {}): Variable {
  return new Concat(axis).call(...xs);
}

/** ys = x cut into equal parts along an axis; gx = their gradients joined again. @since 45 */
export class Split extends Func {
  /** How many parts, and along which axis. @since 45 */
  constructor(
    readonly parts: number,
    readonly axis: number,
  ) {
    super();
  }
  override forward(x: NDArray): NDArray[] {
    const axis = nd.normalizeAxis('split', this.axis, x.shape.length);
    const size = (x.shape[axis] ?? 0) / this.parts;
    if (!Number.isInteger(size))
      throw new nd.ValueError(`split: ${x.shape[axis]} along axis ${axis} make no ${this.parts} equal parts`);
    const before = Array.from({ length: axis }, () => ({}));
    return Array.from({ length: this.parts }, (_, i) => x.slice([...before, { from: i * size, to: (i + 1) * size }]));
  }
  override backward(...gys: Variable[]): Variable {
    return concat(gys, { axis: this.axis });
  }
}

/**
 * x cut into so many equal parts along an axis, default the first; they are views, not copies.
 * @throws ValueError where the parts would not be equal.
 * @example
 * F.split(variable([1, 2, 3, 4]), 2); // → [ variable([1 2]), variable([3 4]) ]
 * @since 45
 */
export function split(x: Operand, parts: number, { axis = 0 }: { axis?: number } = {}): Variable[] {
  nd.checkCount('split: parts', parts, 1);
  return new Split(parts, axis).callAll(x);
}

declare module '../core/variable' {
  interface Variable {
    /** this in another shape. @since 33 */
    reshape(shape: Shape): Variable;
    /** this with its axes in another order. @since 33 */
    transpose(axes?: readonly number[]): Variable;
    /** A piece of this. @since 33 */
    getItem(index: Index | readonly Index[]): Variable;
  }
}

register({ reshape, transpose, getItem });
