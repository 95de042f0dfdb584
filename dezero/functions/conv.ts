import { Func, type Grad, type Operand, type Variable, asVariable } from '../core';
import * as nd from '../ndarray';
import { ShapeError, ValueError, type NDArray, type Shape, type Window2d } from '../ndarray';
import { gate } from './activation';
import { sum } from './reduce';
import { reshape } from './shape';

/** One number for both directions, or (rows, columns). @since 46 */
export type Pair = number | readonly [number, number];

/** How a window moves. Defaults: stride 1, pad 0. @since 46 */
export interface StrideOptions {
  readonly stride?: Pair;
  readonly pad?: Pair;
}

/** A window of a given size. @since 46 */
export interface WindowOptions extends StrideOptions {
  readonly kernel: Pair;
}

/**
 * Options as a window of pairs. @throws ValueError for a size that is no whole number.
 * @example
 * F.windowOf({ kernel: 3, pad: [1, 0] });
 * // → { kernel: [ 3, 3 ], stride: [ 1, 1 ], pad: [ 1, 0 ] }
 * @since 46
 */
export function windowOf({ kernel, stride = 1, pad = 0 }: WindowOptions): Window2d {
  const pair = (name: string, value: Pair, least: number): readonly [number, number] => {
    const [rows, columns] = typeof value === 'number' ? [value, value] : value;
    for (const n of [rows, columns]) {
      if (!Number.isInteger(n) || n < least)
        throw new ValueError(`${name} must be a whole number from ${least} on, not ${n}`);
    }
    return [rows, columns];
  };
  return { kernel: pair('kernel', kernel, 1), stride: pair('stride', stride, 1), pad: pair('pad', pad, 0) };
}

/** Height and width of weights (…, KH, KW), as a kernel. */
function kernelOf(operation: string, W: Variable): [number, number] {
  const [, , rows, columns] = W.shape;
  if (rows === undefined || columns === undefined) throw new ShapeError(operation, [W.shape], 'weights have four axes');
  return [rows, columns];
}

/** y = x ∗ W + b, then relu if asked. gx, gW are convolutions again, in the same groups; gb = Σ gy. @since 47 */
export class Conv2dFunction extends Func {
  /** The window, whether relu is part of it, and in how many groups the channels are. @since 47 */
  constructor(
    readonly window: Window2d,
    readonly relu: boolean,
    readonly groups = 1,
  ) {
    super();
  }
  override forward(x: NDArray, W: NDArray, b?: NDArray): NDArray {
    return nd.conv2d(x, W, b ?? null, this.window, this.relu, this.groups);
  }
  override backward(gy: Variable): Grad[] {
    const [x, W] = [this.input(0), this.input(1)];
    const g = this.relu ? gate(gy, this.output()) : gy;
    return [
      this.needsGrad(0) ? new Conv2dInput(this.window, x.shape, this.groups).call(g, W) : null,
      this.needsGrad(1) ? new Conv2dWeight(this.window, this.groups).call(x, g) : null,
      this.needsGrad(2) ? sum(g, { axis: [0, 2, 3] }) : null,
    ];
  }
}

/** The adjoint of a convolution in its pictures: gy (N, O, OH, OW), W → (N, C, H, W). @since 47 */
export class Conv2dInput extends Func {
  /** The window, the pictures' shape, and the number of groups. @since 47 */
  constructor(
    readonly window: Window2d,
    readonly shape: Shape,
    readonly groups = 1,
  ) {
    super();
  }
  override forward(gy: NDArray, W: NDArray): NDArray {
    return nd.conv2dInput(gy, W, this.window, this.shape);
  }
  override backward(ggx: Variable): Grad[] {
    return [
      this.needsGrad(0) ? new Conv2dFunction(this.window, false, this.groups).call(ggx, this.input(1)) : null,
      this.needsGrad(1) ? new Conv2dWeight(this.window, this.groups).call(ggx, this.input(0)) : null,
    ];
  }
}

