/** The reference softmax, the loss of rows of scores, and its gradient: readable loops, the oracle of the faster kernels. */
import type { View } from '../backend';
import { dense } from './elementwise';

/** An array as (outer, length, inner) around one of its axes. @since 48 */
export function aroundAxis(shape: readonly number[], axis: number): { outer: number; length: number; inner: number } {
  const product = (sizes: readonly number[]) => sizes.reduce((a, b) => a * b, 1);
  return { outer: product(shape.slice(0, axis)), length: shape[axis], inner: product(shape.slice(axis + 1)) };
}

/** A row of scores: where it begins, how far apart its elements are, and Σ exp(score − largest). */
interface Row {
  readonly at: number;
  readonly step: number;
  readonly total: number;
  /** Element k less the largest. */
  readonly shifted: (k: number) => number;
}

/** Every intermediate number is one of the dtype's own, as if each step were an operation by itself. */
const roundingOf = ({ dtype }: View) => (dtype === 'float32' ? Math.fround : (x: number) => x);

/** Calls `visit` with each row along an axis. */
function eachRow(x: View, axis: number, visit: (row: Row, number: number) => void): void {
  const scores = dense(x);
  const round = roundingOf(x);
  const { outer, length, inner: step } = aroundAxis(x.shape, axis);
  for (let row = 0; row < outer * step; row++) {
    const at = Math.floor(row / step) * length * step + (row % step);
    let most = -Infinity;
    for (let k = 0; k < length; k++) if (scores[at + k * step] > most) most = scores[at + k * step];
    const shifted = (k: number) => round(scores[at + k * step] - most);
    let total = 0;
    for (let k = 0; k < length; k++) total += round(Math.exp(shifted(k)));
    visit({ at, step, total: round(total), shifted }, row);
  }
}

/** y = exp(x − largest) / Σ exp(x − largest) along an axis, or the logarithm of that. @since 48 */
export function softmax(x: View, axis: number, log: boolean, out: View): void {
  const y = dense(out);
  const round = roundingOf(x);
  eachRow(x, axis, ({ at, step, total, shifted }) => {
    for (let k = 0, i = at; k < x.shape[axis]; k++, i += step) {
      y[i] = log ? shifted(k) - round(Math.log(total)) : round(Math.exp(shifted(k))) / total;
    }
  });
}

/** −mean of ln softmax(x) at the labels. @since 48 */
export function crossEntropy(x: View, labels: View, out: View): void {
  const [t, y] = [dense(labels), dense(out)];
  const round = roundingOf(x);
  let sum = 0;
  eachRow(x, 1, ({ total, shifted }, row) => (sum += round(shifted(t[row]) - round(Math.log(total)))));
  y[0] = round(sum) / -t.length;
}

/** gx = gy · (softmax(x) − 1 at the label) / N. @since 48 */
export function crossEntropyInput(x: View, labels: View, gy: View, out: View): void {
  const [t, gx] = [dense(labels), dense(out)];
  const [, C] = x.shape;
  const round = roundingOf(x);
  const scale = round(dense(gy)[0] * round(1 / t.length));
  softmax(x, 1, false, out);
  t.forEach((label: number, row: number) => (gx[row * C + label] -= 1));
  for (let i = 0; i < gx.length; i++) gx[i] *= scale;
}
