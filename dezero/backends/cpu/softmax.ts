/** The reference softmax, the loss of rows of scores, and its gradient: readable loops, the oracle of the faster kernels. */
import type { View } from '../backend';
import { dense } from './elementwise';

/** An array as (outer, length, inner) around one of its axes. @since 48 */
export function aroundAxis(shape: readonly number[], axis: number): { outer: number; length: number; inner: number } {
  const product = (sizes: readonly number[]) => sizes.reduce((a, b) => a * b, 1);
  return { outer: product(shape.slice(0, axis)), length: shape[axis], inner: product(shape.slice(axis + 1)) };
}

/** A row of scores: where it begins and how far apart its elements are, its largest, and Σ exp(score − largest). */
interface Row {
  readonly at: number;
  readonly step: number;
  readonly most: number;
  readonly total: number;
}

/** Calls `visit` with each row along an axis. */
function eachRow(x: View, axis: number, visit: (row: Row, number: number) => void): void {
  const scores = dense(x);
  const { outer, length, inner: step } = aroundAxis(x.shape, axis);
  for (let row = 0; row < outer * step; row++) {
    const at = Math.floor(row / step) * length * step + (row % step);
    let most = -Infinity;
    for (let k = 0; k < length; k++) if (scores[at + k * step] > most) most = scores[at + k * step];
    let total = 0;
    for (let k = 0; k < length; k++) total += Math.exp(scores[at + k * step] - most);
    visit({ at, step, most, total }, row);
  }
}

/** y = exp(x − largest) / Σ exp(x − largest) along an axis, or the logarithm of that. @since 48 */
export function softmax(x: View, axis: number, log: boolean, out: View): void {
  const [scores, y] = [dense(x), dense(out)];
  const length = x.shape[axis];
  eachRow(x, axis, ({ at, step, most, total }) => {
    for (let k = 0, i = at; k < length; k++, i += step) {
      const score = scores[i] - most;
      y[i] = log ? score - Math.log(total) : Math.exp(score) / total;
    }
  });
}

/** −mean of ln softmax(x) at the labels. @since 48 */
export function crossEntropy(x: View, labels: View, out: View): void {
  const [scores, t, y] = [dense(x), dense(labels), dense(out)];
  let sum = 0;
  eachRow(x, 1, ({ at, most, total }, row) => (sum += scores[at + t[row]] - most - Math.log(total)));
  y[0] = sum / -t.length;
}

/** gx = gy · (softmax(x) − 1 at the label) / N. @since 48 */
export function crossEntropyInput(x: View, labels: View, gy: View, out: View): void {
  const [scores, t, gx] = [dense(x), dense(labels), dense(out)];
  const scale = dense(gy)[0] * (1 / t.length);
  eachRow(x, 1, ({ at, most, total }, row) => {
    for (let k = 0, i = at; k < x.shape[1]; k++, i++) {
      gx[i] = (Math.exp(scores[i] - most) / total - Number(k === t[row])) * scale;
    }
  });
}
