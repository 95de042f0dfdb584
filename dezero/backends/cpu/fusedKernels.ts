/**
 * What is several operations in one, in WebAssembly: softmax, its loss, batch normalisation. As with {@link ElementKernels}, each is false where it does
 * not apply: other dtypes than float32, or so little work that plain loops are as quick.
 */
import type { RunningMoments, Statistics, View } from '../backend';
import { channelSize, moveRunning } from './batchNorm';
import { countOf, dense, isDense } from './elementwise';
import { shares, type Workplace } from './engine';
import { aroundAxis } from './softmax';
import type { CpuStorage } from './storage';
import type { Kernels } from './wasm';

// In the order of the constants in assembly/softmax.ts.
const MODES = ['softmax', 'log', 'loss', 'gradient'] as const;

const LEAST = 512; // elements

/** The kernels for these. @since 48 */
export class FusedKernels {
  readonly #kernels: Kernels;
  readonly #least: number;

  /** `least`: operations on fewer elements are declined, 512 by default. @since 48 */
  constructor(kernels: Kernels, least = LEAST) {
    this.#kernels = kernels;
    this.#least = least;
  }

  /** Softmax along an axis, or its logarithm. @since 48 */
  softmax(x: View, axis: number, log: boolean, out: View): boolean {
    return this.#run([x], [out], ({ inputs: [from], outputs: [to], engine }) =>
      rows(engine, log ? 'log' : 'softmax', aroundAxis(x.shape, axis), [from, to, 0]),
    );
  }

  /** −mean of ln softmax(x) at the labels. @since 48 */
  crossEntropy(x: View, labels: View, out: View): boolean {
    return (
      areLabels(labels, x) &&
      this.#run([x, labels], [], ({ inputs: [from, t], engine, alloc }) => {
        const [N] = x.shape;
        const losses = alloc(N * 4);
        rows(engine, 'loss', aroundAxis(x.shape, 1), [from, losses, t]);
        const sum = engine.floats.subarray(losses / 4, losses / 4 + N).reduce((a, b) => a + b, 0);
        dense(out)[0] = sum / N;
      })
    );
  }

  /** gy · (softmax(x) − 1 at the label) / N. @since 48 */
  crossEntropyInput(x: View, labels: View, gy: View, out: View): boolean {
    return (
      areLabels(labels, x) &&
      this.#run([x, labels], [out], ({ inputs: [from, t], outputs: [to], engine }) =>
        rows(engine, 'gradient', aroundAxis(x.shape, 1), [from, to, t], dense(gy)[0] * Math.fround(1 / x.shape[0])),
      )
    );
  }

  /** Mean and variance of each channel. @since 48 */
  moments(x: View, mean: View, variance: View, running: RunningMoments | null): boolean {
    const size = channelSize(x);
    return this.#run([x], [], (place) => {
      const [from] = place.inputs;
      const [m, v] = [dense(mean), dense(variance)];
      sumsOver(x, from, from, place).forEach(([sum, square], c) => {
        m[c] = sum / size;
        v[c] = Math.max(0, square / size - (sum / size) ** 2);
      });
      if (running) moveRunning(running, mean, variance, size);
    });
  }

  /** γ·(x − mean) / √(variance + eps) + β. @since 48 */
  batchNorm(x: View, { mean, variance, eps }: Statistics, gamma: View, beta: View, out: View): boolean {
    return this.#run([x], [out], (place) => {
      const [m, v, scale, shift] = [mean, variance, gamma, beta].map(dense);
      const q = Float64Array.from(v, (one, c) => scale[c] / Math.sqrt(one + eps));
      mapChannels(x, null, [place.inputs[0], place.outputs[0]], { q, center: m, r: shift }, place);
    });
  }

  /** What {@link batchNorm} passes back. @since 48 */
  batchNormGradients(
    x: View,
    gy: View,
    { mean, variance, eps, ofBatch }: Statistics,
    gamma: View,
    gx: View,
    ggamma: View,
    gbeta: View,
  ): boolean {
    const size = channelSize(x);
    return this.#run([x, gy], [gx], (place) => {
      const [from, g] = place.inputs;
      const [m, v, scale, intoGamma, intoBeta] = [mean, variance, gamma, ggamma, gbeta].map(dense);
      const inverse = Float64Array.from(v, (one) => 1 / Math.sqrt(one + eps));
      // gx = p·gy + q·(x − mean) + r
      const [p, q, r] = [new Float64Array(m.length), new Float64Array(m.length), new Float64Array(m.length)];
      sumsOver(x, g, from, place).forEach(([sum, product], c) => {
        const gammas = (product - sum * m[c]) * inverse[c]; // Σ gy·n
        p[c] = scale[c] * inverse[c];
        q[c] = ofBatch ? (-p[c] * inverse[c] * gammas) / size : 0;
        r[c] = ofBatch ? (-p[c] * sum) / size : 0;
        intoGamma[c] = gammas;
        intoBeta[c] = sum;
      });
      mapChannels(x, { p, u: g }, [from, place.outputs[0]], { q, center: m, r }, place);
    });
  }

  #run(inputs: readonly View[], outputs: readonly View[], body: (place: Workplace) => void): boolean {
    const [x] = inputs;
    if (countOf(x) < this.#least || x.dtype !== 'float32') return false;
    return this.#kernels.run(inputs.map(inOrder), outputs, body);
  }
}

