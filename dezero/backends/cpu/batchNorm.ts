/** The reference batch normalisation of x (N, C, …), channel by channel: readable loops, the oracle of the faster kernels. */
import type { RunningMoments, Statistics, View } from '../backend';
import { dense } from './elementwise';
import { aroundAxis } from './softmax';

/** Calls `visit(channel, place in memory)` for all elements, picture by picture. */
function eachElement(x: View, visit: (c: number, i: number) => void): void {
  const { outer, length, inner } = aroundAxis(x.shape, 1);
  for (let plane = 0, i = 0; plane < outer * length; plane++) {
    for (const end = i + inner; i < end; i++) visit(plane % length, i);
  }
}

/** How many elements a channel has. @since 48 */
export function channelSize({ shape }: View): number {
  const { outer, inner } = aroundAxis(shape, 1);
  return outer * inner;
}

/** Mean and variance of each channel; running ones move. @since 48 */
export function moments(x: View, mean: View, variance: View, running: RunningMoments | null): void {
  const [X, m, v] = [dense(x), dense(mean), dense(variance)];
  const size = channelSize(x);
  const sums = new Float64Array(m.length);
  eachElement(x, (c, i) => (sums[c] += X[i]));
  sums.forEach((sum, c) => (m[c] = sum / size));
  const squares = new Float64Array(m.length);
  eachElement(x, (c, i) => (squares[c] += (X[i] - m[c]) ** 2));
  squares.forEach((sum, c) => (v[c] = sum / size));
  if (running) moveRunning(running, mean, variance, size);
}

/** r ← decay·r + (1 − decay)·batch, with the variance over size − 1. @since 48 */
export function moveRunning(
  { mean, variance, decay }: RunningMoments,
  batchMean: View,
  batchVariance: View,
  size: number,
): void {
  const move = (running: View, batch: View, factor: number) => {
    const [r, b] = [dense(running), dense(batch)];
    for (let c = 0; c < r.length; c++) r[c] = r[c] * decay + b[c] * factor * (1 - decay);
  };
  move(mean, batchMean, 1);
  move(variance, batchVariance, size / (size - 1));
}

/** y = γ·(x − mean) / √(variance + eps) + β. @since 48 */
export function batchNorm(x: View, { mean, variance, eps }: Statistics, gamma: View, beta: View, out: View): void {
  const [X, m, v, scale, shift, y] = [x, mean, variance, gamma, beta, out].map(dense);
  const deviation = Float64Array.from(v, (one) => Math.sqrt(one + eps));
  eachElement(x, (c, i) => (y[i] = ((X[i] - m[c]) / deviation[c]) * scale[c] + shift[c]));
}

/** gβ = Σ gy, gγ = Σ gy·n with n = (x − mean) / √(variance + eps), gx = γ / √(variance + eps) · (gy − (gβ + n·gγ) / size). @since 48 */
export function batchNormGradients(
  x: View,
  gy: View,
  { mean, variance, eps, ofBatch }: Statistics,
  gamma: View,
  gx: View,
  ggamma: View,
  gbeta: View,
): void {
  const [X, g, m, v, scale, into, intoGamma, intoBeta] = [x, gy, mean, variance, gamma, gx, ggamma, gbeta].map(dense);
  const deviation = Float64Array.from(v, (one) => Math.sqrt(one + eps));
  const normal = (c: number, i: number) => (X[i] - m[c]) / deviation[c];
  const [sums, products] = [new Float64Array(m.length), new Float64Array(m.length)];
  eachElement(x, (c, i) => {
    sums[c] += g[i];
    products[c] += g[i] * normal(c, i);
  });
  const size = channelSize(x);
  eachElement(x, (c, i) => {
    const common = ofBatch ? (sums[c] + normal(c, i) * products[c]) / size : 0;
    into[i] = (scale[c] / deviation[c]) * (g[i] - common);
  });
  intoGamma.set(products);
  intoBeta.set(sums);
}
