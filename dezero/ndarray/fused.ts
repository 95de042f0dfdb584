/** What training would spend many passes on, each as one operation of the device; on arrays, without gradients. */
import type { DType } from '../backends/backend';
import { ValueError } from '../backends/errors';
import { empty } from './create';
import { assertSameDevice, type NDArray } from './ndarray';
import { asFloat, assign, commonDType, copy, isFloat } from './ops';
import { isContiguous, normalizeAxis } from './shape';

/** eˣ / Σ eˣ along an axis, or with `log` its logarithm, for x of any size. @since 48 */
export function softmax(x: NDArray, { axis, log = false }: { axis: number; log?: boolean }): NDArray {
  const scores = asFloat(x.assertAlive('softmax'));
  const at = normalizeAxis('softmax', axis, x.shape.length);
  if (x.shape[at] === 0) {
    throw new ValueError(`softmax: an axis of size 0 has nothing to sum to one; shape (${x.shape.join(', ')})`);
  }
  const out = empty(scores.shape, scores.dtype, scores.device);
  scores.storage.backend.softmax(scores, at, log, out);
  return out;
}

/** −mean over the rows of ln softmax(x) at `labels`: x (N, C), labels (N), int32 and from 0 to C − 1. @since 48 */
export function crossEntropy(x: NDArray, labels: NDArray): NDArray {
  assertSameDevice('crossEntropy', [x, labels]);
  const scores = asFloat(x);
  const out = empty([], scores.dtype, scores.device);
  scores.storage.backend.crossEntropy(scores, labels, out);
  return out;
}

/** The gradient of crossEntropy: gy · (softmax(x) − 1 at the label) / N, gy one number. @since 48 */
export function crossEntropyInput(x: NDArray, labels: NDArray, gy: NDArray): NDArray {
  assertSameDevice('crossEntropyInput', [x, labels, gy]);
  const scores = asFloat(x);
  const out = empty(scores.shape, scores.dtype, scores.device);
  scores.storage.backend.crossEntropyInput(scores, labels, gy.astype(scores.dtype), out);
  return out;
}

/** By what channels are normalised: mean and variance, (C) each. @since 48 */
export interface ChannelStatistics {
  readonly mean: NDArray;
  readonly variance: NDArray;
  /** Added to the variance. @since 48 */
  readonly eps: number;
  /** True if they are the moments of x itself, through which a gradient passes too. @since 48 */
  readonly ofBatch: boolean;
}

/**
 * Mean and variance of each channel of x (N, C, …), over their count. `running` ones of shape (C) move towards them in place:
 * r ← decay·r + (1 − decay)·batch, with the variance over one less.
 * @since 48
 */
export function moments(
  x: NDArray,
  running: { readonly mean: NDArray; readonly var: NDArray; readonly decay: number } | null = null,
): { mean: NDArray; variance: NDArray } {
  assertSameDevice('moments', running ? [x, running.mean, running.var] : [x]);
  const batch = asFloat(x);
  const [mean, variance] = [0, 1].map(() => empty([x.shape[1]], batch.dtype, x.device));
  if (!running) batch.storage.backend.moments(batch, mean, variance, null);
  else {
    const moved = [running.mean, running.var].map((one) => apart(one, batch.dtype));
    batch.storage.backend.moments(batch, mean, variance, { mean: moved[0], variance: moved[1], decay: running.decay });
    [running.mean, running.var].forEach((one, i) => one !== moved[i] && assign(one, moved[i]));
  }
  return { mean, variance };
}

/** x if it has this dtype and its memory to itself, so that a device can change it in place; else a copy. */
function apart(x: NDArray, dtype: DType): NDArray {
  return x.dtype === dtype && x.size === x.storage.length && isContiguous(x) ? x : copy(x.astype(dtype));
}

/** γ·(x − mean) / √(variance + eps) + β, channel by channel of x (N, C, …); γ and β have shape (C). @since 48 */
export function batchNorm(x: NDArray, by: ChannelStatistics, gamma: NDArray, beta: NDArray): NDArray {
  const dtype = common('batchNorm', [x, by.mean, by.variance, gamma, beta]);
  const out = empty(x.shape, dtype, x.device);
  x.storage.backend.batchNorm(x.astype(dtype), as(by, dtype), gamma.astype(dtype), beta.astype(dtype), out);
  return out;
}

/** The gradients of batchNorm in x, γ and β. @since 48 */
export function batchNormGradients(
  x: NDArray,
  gy: NDArray,
  by: ChannelStatistics,
  gamma: NDArray,
): { gx: NDArray; ggamma: NDArray; gbeta: NDArray } {
  const dtype = common('batchNormGradients', [x, gy, by.mean, by.variance, gamma]);
  const [gx, ggamma, gbeta] = [x, gamma, gamma].map(({ shape }) => empty(shape, dtype, x.device));
  const [from, g, scale] = [x, gy, gamma].map((one) => one.astype(dtype));
  x.storage.backend.batchNormGradients(from, g, as(by, dtype), scale, gx, ggamma, gbeta);
  return { gx, ggamma, gbeta };
}

/** The dtype to compute in. @throws DeviceError if the arrays are on several devices. */
function common(operation: string, arrays: readonly NDArray[]): DType {
  assertSameDevice(operation, arrays);
  const dtype = arrays.map((x) => x.dtype).reduce(commonDType);
  return isFloat(dtype) ? dtype : 'float64';
}

const as = (by: ChannelStatistics, dtype: DType): ChannelStatistics =>
  ({ ...by, mean: by.mean.astype(dtype), variance: by.variance.astype(dtype) }); // prettier-ignore
