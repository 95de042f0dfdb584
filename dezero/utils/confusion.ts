import { array, checkCount, ShapeError, ValueError, type NDArray } from '../ndarray';

/**
 * How often class t (row) was taken for class y (column): counts, int32 (classes, classes); what is right lies on the diagonal.
 * `t` and `y` are labels of the same samples.
 * @throws ShapeError for different lengths; ValueError for a label that is none of the classes.
 * @example
 * // a row for what it is, a column for what it was taken for
 * confusionMatrix([0, 0, 1, 1], [0, 1, 1, 1], 2);
 * // → array([[1 1]
 * //          [0 2]])
 * @since 41
 */
export function confusionMatrix(t: ArrayLike<number>, y: ArrayLike<number>, classes: number): NDArray {
  if (t.length !== y.length)
    throw new ShapeError('confusionMatrix', [[t.length], [y.length]], 'there must be one answer for each label');
  checkCount('confusionMatrix: classes', classes, 1);
  const counts = new Int32Array(classes * classes);
  for (let i = 0; i < t.length; i++) {
    for (const label of [t[i], y[i]]) {
      if (label === undefined || !Number.isInteger(label) || label < 0 || label >= classes)
        throw new ValueError(`confusionMatrix: sample ${i} has the label ${label}; labels go from 0 to ${classes - 1}`);
    }
    const at = (t[i] ?? 0) * classes + (y[i] ?? 0);
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return array(counts, { shape: [classes, classes] });
}
