import { expect, test } from 'vitest';
import { testMode, variable, type Variable } from '../../dezero/core';
import * as F from '../../dezero/functions';
import {
  array,
  DTypeError,
  memoryScope,
  ones,
  randn,
  ShapeError,
  ValueError,
  zeros,
  type DType,
} from '../../dezero/ndarray';

/** y = f(x) and the gradient of Σ y·gy by x, in a dtype; both of that dtype, neither with a NaN. */
function through(
  f: (x: Variable) => Variable,
  x: number[] | number[][],
  dtype: DType,
  gy: number | number[] | number[][] = 1,
) {
  const v = variable(array(x, { dtype }));
  const y = f(v);
  F.sum(y.mul(array(gy, { dtype }))).backward();
  expect([y.dtype, v.grad?.dtype], 'values and gradients keep the dtype').toEqual([dtype, dtype]);
  expect([...y.values, ...(v.grad?.values ?? [NaN])].some(Number.isNaN), 'no NaN').toBe(false);
  return { y, gx: v.grad };
}

const dtypes = ['float64', 'float32'] as const;
/** As exact as the dtype is. */
const exact = (dtype: DType) => ({
  rtol: dtype === 'float64' ? 1e-12 : 1e-6,
  atol: dtype === 'float64' ? 1e-300 : 1e-30,
});

test.each(dtypes)('softmax of scores ±1e4 is certain, in %s, and has no gradient there', (dtype) => {
  const { y, gx } = through(F.softmax, [[1e4, -1e4, 0], [-1e4, -1e4, 1e4]], dtype, [[3, 1, 2], [1, 2, 3]]); // prettier-ignore
  expect(y).toBeAllClose([[1, 0, 0], [0, 0, 1]]); // prettier-ignore
  expect(gx).toBeAllClose(zeros([2, 3]));
});

test.each(dtypes)('softmax of large scores that differ little is as of small ones, in %s', (dtype) => {
  const [small, large] = [0, 8192].map((shift) => through(F.softmax, [[shift, shift + 1, shift + 2]], dtype, [[1, 0, 0]])); // prettier-ignore
  expect(large?.y).toBeAllClose(small?.y ?? NaN, exact(dtype));
  expect(large?.gx).toBeAllClose(small?.gx ?? NaN, exact(dtype));
});

test.each(dtypes)('logSoftmax of scores ±1e4 keeps what softmax rounds to 0, in %s', (dtype) => {
  const { y, gx } = through(F.logSoftmax, [[1e4, 0, -1e4]], dtype, [[0, 1, 0]]);
  expect(y).toBeAllClose([[0, -1e4, -2e4]]);
  expect(gx, 'gy − softmax · Σ gy').toBeAllClose([[-1, 1, 0]]);
});

test.each(dtypes)('log Σ e^x: x − logSoftmax(x), of ±1e4, in %s', (dtype) => {
  const logSumExp = (x: Variable) => F.max(x.sub(F.logSoftmax(x)), { axis: 1 });
  for (const [x, expected] of [
    [[1e4, 1e4], 1e4 + Math.LN2],
    [[-1e4, -1e4], -1e4 + Math.LN2],
    [[1e4, -1e4], 1e4],
  ] as const) {
    const v = variable(array([x], { dtype }));
    expect(logSumExp(v)).toBeAllClose([expected], exact(dtype));
  }
});

test.each(dtypes)('softmaxCrossEntropy of scores ±1e4: 0 where right, the distance where wrong, in %s', (dtype) => {
  const scores = [[1e4, -1e4], [1e4, -1e4], [-1e4, -1e4]]; // prettier-ignore
  const { y, gx } = through((x) => F.softmaxCrossEntropy(x, [0, 1, 0]), scores, dtype);
  expect(y).toBeAllClose((0 + 2e4 + Math.LN2) / 3, exact(dtype));
  expect(gx).toBeAllClose([[0, 0], [1 / 3, -1 / 3], [-1 / 6, 1 / 6]], exact(dtype)); // prettier-ignore
});

