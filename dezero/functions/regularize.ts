import { asVariable, isTraining, mul, type Operand, type Variable } from '../core';
import * as nd from '../ndarray';
import { ShapeError, ValueError, type Generator, type NDArray } from '../ndarray';
import { mean } from './reduce';
import { Gather, reshape } from './shape';

/**
 * In training, zeroes each element with probability `ratio` and scales the others by 1 / (1 − ratio); otherwise x as it is
 * (Srivastava et al., 2014). Draws from `generator`, by default the one that `setSeed` seeds.
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
 * y = γ·(x − mean) / √(var + eps) + β, channel by channel of x (N, C) or (N, C, H, W): in training by the batch's own statistics,
 * which also move the running ones (the variance unbiased), otherwise by the running ones (Ioffe and Szegedy, 2015).
 * @throws ValueError in training for a batch with one element a channel, whose variance is undefined.
 * @since 43
 */
export function batchNorm(x: Operand, gamma: Operand, beta: Operand, state: BatchNormState): Variable {
  const { mean: runningMean, var: runningVar, eps = 1e-5, decay = 0.9 } = state;
  const v = asVariable(x);
  const C = v.shape[1] ?? 0;
  if (v.ndim !== 2 && v.ndim !== 4) throw new ShapeError('batchNorm', [v.shape], 'x is (N, C) or (N, C, H, W)');
  if (runningMean.size !== C) throw new ShapeError('batchNorm', [v.shape, runningMean.shape], `x has ${C} channels`);
  const axis = v.ndim === 2 ? [0] : [0, 2, 3];
  const row = v.ndim === 2 ? [1, C] : [1, C, 1, 1];
  let center: Variable;
  let variance: Variable;
  if (isTraining()) {
    const count = v.size / C;
    if (count < 2)
      throw new ValueError('batchNorm: one element a channel has no variance; use a larger batch, or testMode(…)');
    center = mean(v, { axis, keepdims: true });
    variance = mean(v.sub(center).square(), { axis, keepdims: true });
    const move = (running: NDArray, batch: NDArray) =>
      nd.assign(running, nd.add(nd.mul(running, decay), nd.mul(batch.reshape([C]), 1 - decay)));
    move(runningMean, center.data);
    move(runningVar, nd.mul(variance.data, count / (count - 1)));
  } else {
    center = asVariable(runningMean.reshape(row));
    variance = asVariable(runningVar.reshape(row));
  }
  const normal = v.sub(center).div(variance.add(eps).pow(0.5));
  return normal.mul(reshape(gamma, row)).add(reshape(beta, row));
}

/** Rows of W (vocabulary, size) at ids of any shape: (…) → (…, size); a row used twice gets both gradients. @since 45 */
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
