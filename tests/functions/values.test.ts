import { expect, test } from 'vitest';
import { noGrad, testMode, variable, type Variable } from '../../dezero/core';
import * as F from '../../dezero/functions';
import {
  arange,
  array,
  DTypeError,
  Generator,
  ones,
  randn,
  setSeed,
  ShapeError,
  ValueError,
  zeros,
  type DType,
  type NDArray,
  type Shape,
} from '../../dezero/ndarray';

test('sigmoid neither overflows nor loses its tail', () => {
  const y = F.sigmoid(variable([-800, -40, 0, 40, 800]));
  expect(y).toBeAllClose([0, Math.exp(-40), 0.5, 1, 1], { rtol: 1e-12, atol: 0 });
});

test('softmax and logSoftmax are right for scores of any size', () => {
  const x = variable([[1e4, 0, -1e4]]);
  expect(F.softmax(x)).toBeAllClose([[1, 0, 0]]);
  expect(F.logSoftmax(x)).toBeAllClose([[0, -1e4, -2e4]]);
  expect(F.softmax(variable([[1, 2], [3, 5]]), { axis: 0 }).sum({ axis: 0 })).toBeAllClose([1, 1]); // prettier-ignore
});

test('softmaxCrossEntropy is the mean surprise, right for scores of any size', () => {
  const scores = variable([[1e4, -1e4], [1e4, -1e4], [0, 0]]); // prettier-ignore
  const loss = F.softmaxCrossEntropy(scores, [0, 1, 1]);
  expect(loss).toBeAllClose((0 + 2e4 + Math.log(2)) / 3);
  loss.backward();
  expect(scores.grad).toBeAllClose([[0, 0], [1 / 3, -1 / 3], [1 / 6, -1 / 6]]); // prettier-ignore
});

test('a class ruled out by a score of −∞ is no surprise', () => {
  const scores = variable([[0, -Infinity, 0]]);
  const loss = F.softmaxCrossEntropy(scores, [2]);
  expect(loss).toBeAllClose(Math.log(2));
  loss.backward();
  expect(scores.grad).toBeAllClose([[0.5, 0, -0.5]]);
});

test('labels come as int32, as whole numbers of any kind, as a variable, as a column', () => {
  const scores = variable([[1, 2], [3, 1]]); // prettier-ignore
  const expected = F.softmaxCrossEntropy(scores, [1, 0]);
  const forms = [array(Int32Array.of(1, 0)), array([1, 0]), variable([1, 0]), array([[1], [0]]), array([true, false])];
  for (const labels of forms) expect(F.softmaxCrossEntropy(scores, labels)).toBeAllClose(expected);
});