/** The adjoint of a convolution in its weights: x, gy → (O, C / groups, KH, KW). @since 47 */
export class Conv2dWeight extends Func {
  /** The window, and the number of groups. @since 47 */
  constructor(
    readonly window: Window2d,
    readonly groups = 1,
  ) {
    super();
  }
  override forward(x: NDArray, gy: NDArray): NDArray {
    return nd.conv2dWeight(x, gy, this.window, this.groups);
  }
  override backward(ggW: Variable): Grad[] {
    const [x, gy] = [this.input(0), this.input(1)];
    return [
      this.needsGrad(0) ? new Conv2dInput(this.window, x.shape, this.groups).call(gy, ggW) : null,
      this.needsGrad(1) ? new Conv2dFunction(this.window, false, this.groups).call(x, ggW) : null,
    ];
  }
}

/**
 * Convolution (cross-correlation) of pictures x (N, C, H, W) with W (O, C / groups, KH, KW), plus b (O) → (N, O, OH, OW), where
 * OH = ⌊(H + 2·pad − KH) / stride⌋ + 1. `activation: 'relu'` takes the maximum with 0 in the same pass. With `groups` (1 by default)
 * channels and filters are shared out evenly, and each filter sees the channels of its own group only (Krizhevsky et al., 2012);
 * groups = C is the depthwise convolution (Chollet, 2017; Howard et al., 2017).
 * @throws ShapeError if the kernel is larger than the padded picture, or W does not fit x in so many groups.
 * @example
 * F.conv2d(ones([1, 1, 4, 4]), ones([1, 1, 3, 3]));
 * // → variable([[[[9 9]
 * //               [9 9]]]])
 * const [x, W] = [ones([1, 3, 32, 32]), ones([8, 3, 3, 3])];
 * F.conv2d(x, W, null, { stride: 2, pad: 1 }).shape; // → [ 1, 8, 16, 16 ]
 * F.conv2d(x, ones([3, 1, 3, 3]), null, { groups: 3 }).shape; // → [ 1, 3, 30, 30 ]
 * @since 47
 */
export function conv2d(
  x: Operand,
  W: Operand,
  b: Operand | null = null,
  { activation = null, groups = 1, ...options }: StrideOptions & { activation?: 'relu' | null; groups?: number } = {},
): Variable {
  const weights = asVariable(W);
  const window = windowOf({ ...options, kernel: kernelOf('conv2d', weights) });
  const f = new Conv2dFunction(window, activation === 'relu', nd.checkCount('conv2d: groups', groups, 1));
  return b === null ? f.call(x, weights) : f.call(x, weights, b);
}

/**
 * Transposed convolution of x (N, C, H, W) with W (C, O, KH, KW), plus b (O) → (N, O, OH, OW), where
 * OH = stride·(H − 1) + KH − 2·pad: the adjoint of conv2d, which it undoes in shape.
 * @throws ShapeError if nothing is left of the picture, or the bias has another shape.
 * @example
 * const [x, W] = [variable([[[[1, 2]]]]), variable([[[[1, 10]]]])];
 * F.deconv2d(x, W, null, { stride: 2 }); // → variable([[[[ 1 10  2 20]]]])
 * @since 47
 */
