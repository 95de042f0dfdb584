import { asVariable, Func, isGradEnabled, mul, register, type Grad, type Operand, Variable } from '../core';
import * as nd from '../ndarray';
import type { NDArray } from '../ndarray';
import { ShapeError, ValueError } from '../ndarray';
import { softmax } from './activation';
import { clip, log } from './math';
import { sum } from './reduce';

/** y = Σ (a − b)² / n, n the length of the first axis; ga = gy · 2(a − b) / n = −gb. @since 34 */
export class MeanSquaredError extends Func {
  override forward(a: NDArray, b: NDArray): NDArray {
    if (!nd.sameShape(a.shape, b.shape)) {
      throw new ShapeError('meanSquaredError', [a.shape, b.shape], 'predictions and targets need equal shapes');
    }
    return nd.div(nd.sum(nd.square(nd.sub(a, b))), a.shape[0] ?? 1);
  }
  override backward(gy: Variable): Grad[] {
    const [a, b] = [this.input(0), this.input(1)];
    const ga = mul(gy, a.sub(b).mul(2 / (a.shape[0] ?? 1)));
    return [ga, ga.neg()];
  }
}

/**
 * Sum of squared differences over the length of the first axis.
 * @example
 * F.meanSquaredError(variable([1, 2, 3]), variable([1, 2, 6])); // → variable(3)
 * @since 34
 */
export function meanSquaredError(a: Operand, b: Operand): Variable {
  return new MeanSquaredError().call(a, b);
}

/** Class numbers: int32, or whole numbers of any kind. @since 38 */
export type Labels = Variable | NDArray | readonly number[];

/** Checks labels against scores (N, C), where that can be done without waiting, and gives them as int32 (N) on the scores' device. */
function labelsFor(operation: string, scores: Variable, t: Labels): NDArray {
  const labels = nd.asIndices(operation, t instanceof Variable ? t.data : t);
  const [N, C] = scores.shape;
  if (scores.ndim !== 2 || C === undefined) throw new ShapeError(operation, [scores.shape], 'scores are (N, classes)');
  if (labels.size !== N) {
    const rule = `${N} rows of scores need ${N} labels: the number of the right class each, not a row of zeros with a 1`;
    throw new ShapeError(operation, [scores.shape, labels.shape], rule);
  }
  if (labels.device === 'cpu') {
    labels.values.forEach((label: number, i: number) => {
      if (label < 0 || label >= C)
        throw new ValueError(`${operation}: label ${label} (row ${i}) is not one of the ${C} classes 0 to ${C - 1}`);
    });
  }
  return nd.goAlong(labels.reshape([N]), scores.device);
}

/**
 * Rows with a 1 at each label: (N) → (N, classes).
 * @example
 * F.oneHot(array([2, 0], { dtype: 'int32' }), 3, 'float64');
 * // → array([[0 0 1]
 * //          [1 0 0]])
 * @since 38
 */
export function oneHot(labels: NDArray, classes: number, dtype: nd.DType): NDArray {
  const columns = nd.arange(classes, { dtype: 'int32', device: labels.device });
  return nd.equal(labels.reshape([labels.size, 1]), columns).astype(dtype);
}

/** y = −mean of ln softmax(x) at the labels; gx = gy · (softmax(x) − onehot(t)) / N. @since 38 */
export class SoftmaxCrossEntropy extends Func {
  /** The right class of each row. @since 38 */
  constructor(readonly labels: NDArray) {
    super();
  }
  override forward(x: NDArray): NDArray {
    return nd.crossEntropy(x, this.labels);
  }
  override backward(gy: Variable): Variable {
    const x = this.input(0);
    if (!isGradEnabled()) return asVariable(nd.crossEntropyInput(x.data, this.labels, gy.data));
    // A gradient that is to be differentiated again is made of functions.
    const hot = oneHot(this.labels, x.shape[1] ?? 1, x.dtype);
    return mul(softmax(x, { axis: 1 }).sub(asVariable(hot)), gy.mul(1 / this.labels.size));
  }
}

/**
 * How surprised the scores x (N, classes) are by the right classes t (N): mean of −ln softmax(x)[t].
 * @example
 * F.softmaxCrossEntropy(
 *   variable([
 *     [5, 0, 0],
 *     [0, 5, 0],
 *   ]),
 *   [0, 1],
 * ); // → variable(0.0133859017214487)
 * F.softmaxCrossEntropy(
 *   variable([
 *     [5, 0, 0],
 *     [0, 5, 0],
 *   ]),
 *   [1, 0],
 * ); // → variable(5.013385901721449)
 * @since 38
 */
export function softmaxCrossEntropy(x: Operand, t: Labels): Variable {
  const scores = asVariable(x);
  return new SoftmaxCrossEntropy(labelsFor('softmaxCrossEntropy', scores, t)).call(scores);
}

/**
 * Mean of −(t ln p + (1 − t) ln(1 − p)) for probabilities p and targets t in 0…1 of one shape; p is kept 1e-7 off the ends.
 * @throws ShapeError for two shapes, ValueError for a probability or a target outside 0…1.
 * @example
 * F.binaryCrossEntropy(variable([0.9, 0.2]), variable([1, 0]));
 * // → variable(0.164252033486018)
 * @since 38
 */
export function binaryCrossEntropy(p: Operand, t: Operand): Variable {
  const [q, u] = [asVariable(p), asVariable(t)];
  if (!nd.sameShape(q.shape, u.shape))
    throw new ShapeError('binaryCrossEntropy', [q.shape, u.shape], 'the shapes must be equal');
  const outside = (x: Variable) => x.device === 'cpu' && x.values.find((value: number) => value < 0 || value > 1);
  const [p0, t0] = [outside(q), outside(u)];
  if (p0)
    throw new ValueError(`binaryCrossEntropy: probability ${p0} is not from 0 to 1; scores become one by sigmoid`);
  if (t0) throw new ValueError(`binaryCrossEntropy: target ${t0} is not from 0 to 1`);
  const safe = clip(q, 1e-7, 1 - 1e-7);
  const terms = u.mul(log(safe)).add(
    u
      .neg()
      .add(1)
      .mul(log(safe.neg().add(1))),
  );
  return sum(terms).mul(-1 / q.size);
}

/**
 * Share of rows whose largest score is at the label; no gradient.
 * @example
 * F.accuracy(
 *   variable([
 *     [5, 0],
 *     [0, 5],
 *     [5, 0],
 *     [0, 5],
 *   ]),
 *   [0, 1, 0, 0],
 * ); // → variable(0.75)
 * @since 38
 */
export function accuracy(y: Operand, t: Labels): Variable {
  const scores = asVariable(y);
  const labels = labelsFor('accuracy', scores, t);
  const right = nd.equal(nd.argMax(scores.data, { axis: 1 }), labels);
  return asVariable(nd.mean(right.astype(scores.dtype)));
}

register({ meanSquaredError, binaryCrossEntropy });