/** x if its elements lie one after the other, else a copy where they do. */
function inOrder(x: View): View {
  if (isDense(x)) return x;
  const values = dense(x);
  const storage: CpuStorage = { ...x.storage, values, length: values.length, pointer: -1 };
  return { storage, dtype: x.dtype, shape: [values.length], strides: [1], offset: 0 };
}

/** True if each is one of the classes: a kernel would write wherever they point. */
function areLabels(labels: View, { shape: [, classes] }: View): boolean {
  return dense(labels).every((t: number) => t >= 0 && t < classes);
}

/** Does a job of assembly/softmax.ts: addresses of scores, of what is made, of labels (0: none). */
function rows(
  engine: Workplace['engine'],
  mode: (typeof MODES)[number],
  { outer, length, inner }: ReturnType<typeof aroundAxis>,
  addresses: readonly number[],
  scale = 0,
): void {
  const [share, pieces] = shares(outer * inner, length, 4);
  engine.run('softmax', pieces, [MODES.indexOf(mode), outer * inner, share, length, inner, ...addresses], [scale]);
}

/** Σ u and Σ u·v of each channel, in float64; u and v are addresses of arrays of the shape of x. */
function sumsOver(x: View, u: number, v: number, { engine, alloc }: Workplace): (readonly [number, number])[] {
  const { outer, length, inner } = aroundAxis(x.shape, 1);
  const sums = alloc(length * 16);
  const [share, pieces] = shares(length, outer * inner);
  engine.run('channelSums', pieces, [outer, length, inner, share, u, v, sums]);
  const found = engine.like(new Float64Array(0), sums, 2 * length);
  return Array.from({ length }, (_, c) => [found[2 * c], found[2 * c + 1]]);
}

/** y = q·(v − center) + r, plus p·u if given, with a number of each for each channel; v and y are addresses. */
function mapChannels(
  x: View,
  plus: { readonly p: ArrayLike<number>; readonly u: number } | null,
  [v, y]: readonly [number, number],
  { q, center, r }: Readonly<Record<'q' | 'center' | 'r', ArrayLike<number>>>,
  { engine, alloc }: Workplace,
): void {
  const { length, inner } = aroundAxis(x.shape, 1);
  const put = (numbers: ArrayLike<number>) => {
    const at = alloc(length * 4);
    engine.floats.set(numbers, at / 4);
    return at;
  };
  const [share, pieces] = shares(countOf(x), 1, 64);
  const numbers = [plus?.p ?? q, q, center, r].map(put);
  engine.run('channelMap', pieces, [countOf(x), share, length, inner, plus?.u ?? 0, v, y, ...numbers]);
}