export function deconv2d(x: Operand, W: Operand, b: Operand | null = null, options: StrideOptions = {}): Variable {
  const [v, weights] = [asVariable(x), asVariable(W)];
  const window = windowOf({ ...options, kernel: kernelOf('deconv2d', weights) });
  const [N = 0, C] = v.shape;
  if (v.ndim !== 4 || C !== weights.shape[0]) {
    throw new ShapeError(
      'deconv2d',
      [v.shape, weights.shape],
      'x is (N, C, H, W), the weights (C, O, KH, KW), with the same C',
    );
  }
  const [rows, columns] = [0, 1].map((i) => {
    const [n = 0, stride = 1, kernel = 1, pad = 0] = [
      v.shape[2 + i],
      window.stride[i],
      window.kernel[i],
      window.pad[i],
    ];
    const size = stride * (n - 1) + kernel - 2 * pad;
    if (size >= 1) return size;
    const rule = `${stride}·(${n} − 1) + ${kernel} − 2·${pad} is less than 1: the padding cuts the whole picture away`;
    throw new ShapeError('deconv2d', [v.shape, weights.shape], rule);
  });
  const [, O = 0] = weights.shape;
  const bias = b && asVariable(b);
  if (bias && !nd.sameShape(bias.shape, [O])) {
    throw new ShapeError('deconv2d', [weights.shape, bias.shape], `the bias must have shape (${O},)`);
  }
  const y = new Conv2dInput(window, [N, O, rows ?? 0, columns ?? 0]).call(v, weights);
  return bias ? y.add(reshape(bias, [1, -1, 1, 1])) : y;
}

/** y = windows of x as rows; gx = rows added back. @since 46 */
export class Im2col extends Func {
  /** The window. @since 46 */
  constructor(readonly window: Window2d) {
    super();
  }
  override forward(x: NDArray): NDArray {
    return nd.im2col(x, this.window);
  }
  override backward(gy: Variable): Variable {
    return new Col2im(this.window, this.input(0).shape).call(gy);
  }
}

/** y = rows added back into pictures; gx = windows of gy as rows. @since 46 */
export class Col2im extends Func {
  /** The window, and the pictures' shape. @since 46 */
  constructor(
    readonly window: Window2d,
    readonly shape: Shape,
  ) {
    super();
  }
  override forward(cols: NDArray): NDArray {
    return nd.col2im(cols, this.window, this.shape);
  }
  override backward(gy: Variable): Variable {
    return new Im2col(this.window).call(gy);
  }
}

/**
 * The windows of x (N, C, H, W) as rows (N·OH·OW, C·KH·KW), zeros outside the picture.
 * @example
 * F.im2col(variable([[[[1, 2, 3], [4, 5, 6]]]]), { kernel: 2 });
 * // → variable([[1 2 4 5]
 * //             [2 3 5 6]])
 * @since 46
 */
export function im2col(x: Operand, options: WindowOptions): Variable {
  return new Im2col(windowOf(options)).call(x);
}

/**
 * Rows (N·OH·OW, C·KH·KW) added back into pictures of `shape`: the adjoint of im2col.
 * @example
 * F.col2im(variable([[1, 2, 4, 5], [2, 3, 5, 6]]), [1, 1, 2, 3], { kernel: 2 });
 * // → variable([[[[ 1  4  3]
 * //               [ 4 10  6]]]])
 * @since 46
 */
export function col2im(cols: Operand, shape: Shape, options: WindowOptions): Variable {
  return new Col2im(windowOf(options), shape).call(cols);
}

/**
 * Convolution as a matrix product of im2col's rows: the obvious way, and the oracle of the fast one.
 * @example
 * F.conv2dSimple(ones([1, 1, 3, 3]), ones([1, 1, 2, 2]));
 * // → variable([[[[4 4]
 * //               [4 4]]]])
 * @since 47
 */
export function conv2dSimple(x: Operand, W: Operand, b: Operand | null = null, options: StrideOptions = {}): Variable {
  const [v, weights] = [asVariable(x), asVariable(W)];
  const window = windowOf({ ...options, kernel: kernelOf('conv2d', weights) });
  const [N = 0] = v.shape;
  const [O = 0] = weights.shape;
  const [rows, columns] = nd.windowSize('conv2d', v.shape, window);
  const product = new Im2col(window).call(v).matmul(reshape(weights, [O, -1]).transpose());
  const y = b === null ? product : product.add(b);
  return y.reshape([N, rows, columns, O]).transpose([0, 3, 1, 2]); // (N·OH·OW, O) → (N, O, OH, OW)
}