test.each(dtypes)('sigmoid at ±800 is 0 and 1 without a detour through Infinity, in %s', (dtype) => {
  const { y, gx } = through(F.sigmoid, [-800, -30, 0, 30, 800], dtype);
  const [tail, near] = [1 / (1 + Math.exp(30)), 1 / (1 + Math.exp(-30))];
  expect(y).toBeAllClose([0, tail, 0.5, near, 1], exact(dtype));
  expect(gx, 'y(1 − y)').toBeAllClose([0, tail, 0.25, dtype === 'float64' ? near * (1 - near) : 0, 0], { ...exact(dtype), rtol: 1e-6 }); // prettier-ignore
});

test.each(dtypes)('the gradients of sigmoid and tanh are to the last digit those made of functions, in %s', (dtype) => {
  using _ = memoryScope(); // so that the long ones go through the kernels
  for (const f of [F.sigmoid, F.tanh]) {
    for (const n of [13, 1300]) {
      const [x, gy] = [0, 1].map((seed) => variable(randn([n], { seed, dtype })));
      const [quick, differentiable] = [false, true].map((createGraph) => {
        const v = variable(x?.data ?? 0);
        const y = f(v);
        y.grad = gy ?? null;
        y.backward({ createGraph });
        return v.grad?.values;
      });
      expect(quick).toHaveLength(n);
      expect(quick).toEqual(differentiable);
    }
  }
});

test.each(dtypes)('binaryCrossEntropy of a sigmoid at ±800 is large, and finite, in %s', (dtype) => {
  const t = array([1, 0, 1, 0], { dtype });
  const { y } = through((x) => F.binaryCrossEntropy(F.sigmoid(x), t), [-800, 800, 800, -800], dtype);
  const atEnd = dtype === 'float64' ? -Math.log(1e-7) : -Math.log(1 - Math.fround(1 - 1e-7)); // 1 − 1e-7 in float32
  expect(y).toBeAllClose((-Math.log(1e-7) + atEnd) / 4, { rtol: 1e-6 });
});

test.each(dtypes)('max and min with ties share the gradient equally, in %s', (dtype) => {
  const x = [[5, 5, 1], [2, 5, 2]]; // prettier-ignore
  expect(through((v) => F.max(v), x, dtype, 6).gx).toBeAllClose([[2, 2, 0], [0, 2, 0]], exact(dtype)); // prettier-ignore
  expect(through((v) => F.max(v, { axis: 1 }), x, dtype, [4, 3]).gx).toBeAllClose([[2, 2, 0], [0, 3, 0]]); // prettier-ignore
  expect(through((v) => F.min(v, { axis: 1 }), x, dtype, [4, 3]).gx).toBeAllClose([[0, 0, 4], [1.5, 0, 1.5]]); // prettier-ignore
  expect(through((v) => F.max(v, { axis: 0 }), x, dtype, [1, 2, 3]).gx).toBeAllClose([[1, 1, 0], [0, 1, 3]]); // prettier-ignore
});

test.each(dtypes)('batchNorm of a batch of one: refused in training, by running statistics in use, in %s', (dtype) => {
  const state = () => ({ mean: array([1, 2], { dtype }), var: array([4, 9], { dtype }), eps: 0 });
  const [gamma, beta] = [ones([2], { dtype }), zeros([2], { dtype })];
  const norm = (x: Variable) => F.batchNorm(x, gamma, beta, state());
  expect(() => norm(variable(array([[5, 8]], { dtype })))).toThrow(ValueError);
  expect(() => norm(variable(array([[5, 8]], { dtype })))).toThrow('one element a channel has no variance');
  expect(() => F.batchNorm(ones([1, 2, 1, 1], { dtype }), gamma, beta, state())).toThrow(ValueError);
  const { y, gx } = testMode(() => through(norm, [[5, 8]], dtype));
  expect(y).toBeAllClose([[2, 2]], exact(dtype));
  expect(gx).toBeAllClose([[1 / 2, 1 / 3]], exact(dtype));
});

