import { Func, type Operand, type Variable } from '../core';
import * as nd from '../ndarray';
import { GraphError, type NDArray, type Shape, type Window2d } from '../ndarray';
import { windowOf, type WindowOptions } from './conv';
import { mean } from './reduce';

/** A pooling window; the stride is the kernel's size if not given. @since 47 */
export interface PoolOptions extends WindowOptions {
  /** Also take windows that hang over the lower and right edge, cut off there; default no. @since 47 */
  readonly ceil?: boolean;
}

const poolWindow = (options: PoolOptions): Window2d => windowOf({ stride: options.kernel, ...options });

/** y = the largest element of each window; gx = gy at its place. @since 47 */
export class MaxPool extends Func {
  private places: NDArray | null = null;
  /** The window, and whether it may hang over the edge. @since 47 */
  constructor(
    readonly window: Window2d,
    readonly ceil: boolean,
  ) {
    super();
  }
  override forward(x: NDArray): NDArray {
    const { y, places } = nd.maxPool(x, this.window, this.ceil);
    this.places = places;
    return y;
  }
  override backward(gy: Variable): Variable {
    if (!this.places) throw new GraphError('maxPool: backward before forward');
    return new PoolScatter(this.places, this.input(0).shape, this.window).call(gy);
  }
}

/** y = zeros of pictures with x added at the windows' places; gx = gy read there. @since 47 */
export class PoolScatter extends Func {
  /** Places as maxPool found them, the pictures' shape, and the windows. @since 47 */
  constructor(
    readonly places: NDArray,
    readonly shape: Shape,
    readonly window: Window2d,
  ) {
    super();
  }
  override forward(x: NDArray): NDArray {
    return nd.poolScatter(x, this.places, this.shape, this.window);
  }
  override backward(gy: Variable): Variable {
    return new PoolGather(this.places, this.window).call(gy);
  }
}

/** y = pictures read at the windows' places; gx = gy added there. @since 47 */
export class PoolGather extends Func {
  /** Places as maxPool found them, and the windows. @since 47 */
  constructor(
    readonly places: NDArray,
    readonly window: Window2d,
  ) {
    super();
  }
  override forward(x: NDArray): NDArray {
    return nd.poolGather(x, this.places);
  }
  override backward(gy: Variable): Variable {
    return new PoolScatter(this.places, this.input(0).shape, this.window).call(gy);
  }
}

/**
 * The largest element of each window, (N, C, H, W) → (N, C, OH, OW); where it ties, the first gets the gradient.
 * @example
 * const x = variable([[[[1, 2, 3, 4], [5, 6, 7, 8]]]]);
 * F.maxPool(x, { kernel: 2 }); // → variable([[[[6 8]]]])
 * @since 47
 */
export function maxPool(x: Operand, options: PoolOptions): Variable {
  return new MaxPool(poolWindow(options), options.ceil ?? false).call(x);
}

/** y = the mean of each window; gx = gy spread evenly over it. @since 47 */
export class AveragePool extends Func {
  /** The window. @since 47 */
  constructor(readonly window: Window2d) {
    super();
  }
  override forward(x: NDArray): NDArray {
    return nd.averagePool(x, this.window);
  }
  override backward(gy: Variable): Variable {
    return new AveragePoolInput(this.window, this.input(0).shape).call(gy);
  }
}

/** y = x spread evenly over windows of pictures; gx = the mean of each window of gy. @since 47 */
export class AveragePoolInput extends Func {
  /** The window, and the pictures' shape. @since 47 */
  constructor(
    readonly window: Window2d,
    readonly shape: Shape,
  ) {
    super();
  }
  override forward(gy: NDArray): NDArray {
    return nd.averagePoolInput(gy, this.window, this.shape);
  }
  override backward(ggx: Variable): Variable {
    return new AveragePool(this.window).call(ggx);
  }
}

/**
 * The mean of each window, padding counted as zeros, (N, C, H, W) → (N, C, OH, OW).
 * @example
 * const x = variable([[[[1, 2, 3, 4], [5, 6, 7, 8]]]]);
 * F.averagePool(x, { kernel: 2 }); // → variable([[[[3.5 5.5]]]])
 * @since 47
 */
export function averagePool(x: Operand, options: Omit<PoolOptions, 'ceil'>): Variable {
  return new AveragePool(poolWindow(options)).call(x);
}

/**
 * The mean of each whole picture, (N, C, H, W) → (N, C).
 * @example
 * const x = variable([[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]]);
 * F.globalAveragePool(x); // → variable([[2.5 6.5]])
 * @since 47
 */
export function globalAveragePool(x: Operand): Variable {
  return mean(x, { axis: [2, 3] });
}
