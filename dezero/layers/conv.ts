import { asVariable, Parameter, type Operand, type Variable } from '../core';
import { conv2d, deconv2d, type WindowOptions, windowOf } from '../functions';
import { checkCount, ValueError, zeros } from '../ndarray';
import { initialWeight } from './initial';
import { Layer } from './layer';
import type { WeightOptions } from './linear';

/** Options of a convolution layer. @since 47 */
export interface ConvOptions extends WeightOptions, WindowOptions {
  /** Take the maximum with 0 in the same pass; default not. @since 47 */
  readonly activation?: 'relu' | null;
  /** Share channels out among so many groups, each filter seeing only those of its own; default 1. As many as channels: depthwise. @since 47 */
  readonly groups?: number;
}

/**
 * Convolution (N, C, H, W) → (N, out, OH, OW); `weight` is (out, in / groups, KH, KW). First weights are normal with variance 1 / fan-in (2 / fan-in before relu: He et al., 2015).
 * @example
 * const layer = new L.Conv2d(64, { kernel: 3, pad: 1 });
 * layer.call(zeros([1, 3, 32, 32])).shape; // → [ 1, 64, 32, 32 ]
 * layer.weight.shape; // → [ 64, 3, 3, 3 ]
 * new L.Conv2d(64, { kernel: 3, pad: 1, in: 64, groups: 64 }).weight.shape; // → [ 64, 1, 3, 3 ]
 * @since 47
 */
export class Conv2d extends Layer {
  /** W, of shape (out, in / groups, KH, KW). @since 47 */
  readonly weight = new Parameter(null, 'W');
  /** b, of shape (out), or null. @since 47 */
  readonly bias: Parameter | null;

  /** `out` channels; `in` is learned at the first call if not given. @since 47 */
  constructor(
    readonly out: number,
    readonly options: ConvOptions,
  ) {
    super();
    this.perGroup('out', out);
    windowOf(options);
    this.bias = options.bias === false ? null : new Parameter(zeros([out], { dtype: options.dtype ?? 'float32' }), 'b');
    if (options.in !== undefined) this.init(options.in);
  }
  /** So many channels shared out among the groups. @throws ValueError if they cannot be, evenly. */
  private perGroup(name: 'in' | 'out', channels: number): number {
    const groups = checkCount('Conv2d: groups', this.options.groups ?? 1, 1);
    if (checkCount(`Conv2d: ${name}`, channels, 1) % groups !== 0) {
      throw new ValueError(`Conv2d: ${name} must be a multiple of groups, ${groups}, not ${channels}`);
    }
    return channels / groups;
  }
  private init(channels: number): void {
    const kernel = windowOf(this.options).kernel;
    const seen = this.perGroup('in', channels);
    const gain = this.options.activation === 'relu' ? 2 : 1;
    this.weight.data = initialWeight([this.out, seen, ...kernel], seen * kernel[0] * kernel[1], this.options, gain);
  }
  override forward(x: Operand): Variable {
    const v = asVariable(x);
    if (!this.weight.ready) this.init(v.shape[1] ?? 0);
    const { stride = 1, pad = 0, activation = null, groups = 1 } = this.options;
    return conv2d(v, this.weight, this.bias, { stride, pad, activation, groups });
  }
  /** Each output is a sum over the window, through all input channels of its group. */
  override multiplyAdds(_x: Variable, y: Variable): number {
    return y.size * (this.weight.size / this.out);
  }
}

/**
 * Transposed convolution (N, C, H, W) → (N, out, OH, OW), OH = stride·(H − 1) + KH − 2·pad; `weight` is (in, out, KH, KW).
 * @example
 * const layer = new L.Deconv2d(8, { kernel: 4, stride: 2, pad: 1 });
 * layer.call(zeros([1, 16, 7, 7])).shape; // → [ 1, 8, 14, 14 ]
 * @since 47
 */
export class Deconv2d extends Layer {
  /** W, of shape (in, out, KH, KW). @since 47 */
  readonly weight = new Parameter(null, 'W');
  /** b, of shape (out), or null. @since 47 */
  readonly bias: Parameter | null;

  /** `out` channels; `in` is learned at the first call if not given. @since 47 */
  constructor(
    readonly out: number,
    readonly options: WeightOptions & WindowOptions,
  ) {
    super();
    checkCount('Deconv2d: out', out, 1);
    windowOf(options);
    this.bias = options.bias === false ? null : new Parameter(zeros([out], { dtype: options.dtype ?? 'float32' }), 'b');
    if (options.in !== undefined) this.init(options.in);
  }
  private init(channels: number): void {
    const kernel = windowOf(this.options).kernel;
    const fan = checkCount('Deconv2d: in', channels, 1) * kernel[0] * kernel[1];
    this.weight.data = initialWeight([channels, this.out, ...kernel], fan, this.options);
  }
  override forward(x: Operand): Variable {
    const v = asVariable(x);
    if (!this.weight.ready) this.init(v.shape[1] ?? 0);
    const { stride = 1, pad = 0 } = this.options;
    return deconv2d(v, this.weight, this.bias, { stride, pad });
  }
  /** Each input is spread over the window, into all output channels. */
  override multiplyAdds(x: Variable): number {
    return x.size * (this.weight.size / (x.shape[1] ?? 1));
  }
}