test.each(dtypes)('batchNorm of a picture alone has the places of the picture for its batch, in %s', (dtype) => {
  const x = variable(array([[[[1, 3]]]], { dtype }));
  const y = F.batchNorm(x, ones([1], { dtype }), zeros([1], { dtype }), { mean: zeros([1], { dtype }), var: ones([1], { dtype }), eps: 0 }); // prettier-ignore
  expect(y).toBeAllClose([[[[-1, 1]]]], exact(dtype));
});

test.each(dtypes)('batchNorm of a column that never changes is 0, its gradient finite, in %s', (dtype) => {
  const state = { mean: zeros([1], { dtype }), var: ones([1], { dtype }) };
  const norm = (x: Variable) => F.batchNorm(x, ones([1], { dtype }), zeros([1], { dtype }), state);
  const { y, gx } = through(norm, [[7], [7], [7]], dtype, [[1], [2], [3]]);
  expect(y).toBeAllClose([[0], [0], [0]]);
  expect(gx, 'divided by √eps').toBeAllClose([[-316.2277], [0], [316.2277]], { rtol: 1e-4, atol: 1e-3 });
});

test.each<[string, () => unknown, new (...xs: never[]) => Error, RegExp]>([
  ['a label above the classes', () => F.softmaxCrossEntropy(zeros([2, 3]), [0, 3]), ValueError, /label 3 \(row 1\) is not one of the 3 classes 0 to 2/],
  ['a label below 0', () => F.softmaxCrossEntropy(zeros([2, 3]), array([-1, 0])), ValueError, /label -1 \(row 0\)/],
  ['accuracy of a label out of range', () => F.accuracy(zeros([1, 3]), [7]), ValueError, /accuracy: label 7 \(row 0\)/],
  ['a label with a fraction', () => F.softmaxCrossEntropy(zeros([1, 3]), array([1.5])), DTypeError, /whole numbers, got float64/],
  ['a label that is no number', () => F.softmaxCrossEntropy(zeros([1, 3]), [NaN]), DTypeError, /whole numbers/],
  ['one-hot rows for labels', () => F.softmaxCrossEntropy(zeros([2, 3]), array([[1, 0, 0], [0, 1, 0]])), ShapeError, /\(2, 3\) and \(2, 3\) do not fit: 2 rows of scores need 2 labels/],
  ['names for labels', () => F.softmaxCrossEntropy(zeros([1, 3]), ['ant'] as unknown as number[]), DTypeError, /softmaxCrossEntropy: expected whole numbers, in a list or an NDArray, got \["ant"\]/],
  ['no labels', () => F.accuracy(zeros([1, 3]), undefined as unknown as number[]), DTypeError, /accuracy: expected whole numbers, in a list or an NDArray, got undefined/],
  ['a score that is no probability', () => F.binaryCrossEntropy(array([0.5, -3]), ones([2])), ValueError, /probability -3 is not from 0 to 1; scores become one by sigmoid/],
  ['more labels than rows', () => F.softmaxCrossEntropy(zeros([2, 3]), [0, 1, 2]), ShapeError, /2 rows of scores need 2 labels/],
  ['scores of three axes', () => F.softmaxCrossEntropy(zeros([1, 2, 3]), [0]), ShapeError, /scores are \(N, classes\)/],
  ['accuracy of scores of one axis', () => F.accuracy(zeros([3]), [0]), ShapeError, /accuracy.*scores are \(N, classes\)/],
  ['a target that is no probability', () => F.binaryCrossEntropy(ones([2]), array([0, 5])), ValueError, /binaryCrossEntropy: target 5 is not from 0 to 1/],
  ['a target that would broadcast', () => F.binaryCrossEntropy(zeros([2, 1]), zeros([2])), ShapeError, /binaryCrossEntropy: shapes \(2, 1\) and \(2,\)/],
])('%s is an error in words', (_, run, kind, message) => {
  expect(run).toThrow(kind);
  expect(run).toThrow(message);
}); // prettier-ignore
