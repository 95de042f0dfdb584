/** Before step 48 batch norm is a chain of functions, and its gradient what the graph makes of it. */
import { asVariable, isTraining, type Operand, type Variable } from '../../../../dezero/core';
import { mean } from '../../../../dezero/functions/reduce';
import type { BatchNormState } from '../../../../dezero/functions/regularize';
import { reshape } from '../../../../dezero/functions/shape';
import * as nd from '../../../../dezero/ndarray';
import { ShapeError, ValueError, type NDArray } from '../../../../dezero/ndarray';

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
