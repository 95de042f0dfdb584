import { asVariable, Func, isGradEnabled, isTraining, mul, type Grad, type Operand, type Variable } from '../core';
import * as nd from '../ndarray';
import { GraphError, ShapeError, ValueError, type ChannelStatistics, type Generator, type NDArray } from '../ndarray';
import { mean, sum } from './reduce';
import { Gather, reshape } from './shape';

/**
 * In training, zeroes each element with probability `ratio` and scales the others by 1 / (1 − ratio); otherwise x as it is
 * (Srivastava et al., 2014). Draws from `generator`, by default the one that `setSeed` seeds.
 * @example
 * const x = variable([1, 2, 3, 4]);
 * F.dropout(x, 0.5, new Generator(3)); // → variable([0 0 6 8])
 * testMode(() => F.dropout(x)); // → variable([1 2 3 4])
 * @since 42
 */
export function dropout(x: Operand, ratio = 0.5, generator: Generator = nd.defaultGenerator()): Variable {
  if (!(ratio >= 0 && ratio < 1)) throw new ValueError(`dropout: ratio must be from 0 up to but not 1, not ${ratio}`);
  const v = asVariable(x);
  if (!isTraining() || ratio === 0) return v;
  const draws = generator.fill('uniform', nd.empty(v.shape, v.dtype, v.device));
  const mask = nd.mul(nd.lessEqual(ratio, draws).astype(v.dtype), 1 / (1 - ratio));
  return mul(v, asVariable(mask));
}

/** Running statistics that batchNorm reads in use and moves in training, and its constants. @since 43 */
export interface BatchNormState {
  readonly mean: NDArray;
  readonly var: NDArray;
  /** Added to the variance; default 1e-5. @since 43 */
  readonly eps?: number;
  /** running = decay·running + (1 − decay)·batch; default 0.9. @since 43 */
  readonly decay?: number;
}

/**
 * y = γ·n + β with n = (x − mean) / √(var + eps), channel by channel. gβ = Σ gy, gγ = Σ gy·n, gx = γ / √(var + eps) · (gy − (gβ + n·gγ) / count),
 * where the part in brackets is there in training only: it passes through mean and variance.
 * @since 48
 */
export class BatchNormFunction extends Func {
  private by: ChannelStatistics | null = null;
  /** With the running statistics; in training those of x are measured, and move them. @since 48 */
  constructor(
    readonly state: Required<BatchNormState>,
    readonly training: boolean,
  ) {
    super();
  }
  override forward(x: NDArray, gamma: NDArray, beta: NDArray): NDArray {
    const { mean, var: variance, eps } = this.state;
    const statistics = this.training ? nd.moments(x, this.state) : { mean, variance };
    this.by = { ...statistics, eps, ofBatch: this.training };
    return nd.batchNorm(x, this.by, gamma, beta);
  }
  override backward(gy: Variable): Grad[] {
    const [x, gamma] = [this.input(0), this.input(1)];
    if (!this.by) throw new GraphError('batchNorm: backward before forward');
    if (isGradEnabled()) return this.differentiable(x, gamma, gy);
    const { gx, ggamma, gbeta } = nd.batchNormGradients(x.data, gy.data, this.by, gamma.data);
    return [gx, ggamma, gbeta].map((g) => asVariable(g));
  }
  /** The gradients made of functions, so that they can be differentiated again. */
  private differentiable(x: Variable, gamma: Variable, gy: Variable): Variable[] {
    const { axis, row } = channelsOf(x);
    const along = { axis, keepdims: true };
    const { mean: runningMean, var: runningVar, eps } = this.state;
    const center = this.training ? mean(x, along) : asVariable(runningMean.reshape(row));
    const variance = this.training ? mean(x.sub(center).square(), along) : asVariable(runningVar.reshape(row));
    const deviation = variance.add(eps).pow(0.5);
    const normal = x.sub(center).div(deviation);
    const [gbeta, ggamma] = [sum(gy, along), sum(gy.mul(normal), along)];
    const common = gbeta.add(normal.mul(ggamma)).mul(gamma.size / x.size);
    const gx = (this.training ? gy.sub(common) : gy).mul(reshape(gamma, row)).div(deviation);
    return [gx, reshape(ggamma, gamma.shape), reshape(gbeta, gamma.shape)];
  }
}

/** The axes that a channel of x (N, C) or (N, C, H, W) goes along, and the shape of one number a channel beside x. */
function channelsOf({ ndim, shape: [, C = 0] }: Variable): { axis: number[]; row: number[] } {
  return ndim === 2 ? { axis: [0], row: [1, C] } : { axis: [0, 2, 3], row: [1, C, 1, 1] };
}

/**
 * y = γ·(x − mean) / √(var + eps) + β, channel by channel of x (N, C) or (N, C, H, W): in training by the batch's own statistics,
 * which also move the running ones (the variance unbiased), otherwise by the running ones (Ioffe and Szegedy, 2015).
 * @throws ValueError in training for a batch with one element a channel, whose variance is undefined.
 * @example
 * const running = { mean: zeros([2]), var: ones([2]), eps: 0 };
 * F.batchNorm(variable([[1, 10], [3, 30]]), ones([2]), zeros([2]), running);
 * // → variable([[-1 -1]
 * //             [ 1  1]])
 * running.mean; // a tenth of the way to the batch's own
 * // → array([0.2   2])
 * @since 43
 */
export function batchNorm(x: Operand, gamma: Operand, beta: Operand, state: BatchNormState): Variable {
  const { mean, var: variance, eps = 1e-5, decay = 0.9 } = state;
  const [v, g, b] = [asVariable(x), asVariable(gamma), asVariable(beta)];
  const C = v.shape[1] ?? 0;
  if (v.ndim !== 2 && v.ndim !== 4) throw new ShapeError('batchNorm', [v.shape], 'x is (N, C) or (N, C, H, W)');
  for (const { size, shape } of [mean, variance, g, b]) {
    if (size !== C) throw new ShapeError('batchNorm', [v.shape, shape], `x has ${C} channels`);
  }
  if (isTraining() && v.size / C < 2)
    throw new ValueError('batchNorm: one element a channel has no variance; use a larger batch, or testMode(…)');
  return new BatchNormFunction({ mean, var: variance, eps, decay }, isTraining()).call(v, g, b);
}

/**
 * Rows of W (vocabulary, size) at ids of any shape: (…) → (…, size); a row used twice gets both gradients.
 * @example
 * F.embedId([2, 0], variable([[1, 2], [3, 4], [5, 6]]));
 * // → variable([[5 6]
 * //             [1 2]])
 * @since 45
 */
export function embedId(ids: NDArray | readonly number[], W: Operand): Variable {
  const at = nd.asIndices('embedId', ids);
  const weights = asVariable(W);
  const [vocabulary = 0, size = 0] = weights.shape;
  if (at.device === 'cpu') {
    for (const id of at.values) {
      if (id < 0 || id >= vocabulary)
        throw new ValueError(`embedId: id ${id} is not one of the ${vocabulary} rows of W`);
    }
  }
  return new Gather(0, nd.goAlong(at.reshape([at.size]), weights.device)).call(weights).reshape([...at.shape, size]);
}