test.each<[string, () => unknown, new (...xs: never[]) => Error, string]>([
  [
    'a label out of range',
    () => F.softmaxCrossEntropy(zeros([2, 3]), [0, 3]),
    ValueError,
    'softmaxCrossEntropy: label 3 (row 1) is not one of the 3 classes 0 to 2',
  ],
  [
    'a negative label',
    () => F.accuracy(zeros([2, 3]), [-1, 0]),
    ValueError,
    'accuracy: label -1 (row 0) is not one of the 3 classes 0 to 2',
  ],
  [
    'a fraction as a label',
    () => F.softmaxCrossEntropy(zeros([1, 3]), [0.5]),
    DTypeError,
    'softmaxCrossEntropy: expected whole numbers, got float64 with a fraction',
  ],
  [
    'too few labels',
    () => F.softmaxCrossEntropy(zeros([2, 3]), [0]),
    ShapeError,
    'softmaxCrossEntropy: shapes (2, 3) and (1,) do not fit: 2 rows of scores need 2 labels',
  ],
  [
    'scores of one axis',
    () => F.softmaxCrossEntropy(zeros([3]), [0]),
    ShapeError,
    'softmaxCrossEntropy: shapes (3,) do not fit: scores are (N, classes)',
  ],
  [
    'targets that would broadcast',
    () => F.meanSquaredError(zeros([3, 1]), zeros([3])),
    ShapeError,
    'meanSquaredError: shapes (3, 1) and (3,) do not fit: predictions and targets need equal shapes',
  ],
  [
    'probabilities and targets of two shapes',
    () => F.binaryCrossEntropy(zeros([3, 1]), zeros([3])),
    ShapeError,
    'binaryCrossEntropy: shapes (3, 1) and (3,) do not fit',
  ],
  [
    'an exponent that is no number',
    () => F.pow(ones([1]), '2' as never),
    DTypeError,
    'pow(x, c): the exponent c must be a plain number',
  ],
  ['a clip upside down', () => F.clip(ones([1]), 2, 1), ValueError, 'clip: min 2 must not be above max 1'],
  [
    'inner sizes that differ',
    () => F.linear(zeros([2, 3]), zeros([4, 5])),
    ShapeError,
    'matmul: shapes (2, 3) and (4, 5) do not fit: the inner sizes 3 and 4 must be equal',
  ],
  [
    'a bias of another size',
    () => F.linear(zeros([2, 3]), zeros([3, 5]), zeros([4])),
    ShapeError,
    'the bias must have shape (5,)',
  ],
  [
    'a sum to what does not broadcast',
    () => F.sumTo(zeros([2, 3]), [2]),
    ShapeError,
    'sumTo: shapes (2, 3) and (2,) do not fit: the second must broadcast to the first',
  ],
  [
    'a kernel larger than the padded picture',
    () => F.conv2d(zeros([1, 1, 3, 8]), zeros([1, 1, 6, 2]), null, { pad: 1, stride: 2 }),
    ShapeError,
    'conv2d: shapes (3, 8) and (6, 2) do not fit: (3 + 2·1 − 6) / 2 + 1 is less than 1: the kernel is larger than the padded picture',
  ],
  [
    'other channels',
    () => F.conv2d(zeros([1, 3, 8, 8]), zeros([4, 1, 3, 3])),
    ShapeError,
    'conv2d: shapes (1, 3, 8, 8) and (4, 1, 3, 3) do not fit: x is (N, C, H, W), the weights (O, C, KH, KW), with the same C',
  ],
  [
    'channels that cannot be shared among the groups',
    () => F.conv2d(zeros([1, 3, 8, 8]), zeros([4, 1, 3, 3]), null, { groups: 2 }),
    ShapeError,
    'conv2d: shapes (1, 3, 8, 8) and (4, 1, 3, 3) do not fit: 3 channels and 4 filters, in 2 groups: take a number of groups that divides both',
  ],
  [
    'filters that cannot be shared among the groups',
    () => F.conv2d(zeros([1, 4, 8, 8]), zeros([3, 2, 3, 3]), null, { groups: 2 }),
    ShapeError,
    'conv2d: shapes (1, 4, 8, 8) and (3, 2, 3, 3) do not fit: 4 channels and 3 filters, in 2 groups: take a number of groups that divides both',
  ],
  [
    'weights for all channels, in groups',
    () => F.conv2d(zeros([1, 4, 8, 8]), zeros([2, 4, 3, 3]), null, { groups: 2 }),
    ShapeError,
    'conv2d: shapes (1, 4, 8, 8) and (2, 4, 3, 3) do not fit: x is (N, C, H, W), in 2 groups the weights are (O, C / 2, KH, KW), here with C / 2 = 2',
  ],
  [
    'half a group',
    () => F.conv2d(zeros([1, 4, 8, 8]), zeros([2, 4, 3, 3]), null, { groups: 0.5 }),
    ValueError,
    'conv2d: groups must be a whole number from 1 on, not 0.5',
  ],
  [
    'a picture without its batch',
    () => F.conv2d(zeros([3, 8, 8]), zeros([4, 3, 3, 3])),
    ShapeError,
    'conv2d: shapes (3, 8, 8) do not fit: pictures have four axes, (N, C, H, W)',
  ],
  [
    'weights of two axes',
    () => F.conv2d(zeros([1, 3, 8, 8]), zeros([4, 3])),
    ShapeError,
    'conv2d: shapes (4, 3) do not fit: weights have four axes',
  ],
  [
    'a bias for other channels',
    () => F.conv2d(zeros([1, 1, 8, 8]), zeros([4, 1, 3, 3]), zeros([3])),
    ShapeError,
    'conv2d: shapes (4, 1, 3, 3) and (3,) do not fit: the bias must have shape (4,)',
  ],
  [
    'a stride of 0',
    () => F.conv2d(zeros([1, 1, 8, 8]), zeros([4, 1, 3, 3]), null, { stride: 0 }),
    ValueError,
    'stride must be a whole number from 1 on, not 0',
  ],
  [
    'a negative pad',
    () => F.averagePool(zeros([1, 1, 8, 8]), { kernel: 2, pad: [0, -1] }),
    ValueError,
    'pad must be a whole number from 0 on, not -1',
  ],
  [
    'a pooling pad as large as the kernel',
    () => F.maxPool(zeros([1, 1, 8, 8]), { kernel: 2, pad: 2 }),
    ValueError,
    'maxPool: pad 2, 2 must be less than the kernel 2, 2',
  ],
  [
    'channels that deconv2d does not know',
    () => F.deconv2d(zeros([1, 2, 3, 3]), zeros([1, 2, 3, 3])),
    ShapeError,
    'deconv2d: shapes (1, 2, 3, 3) and (1, 2, 3, 3) do not fit: x is (N, C, H, W), the weights (C, O, KH, KW), with the same C',
  ],
  [
    'a deconv2d that cuts all away',
    () => F.deconv2d(zeros([1, 1, 1, 1]), zeros([1, 1, 2, 2]), null, { pad: 1 }),
    ShapeError,
    '1·(1 − 1) + 2 − 2·1 is less than 1: the padding cuts the whole picture away',
  ],
  [
    'a deconv2d bias of another size',
    () => F.deconv2d(zeros([1, 1, 2, 2]), zeros([1, 3, 2, 2]), zeros([1])),
    ShapeError,
    'deconv2d: shapes (1, 3, 2, 2) and (1,) do not fit: the bias must have shape (3,)',
  ],
  [
    'rows that are no windows of the pictures',
    () => F.col2im(zeros([4, 3]), [1, 1, 3, 3], { kernel: 2 }),
    ShapeError,
    'col2im: shapes (4, 3) and (1, 1, 3, 3) do not fit: such pictures have windows of shape (4, 4)',
  ],
  ['all dropped', () => F.dropout(ones([1]), 1), ValueError, 'dropout: ratio must be from 0 up to but not 1, not 1'],
  [
    'an id out of range',
    () => F.embedId([0, 5], zeros([5, 2])),
    ValueError,
    'embedId: id 5 is not one of the 5 rows of W',
  ],
  [
    'an index out of range',
    () => F.getItem(ones([3]), Int32Array.of(0, 3)),
    ValueError,
    'getItem: index 3 is out of range for axis 0 of size 3',
  ],
  [
    'a number out of range',
    () => F.getItem(ones([3]), -4),
    ValueError,
    'slice: index -4 is out of range for axis 0 of size 3',
  ],
  [
    'a fraction as an index',
    () => F.getItem(ones([3]), array([0.5])),
    DTypeError,
    'getItem: expected whole numbers, got float64 with a fraction',
  ],
  [
    'a mask as an index',
    () => F.getItem(ones([3]), array([true, false, true])),
    DTypeError,
    'getItem: a mask does not say how many it takes; give positions, or multiply by the mask',
  ],
  [
    'a table of positions',
    () => F.getItem(ones([3]), array([[0, 1]])),
    ShapeError,
    'getItem: shapes (1, 2) do not fit: positions along an axis are an array of one axis',
  ],
  [
    'a split into unequal parts',
    () => F.split(ones([2, 5]), 2, { axis: 1 }),
    ValueError,
    'split: 5 along axis 1 make no 2 equal parts',
  ],
  ['a concat of nothing', () => F.concat([]), ValueError, 'concat: needs at least one array'],
  [
    'a concat that does not fit',
    () => F.concat([ones([2, 3]), ones([3, 2])], { axis: 1 }),
    ShapeError,
    'concat: shapes (2, 3) and (3, 2) do not fit: all sizes but that of axis 1 must be equal',
  ],
  [
    'a batch of one',
    () => F.batchNorm(ones([1, 2]), ones([2]), ones([2]), { mean: zeros([2]), var: ones([2]) }),
    ValueError,
    'batchNorm: one element a channel has no variance; use a larger batch, or testMode(…)',
  ],
  [
    'statistics of other channels',
    () => F.batchNorm(ones([4, 2]), ones([2]), ones([2]), { mean: zeros([3]), var: ones([3]) }),
    ShapeError,
    'batchNorm: shapes (4, 2) and (3,) do not fit: x has 2 channels',
  ],
  [
    'a batchNorm of three axes',
    () => F.batchNorm(ones([4, 2, 2]), ones([2]), ones([2]), { mean: zeros([2]), var: ones([2]) }),
    ShapeError,
    'batchNorm: shapes (4, 2, 2) do not fit: x is (N, C) or (N, C, H, W)',
  ],
])('%s is an error in words', (_, run, kind, message) => {
  expect(run).toThrow(kind);
  expect(run).toThrow(message);
});

