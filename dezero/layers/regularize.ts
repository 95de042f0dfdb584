import { asVariable, Parameter, type Operand, type Variable } from '../core';
import { batchNorm, dropout, embedId } from '../functions';
import {
  checkCount,
  ones,
  outsideScopes,
  ValueError,
  zeros,
  type DType,
  type Generator,
  type NDArray,
} from '../ndarray';
import { initialWeight } from './initial';
import { Layer } from './layer';

/**
 * In training, drops each element with probability `ratio`.
 * @example
 * const layer = new L.Dropout(0.5, new Generator(3));
 * layer.call(variable([1, 2, 3, 4])); // → variable([0 0 6 8])
 * testMode(() => layer.call(variable([1, 2, 3, 4]))); // → variable([1 2 3 4])
 * @since 42
 */
export class Dropout extends Layer {
  /** Default 0.5. Draws from `generator`, by default the one that `setSeed` seeds. @since 42 */
  constructor(
    readonly ratio = 0.5,
    private readonly generator?: Generator,
  ) {
    super();
    if (!(ratio >= 0 && ratio < 1)) throw new ValueError(`Dropout: ratio must be from 0 up to but not 1, not ${ratio}`);
  }
  override forward(x: Operand): Variable {
    return dropout(x, this.ratio, this.generator);
  }
}

/**
 * Batch normalisation of (N, C) or (N, C, H, W), with γ as `weight` and β as `bias`.
 * @example
 * const layer = new L.BatchNorm({ eps: 0 });
 * layer.call(variable([[1, 10], [3, 30]]));
 * // → variable([[-1 -1]
 * //             [ 1  1]])
 * [...layer.buffers()].map(([path]) => path);
 * // → [ 'running_mean', 'running_var' ]
 * @since 43
 */
export class BatchNorm extends Layer {
  /** γ, of shape (C). @since 43 */
  readonly weight = new Parameter(null, 'gamma');
  /** β, of shape (C). @since 43 */
  readonly bias = new Parameter(null, 'beta');
  /** Running mean, a buffer. @since 43 */
  running_mean: NDArray | null = null;
  /** Running variance, a buffer. @since 43 */
  running_var: NDArray | null = null;

  /** `in` channels are learned at the first call if not given; eps 1e-5, decay 0.9, float32. @since 43 */
  constructor(readonly options: { in?: number; eps?: number; decay?: number; dtype?: DType } = {}) {
    super();
    if (options.in !== undefined) this.init(options.in);
  }
  private init(channels: number): void {
    const shape = [checkCount('BatchNorm: in', channels, 1)];
    const { dtype = 'float32' } = this.options;
    outsideScopes(() => {
      this.weight.data = ones(shape, { dtype });
      this.bias.data = zeros(shape, { dtype });
      this.running_mean = zeros(shape, { dtype });
      this.running_var = ones(shape, { dtype });
    });
  }
  override forward(x: Operand): Variable {
    const v = asVariable(x);
    if (!this.running_mean || !this.running_var) this.init(v.shape[1] ?? 0);
    const [mean, variance] = [this.running_mean, this.running_var];
    if (!mean || !variance) throw new ValueError('BatchNorm: no running statistics');
    const { eps, decay } = this.options;
    return batchNorm(v, this.weight, this.bias, {
      mean,
      var: variance,
      ...(eps !== undefined && { eps }),
      ...(decay !== undefined && { decay }),
    });
  }
}

/**
 * A table of vectors, one a word: ids (…) → (…, size). `weight` is (vocabulary, size), at first standard normal.
 * @example
 * const layer = new L.EmbedID(1000, 16);
 * layer.call(array([5, 7, 5])).shape; // → [ 3, 16 ]
 * @since 45
 */
export class EmbedID extends Layer {
  /** W, of shape (vocabulary, size). @since 45 */
  readonly weight: Parameter;

  /** `vocabulary` rows of `size` numbers. @since 45 */
  constructor(vocabulary: number, size: number, options: { dtype?: DType; generator?: Generator } = {}) {
    super();
    checkCount('EmbedID: vocabulary', vocabulary, 1);
    this.weight = new Parameter(initialWeight([vocabulary, checkCount('EmbedID: size', size, 1)], 1, options), 'W');
  }
  override forward(ids: Operand): Variable {
    return embedId(asVariable(ids).data, this.weight);
  }
}
