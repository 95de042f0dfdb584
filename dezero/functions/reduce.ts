import { asVariable, broadcastTo, Func, mul, register, type Operand, type Variable } from '../core';
import * as nd from '../ndarray';
import type { NDArray, ReduceOptions } from '../ndarray';
import { reshape } from './shape';

/** The shape a reduction of x has with its axes kept at size 1. */
function keptShape(x: Variable, { axis }: ReduceOptions): number[] {
  const axes = nd.normalizeAxes('sum', axis, x.ndim);
  return x.shape.map((n, i) => (axes.includes(i) ? 1 : n));
}

/** y = Σ x along axes; gx = gy repeated along them. @since 33 */
export class Sum extends Func {
  /** Axes (default all) and whether they stay. @since 33 */
  constructor(readonly options: ReduceOptions) {
    super();
  }
  override forward(x: NDArray): NDArray {
    return nd.sum(x, this.options);
  }
  override backward(gy: Variable): Variable {
    const x = this.input(0);
    return broadcastTo(reshape(gy, keptShape(x, this.options)), x.shape);
  }
}

/**
 * Sum along axes (default all).
 * @example
 * const x = variable([[1, 2, 3], [4, 5, 6]]);
 * F.sum(x); // → variable(21)
 * F.sum(x, { axis: 1, keepdims: true });
 * // → variable([[ 6]
 * //             [15]])
 * @since 33
 */
export function sum(x: Operand, options: ReduceOptions = {}): Variable {
  return new Sum(options).call(x);
}

/**
 * Mean along axes (default all).
 * @example
 * const x = variable([[1, 2, 3], [4, 5, 6]]);
 * F.mean(x, { axis: 0 }); // → variable([2.5 3.5 4.5])
 * @since 33
 */
export function mean(x: Operand, options: ReduceOptions = {}): Variable {
  const v = asVariable(x);
  const y = sum(v, options);
  return mul(y, y.size / v.size);
}

/** y = the largest (or smallest) element along axes; those that tie share gy equally. @since 33 */
export class Extreme extends Func {
  /** Which end, along which axes. @since 33 */
  constructor(
    readonly end: 'max' | 'min',
    readonly options: ReduceOptions,
  ) {
    super();
  }
  override forward(x: NDArray): NDArray {
    return nd[this.end](x, this.options);
  }
  override backward(gy: Variable): Variable {
    const x = this.input(0);
    const { axis } = this.options;
    const kept = keptShape(x, this.options);
    const chosen = nd.equal(x.data, this.output().data.reshape(kept)).astype(x.dtype);
    const share = nd.div(chosen, nd.sum(chosen, { axis, keepdims: true }));
    return mul(broadcastTo(reshape(gy, kept), x.shape), asVariable(share));
  }
}

/**
 * Largest element along axes (default all); elements that tie share the gradient equally.
 * @example
 * F.max(variable([[1, 2, 3], [4, 5, 6]]), { axis: 1 }); // → variable([3 6])
 * @since 33
 */
export function max(x: Operand, options: ReduceOptions = {}): Variable {
  return new Extreme('max', options).call(x);
}

/**
 * Smallest element along axes (default all); elements that tie share the gradient equally.
 * @example
 * F.min(variable([[1, 2, 3], [4, 5, 6]]), { axis: 0 }); // → variable([1 2 3])
 * @since 33
 */
export function min(x: Operand, options: ReduceOptions = {}): Variable {
  return new Extreme('min', options).call(x);
}

declare module '../core/variable' {
  interface Variable {
    /** Sum along axes. @since 33 */
    sum(options?: ReduceOptions): Variable;
    /** Mean along axes. @since 33 */
    mean(options?: ReduceOptions): Variable;
    /** Largest along axes. @since 33 */
    max(options?: ReduceOptions): Variable;
    /** Smallest along axes. @since 33 */
    min(options?: ReduceOptions): Variable;
  }
}

register({ sum, mean, max, min });