test('losses have the textbook’s values', () => {
  expect(F.meanSquaredError(variable([[1, 2], [3, 4]]), zeros([2, 2]))).toBeAllClose(15); // prettier-ignore
  expect(F.binaryCrossEntropy(variable([0.8, 0.4]), array([1, 0]))).toBeAllClose(-(Math.log(0.8) + Math.log(0.6)) / 2);
  expect(F.binaryCrossEntropy(variable([0, 1]), array([1, 0])).item()).toBeCloseTo(-Math.log(1e-7), 6);
  expect(F.accuracy(variable([[1, 2], [3, 1], [0, 1]]), [1, 0, 0])).toBeAllClose(2 / 3); // prettier-ignore
});

const gradient = (x: Variable, y: Variable): Variable | null => {
  x.clearGrad();
  y.backward();
  return x.grad;
};

test('where the largest elements tie they share the gradient', () => {
  const x = variable([[1, 3, 3], [2, 2, 2]]); // prettier-ignore
  expect(gradient(x, F.max(x, { axis: 1 }))).toBeAllClose([[0, 1 / 2, 1 / 2], [1 / 3, 1 / 3, 1 / 3]]); // prettier-ignore
  expect(gradient(x, F.max(x))).toBeAllClose([[0, 1 / 2, 1 / 2], [0, 0, 0]]); // prettier-ignore
  expect(gradient(x, F.min(x, { axis: 0, keepdims: true }))).toBeAllClose([[1, 0, 0], [0, 1, 1]]); // prettier-ignore
});

test('clip lets the gradient through at both ends', () => {
  const x = variable([-2, -1, 0, 1, 2]);
  expect(F.clip(x, -1, 1)).toBeAllClose([-1, -1, 0, 1, 1]);
  expect(gradient(x, F.clip(x, -1, 1))).toBeAllClose([0, 1, 1, 1, 0]);
});

test('relu and leakyRelu have the left slope at 0', () => {
  const x = variable([-1, 0, 2]);
  expect(gradient(x, F.relu(x))).toBeAllClose([0, 0, 1]);
  expect(gradient(x, F.leakyRelu(x, 0.1))).toBeAllClose([0.1, 0.1, 1]);
});

test('a change of dtype takes the gradient back', () => {
  const x = variable(new Float32Array([1, 2]));
  const y = F.astype(x, 'float64');
  expect(y).toMatchObject({ dtype: 'float64' });
  expect(gradient(x, y.mul(array([0.1, 3])))).toMatchObject({ dtype: 'float32', values: new Float32Array([0.1, 3]) });
});

test('getItem takes each index on its own axis', () => {
  const x = variable(arange(12).reshape([3, 4]));
  expect(F.getItem(x, 1)).toBeAllClose([4, 5, 6, 7]);
  expect(F.getItem(x, [1, 2])).toBeAllClose(6);
  expect(F.getItem(x, [{}, { from: 1, step: 2 }])).toBeAllClose([[1, 3], [5, 7], [9, 11]]); // prettier-ignore
  expect(F.getItem(x, Int32Array.of(2, 0))).toBeAllClose([[8, 9, 10, 11], [0, 1, 2, 3]]); // prettier-ignore
  expect(F.getItem(x, [Int32Array.of(2, 0), Int32Array.of(-1, 1)])).toBeAllClose([[11, 9], [3, 1]]); // prettier-ignore
  expect(F.getItem(x, [-1, Int32Array.of(1, 1)])).toBeAllClose([9, 9]);
  expect(gradient(x, F.getItem(x, [0, Int32Array.of(1, 1)]))).toBeAllClose([[0, 2, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]); // prettier-ignore
});

test('linear is linearSimple, values and gradients', () => {
  const inputs = [randn([4, 3], { seed: 0 }), randn([3, 2], { seed: 1 }), randn([2], { seed: 2 })] as const;
  const [fast, simple] = [F.linear, F.linearSimple].map((f) => {
    const [x, W, b] = inputs.map((data) => variable(data));
    if (!x || !W || !b) throw new Error('three inputs expected');
    const y = f(x, W, b);
    y.square().sum().backward();
    return [y, x.grad, W.grad, b.grad];
  });
  fast?.forEach((value, i) => expect(value).toBeAllClose(simple?.[i] ?? NaN));
});

const convolutions = [
  { x: [2, 3, 7, 6], W: [4, 3, 3, 3], stride: 1, pad: 1 },
  { x: [1, 2, 8, 8], W: [3, 2, 2, 3], stride: [2, 1], pad: [0, 2] },
  { x: [2, 3, 33, 31], W: [8, 3, 7, 7], stride: 2, pad: 0 },
  { x: [2, 8, 5, 5], W: [6, 8, 1, 1], stride: 1, pad: 0 },
] as const;

test.each(convolutions.flatMap((one) => (['float64', 'float32'] as const).map((dtype) => ({ ...one, dtype }))))(
  'conv2d is conv2dSimple, values and gradients: $x by $W, stride $stride, pad $pad, $dtype',
  ({ x: xShape, W: wShape, stride, pad, dtype }) => {
    const [fast, simple] = [F.conv2d, F.conv2dSimple].map((f) => {
      const [x, W, b] = [xShape, wShape, wShape.slice(0, 1)].map((shape, seed) =>
        variable(randn(shape, { seed, dtype })),
      );
      if (!x || !W || !b) throw new Error('three inputs expected');
      const y = f(x, W, b, { stride, pad });
      y.square().sum().backward();
      return [y, x.grad, W.grad, b.grad];
    });
    const tolerance = dtype === 'float32' ? { rtol: 1e-4, atol: 1e-2 } : { rtol: 1e-10 };
    fast?.forEach((value, i) => expect(value).toBeAllClose(simple?.[i] ?? NaN, tolerance));
  },
);

/** Convolution in groups by the definition: split, convolve each group, put together. */
function splitAndConvolve(
  x: Variable,
  W: Variable,
  b: Variable,
  { groups, ...options }: (typeof inGroups)[number]['options'],
) {
  const part = (v: Variable, axis: 0 | 1, group: number) => {
    const size = (v.shape[axis] ?? 0) / groups;
    const range = { from: group * size, to: (group + 1) * size };
    return F.getItem(v, axis === 0 ? [range] : [{}, range]);
  };
  const parts = Array.from({ length: groups }, (_, group) =>
    F.conv2dSimple(part(x, 1, group), part(W, 0, group), part(b, 0, group), options),
  );
  return F.concat(parts, { axis: 1 });
}

const inGroups = [
  { x: [2, 6, 9, 8], W: [4, 3, 3, 3], options: { groups: 2, stride: 2, pad: 1 } },
  { x: [2, 5, 9, 11], W: [5, 1, 3, 3], options: { groups: 5, stride: 1, pad: 1 } },
  { x: [1, 4, 12, 7], W: [8, 1, 5, 2], options: { groups: 4, stride: 2, pad: 2 } },
] as const;

test.each(inGroups.flatMap((one) => (['float64', 'float32'] as const).map((dtype) => ({ ...one, dtype }))))(
  'conv2d in groups is a conv2d of each, put together, values and gradients: $x by $W, $options, $dtype',
  ({ x: xShape, W: wShape, options, dtype }) => {
    const [grouped, split] = [F.conv2d, splitAndConvolve].map((f) => {
      const [x, W, b] = [xShape, wShape, wShape.slice(0, 1)].map((shape, seed) =>
        variable(randn(shape, { seed, dtype })),
      );
      if (!x || !W || !b) throw new Error('three inputs expected');
      const y = f(x, W, b, options);
      y.square().sum().backward();
      return [y, x.grad, W.grad, b.grad];
    });
    const tolerance = dtype === 'float32' ? { rtol: 1e-4, atol: 1e-3 } : { rtol: 1e-10 };
    grouped?.forEach((value, i) => expect(value).toBeAllClose(split?.[i] ?? NaN, tolerance));
  },
);

test('conv2d with relu is relu of conv2d', () => {
  const [x, W, b] = [randn([1, 2, 5, 5], { seed: 0 }), randn([3, 2, 3, 3], { seed: 1 }), randn([3], { seed: 2 })];
  expect(F.conv2d(x, W, b, { activation: 'relu' })).toBeAllClose(F.relu(F.conv2d(x, W, b)));
});

test('deconv2d undoes conv2d in shape, and is its adjoint', () => {
  const [x, W, y] = [
    variable(randn([2, 3, 9, 7], { seed: 0 })),
    randn([4, 3, 3, 3], { seed: 1 }),
    randn([2, 4, 5, 4], { seed: 2 }),
  ];
  const options = { stride: 2, pad: 1 };
  const back = F.deconv2d(y, W, null, options);
  expect(back.shape).toEqual(x.shape);
  const inner = (a: Variable, b: Variable) => a.mul(b).sum().item();
  expect(inner(F.conv2d(x, W, null, options), variable(y))).toBeCloseTo(inner(x, back), 9);
});

test('im2col lays windows out as rows, and col2im adds them back', () => {
  const x = variable(arange(9).reshape([1, 1, 3, 3]));
  expect(F.im2col(x, { kernel: 2 })).toBeAllClose([[0, 1, 3, 4], [1, 2, 4, 5], [3, 4, 6, 7], [4, 5, 7, 8]]); // prettier-ignore
  expect(F.col2im(ones([4, 4]), [1, 1, 3, 3], { kernel: 2 })).toBeAllClose([[[[1, 2, 1], [2, 4, 2], [1, 2, 1]]]]); // prettier-ignore
  expect(F.im2col(x, { kernel: 2, stride: 2, pad: 1 }).shape).toEqual([4, 4]);
});

test('maxPool takes the first of those that tie, and windows over the edge where ceil asks for them', () => {
  const x = variable(ones([1, 1, 4, 4]));
  expect(gradient(x, F.maxPool(x, { kernel: 2 }))).toBeAllClose([[[[1, 0, 1, 0], [0, 0, 0, 0], [1, 0, 1, 0], [0, 0, 0, 0]]]]); // prettier-ignore
  const wide = variable(arange(54 * 54).reshape([1, 1, 54, 54]));
  expect(F.maxPool(wide, { kernel: 3, stride: 2 }).shape).toEqual([1, 1, 26, 26]);
  const y = F.maxPool(wide, { kernel: 3, stride: 2, ceil: true });
  expect(y.shape).toEqual([1, 1, 27, 27]); // as PyTorch's MaxPool2d(3, 2, ceil_mode=True)
  expect(y.values[27 * 27 - 1]).toBe(54 * 54 - 1);
});

// Sizes from torch.nn.functional.max_pool2d(torch.ones(1, 1, n, n), kernel, stride, pad, ceil_mode=True).
test.each([
  [54, 3, 2, 0, 27],
  [5, 2, 3, 1, 2],
  [4, 2, 4, 1, 2],
  [3, 2, 2, 1, 2],
  [4, 3, 2, 1, 3],
  [6, 3, 2, 0, 3],
  [7, 3, 3, 1, 3],
  [5, 2, 4, 1, 2],
  [13, 3, 2, 0, 6],
  [4, 2, 3, 1, 2],
])(
  'a picture of %i with kernel %i, stride %i, pad %i and ceil gives %i, as in PyTorch',
  (n, kernel, stride, pad, size) => {
    const y = F.maxPool(ones([1, 1, n, n]), { kernel, stride, pad, ceil: true });
    expect(y).toBeAllClose(ones([1, 1, size, size]));
  },
);

test('maxPool never takes its padding, averagePool counts it as zeros', () => {
  const x = variable(ones([1, 1, 2, 2])).neg();
  expect(F.maxPool(x, { kernel: 2, stride: 2, pad: 1 })).toBeAllClose([[[[-1, -1], [-1, -1]]]]); // prettier-ignore
  expect(F.averagePool(x, { kernel: 2, stride: 2, pad: 1 })).toBeAllClose([[[[-0.25, -0.25], [-0.25, -0.25]]]]); // prettier-ignore
  expect(F.globalAveragePool(variable(arange(8).reshape([1, 2, 2, 2])))).toBeAllClose([[1.5, 5.5]]);
});

test('dropout keeps the mean, drops its share, and repeats with its seed', () => {
  const x = variable(ones([10000]));
  const y = F.dropout(x, 0.3, new Generator(0));
  const values = Array.from(y.values);
  expect(new Set(values.map((value) => value.toFixed(12)))).toEqual(new Set(['0.000000000000', (1 / 0.7).toFixed(12)]));
  expect(values.filter((value) => value === 0).length / 10000).toBeCloseTo(0.3, 1);
  expect(F.dropout(x, 0.3, new Generator(0))).toBeAllClose(y);
  setSeed(3);
  const first = F.dropout(x, 0.3);
  expect(F.dropout(x, 0.3)).not.toBeAllClose(first);
  setSeed(3);
  expect(F.dropout(x, 0.3)).toBeAllClose(first);
});

test('batchNorm centres each channel, moves its running statistics in training, and only reads them in use', () => {
  const x = variable(randn([8, 2, 3, 3], { seed: 0 }))
    .mul(array([2, 3]).reshape([1, 2, 1, 1]))
    .add(5);
  const state = { mean: zeros([2]), var: ones([2]) };
  const y = F.batchNorm(x, ones([2]), zeros([2]), state);
  const axis = [0, 2, 3];
  expect(F.mean(y, { axis })).toBeAllClose([0, 0]);
  expect(F.mean(y.square(), { axis })).toBeAllClose([1, 1], { rtol: 1e-4 });
  const mean = F.mean(x, { axis, keepdims: true });
  const unbiased = F.mean(x.sub(mean).square(), { axis }).mul(72 / 71);
  expect(state.mean).toBeAllClose(mean.reshape([2]).mul(0.1));
  expect(state.var).toBeAllClose(unbiased.mul(0.1).add(0.9));
  const before = state.mean.toNested();
  const used = testMode(() => F.batchNorm(x, array([2, 2]), ones([2]), state));
  expect(state.mean.toNested()).toEqual(before);
  const row = [1, 2, 1, 1];
  const expected = x
    .sub(state.mean.reshape(row))
    .div(variable(state.var.reshape(row)).add(1e-5).pow(0.5))
    .mul(2)
    .add(1);
  expect(used).toBeAllClose(expected);
});

/** Pictures, enough for the kernels of the cpu; the second lie turned about, and only every second channel of them is used. */
const pictures: Record<string, (dtype: DType) => NDArray> = {
  'as they lie': (dtype) => randn([6, 5, 4, 9], { seed: 4 }).astype(dtype),
  'of any strides': (dtype) => randn([9, 4, 10, 6], { seed: 4 }).astype(dtype).transpose().slice([{}, { from: 1, step: 2 }]),
}; // prettier-ignore
const numbers = ({ dtype }: Variable, ...values: number[]) => array(values, { dtype });
const single: Record<string, (x: Variable, gamma: Variable, beta: Variable) => Variable> = {
  'batchNorm in training': (x, gamma, beta) => F.batchNorm(x, gamma, beta, { mean: zeros([5]), var: ones([5]) }),
  'batchNorm in use': (x, gamma, beta) => {
    const state = { mean: numbers(x, 1, 2, 3, 4, 5), var: numbers(x, 5, 4, 3, 2, 1) };
    return testMode(() => F.batchNorm(x, gamma, beta, state));
  },
  'softmax along the channels': (x) => F.softmax(x, { axis: 1 }),
  'logSoftmax along the last axis': (x) => F.logSoftmax(x),
  softmaxCrossEntropy: (x) =>
    F.softmaxCrossEntropy(
      x.reshape([30, 36]),
      Array.from({ length: 30 }, (_, i) => i),
    ),
};
const sweep = Object.entries(single).flatMap(([name, f]) => Object.entries(pictures).map(([how, make]) => ({ name, f, how, make }))); // prettier-ignore

test.each(sweep)('$name, of pictures $how: float32 as float64, a gradient with a graph as one without', ({ f, make }) => {
  const derivatives = (dtype: DType, createGraph: boolean) => {
    const draw = (seed: number, shape: Shape) => randn(shape, { seed }).astype(dtype);
    const [x, gamma, beta] = [variable(make(dtype)), variable(draw(7, [5])), variable(draw(8, [5]))];
    const y = f(x, gamma, beta);
    F.sum(y.mul(draw(9, y.shape))).backward({ createGraph });
    return [y, x.grad, gamma.grad, beta.grad].filter((one) => one !== null);
  };
  const expected = derivatives('float64', true);
  for (const dtype of ['float64', 'float32'] as const) {
    for (const createGraph of [false, true]) {
      const tolerance = dtype === 'float64' ? { rtol: 1e-10, atol: 1e-12 } : { rtol: 1e-4, atol: 1e-5 };
      derivatives(dtype, createGraph).forEach((one, i) => {
        expect(one.dtype).toBe(dtype);
        expect(one).toBeAllClose(expected[i] ?? NaN, tolerance);
      });
    }
  }
}); // prettier-ignore

test('embedId reads rows, for ids of any shape', () => {
  const W = arange(6).reshape([3, 2]);
  expect(F.embedId([2, 0], W)).toBeAllClose([[4, 5], [0, 1]]); // prettier-ignore
  expect(F.embedId(array([[1], [1]]), W).shape).toEqual([2, 1, 2]);
});

test('functions are methods too', () => {
  const x = variable([[1, 2]]);
  noGrad(() => {
    expect(x.mul(2).add(1).sub(1).div(2).neg().pow(2).square()).toBeAllClose([[1, 16]]);
    expect(x.exp().log()).toBeAllClose(x);
    expect(x.transpose().reshape([1, 2]).getItem(0).sum().item()).toBe(3);
    expect(x.matmul(x.transpose()).mean().item()).toBe(5);
    expect(x.sigmoid().relu().clip(0, 1).max().item()).toBeCloseTo(0.8808, 4);
  });
});
