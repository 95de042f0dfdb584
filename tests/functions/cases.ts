import { testMode, type Variable } from '../../dezero/core';
import * as F from '../../dezero/functions';
import { array, Generator, rand, randn, type NDArray } from '../../dezero/ndarray';
import * as nd from '../../dezero/ndarray';

/** A function of its inputs, with the inputs to check it at. */
export type Case = readonly [f: (...xs: Variable[]) => Variable, ...inputs: NDArray[]];

const normal = (seed: number, ...shape: number[]): NDArray => randn(shape, { seed });
const positive = (seed: number, ...shape: number[]): NDArray => nd.add(rand(shape, { seed }), 0.5);
/** Different numbers at least 1/4 apart, and none at 0 or a whole number, in random order: no kink and no tie is near. */
const spread = (seed: number, ...shape: number[]): NDArray => {
  const order = new Generator(seed).permutation(shape.reduce((a, b) => a * b, 1));
  return array(
    Float64Array.from(order, (i) => (i - order.length / 2) / 4 + 0.1),
    { shape },
  );
};
const labels = [2, 0, 1, 1];
/** Numbers of the dtype of x, where x is. */
const beside = ({ dtype, device }: Variable, values: number[]): NDArray => {
  const here = array(values, { dtype });
  return device === 'gpu' ? here.to(device) : here;
};
/** Running statistics of their own for each call, since training moves them. */
const statistics = (x: Variable) => ({ mean: beside(x, [0.1, -0.2, 0.3]), var: beside(x, [1, 2, 0.5]) });

/** Every function there is: name → where its gradients are checked. */
export const cases: Record<string, Record<string, Case>> = {
  add: {
    'of equal shapes': [F.add, normal(0, 2, 3), normal(1, 2, 3)],
    'with broadcasting': [F.add, normal(0, 2, 1, 3), normal(1, 4, 1)],
    'of a variable and itself': [(x) => F.add(x, x), normal(0, 3)],
    'of a number': [(x) => F.add(2, x), normal(0, 3)],
  },
  sub: {
    'of equal shapes': [F.sub, normal(0, 2, 3), normal(1, 2, 3)],
    'with broadcasting': [F.sub, normal(0, 3), normal(1, 2, 3)],
  },
  mul: {
    'of equal shapes': [F.mul, normal(0, 2, 3), normal(1, 2, 3)],
    'with broadcasting': [F.mul, normal(0, 2, 1), normal(1, 3)],
    'of a variable and itself': [(x) => F.mul(x, x), normal(0, 3)],
  },
  div: {
    'of equal shapes': [F.div, normal(0, 2, 3), positive(1, 2, 3)],
    'with broadcasting': [F.div, normal(0, 2, 3), positive(1, 1)],
    'of a number': [(x) => F.div(1, x), positive(0, 3)],
  },
  neg: { 'of anything': [F.neg, normal(0, 2, 3)] },
  pow: {
    'to 3': [(x) => F.pow(x, 3), normal(0, 4)],
    'to 1': [(x) => F.pow(x, 1), normal(0, 4)],
    'to 0': [(x) => F.pow(x, 0), normal(0, 4)],
    'to −1.5': [(x) => F.pow(x, -1.5), positive(0, 4)],
  },
  astype: { 'to float64 itself': [(x) => F.astype(x, 'float64').mul(x), normal(0, 3)] },
  broadcastTo: { 'new and old axes': [(x) => F.broadcastTo(x, [2, 3, 4]).square(), normal(0, 3, 1)] },
  sumTo: { 'leading and inner axes': [(x) => F.sumTo(x, [3, 1]).square(), normal(0, 2, 3, 4)] },
  square: { 'of anything': [F.square, normal(0, 2, 3)] },
  exp: { 'of anything': [F.exp, normal(0, 2, 3)] },
  log: { 'of positive numbers': [F.log, positive(0, 2, 3)] },
  sin: { 'of anything': [F.sin, normal(0, 2, 3)] },
  cos: { 'of anything': [F.cos, normal(0, 2, 3)] },
  tanh: { 'of anything': [F.tanh, normal(0, 2, 3)] },
  clip: { 'inside and outside': [(x) => F.clip(x, -0.5, 0.4).mul(x), spread(0, 9)] },
  sigmoid: { 'of anything': [F.sigmoid, normal(0, 2, 3)] },
  relu: { 'on both sides of 0': [(x) => F.relu(x).mul(x), spread(0, 8)] },
  gate: { 'open and shut': [(a, b) => F.gate(a, b).square(), normal(0, 8), spread(0, 8)] },
  leakyRelu: {
    'on both sides of 0': [(x) => F.leakyRelu(x).mul(x), spread(0, 8)],
    'with a slope': [(x) => F.leakyRelu(x, 0.5).square(), spread(0, 8)],
  },
  softmax: {
    'along the last axis': [(x) => F.softmax(x), normal(0, 2, 3)],
    'along the first axis': [(x) => F.softmax(x, { axis: 0 }), normal(0, 3, 2)],
    'along a middle axis': [(x) => F.softmax(x, { axis: 1 }), normal(0, 2, 3, 2)],
  },
  logSoftmax: {
    'along the last axis': [(x) => F.logSoftmax(x), normal(0, 2, 3)],
    'along the first axis': [(x) => F.logSoftmax(x, { axis: 0 }), normal(0, 3, 2)],
  },
  sum: {
    'of all': [(x) => F.sum(x).square(), normal(0, 2, 3)],
    'along an axis': [(x) => F.sum(x, { axis: -1 }).square(), normal(0, 2, 3)],
    'along axes that stay': [(x) => F.sum(x, { axis: [0, 2], keepdims: true }).square(), normal(0, 2, 3, 2)],
  },
  mean: {
    'of all': [(x) => F.mean(x).square(), normal(0, 2, 3)],
    'along an axis': [(x) => F.mean(x, { axis: 0 }).square(), normal(0, 2, 3)],
  },
  max: {
    'of all': [(x) => F.max(x).square(), spread(0, 2, 3)],
    'along an axis': [(x) => F.max(x, { axis: 1 }).square(), spread(0, 2, 3)],
    'along axes that stay': [(x) => F.max(x, { axis: [0, -1], keepdims: true }).square(), spread(0, 2, 3, 2)],
  },
  min: { 'along an axis': [(x) => F.min(x, { axis: -1 }).square(), spread(0, 2, 3)] },
  reshape: {
    'to other axes': [(x) => F.reshape(x, [3, -1]).square(), normal(0, 2, 3)],
    'of another order': [(x) => F.reshape(F.transpose(x), [6]).square(), normal(0, 2, 3)],
  },
  flatten: { 'of two axes': [(x) => F.flatten(x).square(), normal(0, 2, 3, 2)] },
  transpose: {
    reversed: [(x) => F.transpose(x).square(), normal(0, 2, 3)],
    'in an order': [(x) => F.transpose(x, [1, -1, 0]).square(), normal(0, 2, 3, 4)],
  },
  getItem: {
    'by a number': [(x) => F.getItem(x, 1).square(), normal(0, 2, 3)],
    'by a negative number': [(x) => F.getItem(x, -1).square(), normal(0, 2, 3)],
    'by a slice': [(x) => F.getItem(x, { from: 1, to: 4, step: 2 }).square(), normal(0, 5)],
    'by a slice backwards': [(x) => F.getItem(x, { step: -2 }).square(), normal(0, 5)],
    'by positions that repeat': [(x) => F.getItem(x, Int32Array.of(0, 2, 0)).square(), normal(0, 3, 2)],
    'by an array of positions': [(x) => F.getItem(x, array(Int32Array.of(-1, 1))).square(), normal(0, 3, 2)],
    'by one number an axis': [(x) => F.getItem(x, [1, 2]).square(), normal(0, 2, 3)],
    'by a list of all kinds': [
      (x) => F.getItem(x, [{ from: 1 }, 0, Int32Array.of(1, 1, 0)]).square(),
      normal(0, 3, 2, 2),
    ],
  },
  split: {
    'along the first axis': [
      (x) => F.concat(F.split(x, 2).map((part, i) => part.square().mul(i + 1))),
      normal(0, 4, 3),
    ],
    'of one part only': [
      (x) =>
        F.split(x, 3, { axis: -1 })
          .slice(1, 2)
          .reduce((_, part) => part.square(), x),
      normal(0, 2, 6),
    ],
  },
  concat: {
    'along the first axis': [(a, b) => F.concat([a, b, a]).square(), normal(0, 1, 2), normal(1, 2, 2)],
    'along the last axis': [(a, b) => F.concat([a, b], { axis: -1 }).square(), normal(0, 2, 1), normal(1, 2, 3)],
  },
  matmul: {
    'of matrices': [F.matmul, normal(0, 2, 3), normal(1, 3, 4)],
    'of a matrix and its transpose': [(x) => F.matmul(x, x.transpose()), normal(0, 2, 3)],
    'of batches': [F.matmul, normal(0, 2, 2, 3), normal(1, 2, 3, 2)],
    'of batches that broadcast': [F.matmul, normal(0, 2, 1, 2, 3), normal(1, 3, 3, 2)],
    'of a batch and one matrix': [F.matmul, normal(0, 2, 2, 3), normal(1, 3, 2)],
  },
  linear: {
    'with a bias': [F.linear, normal(0, 2, 3), normal(1, 3, 4), normal(2, 4)],
    without: [(x, W) => F.linear(x, W), normal(0, 2, 3), normal(1, 3, 4)],
    'of three axes': [F.linear, normal(0, 2, 2, 3), normal(1, 3, 2), normal(2, 2)],
  },
  linearSimple: {
    'with a bias': [F.linearSimple, normal(0, 2, 3), normal(1, 3, 4), normal(2, 4)],
    without: [(x, W) => F.linearSimple(x, W), normal(0, 2, 3), normal(1, 3, 4)],
  },
  meanSquaredError: { 'of predictions and targets': [F.meanSquaredError, normal(0, 3, 2), normal(1, 3, 2)] },
  softmaxCrossEntropy: { 'of scores': [(x) => F.softmaxCrossEntropy(x, labels), normal(0, 4, 3)] },
  binaryCrossEntropy: {
    'of probabilities and targets': [
      (p, t) => F.binaryCrossEntropy(F.sigmoid(p), F.sigmoid(t)),
      normal(0, 3, 2),
      normal(1, 3, 2),
    ],
  },
  conv2d: {
    plain: [(x, W) => F.conv2d(x, W), normal(0, 2, 2, 4, 3), normal(1, 3, 2, 2, 2)],
    'with stride, pad and bias': [
      (x, W, b) => F.conv2d(x, W, b, { stride: 2, pad: 1 }),
      normal(0, 1, 2, 5, 4),
      normal(1, 2, 2, 3, 3),
      normal(2, 2),
    ],
    'with pairs, and rows that no window reaches': [
      (x, W, b) => F.conv2d(x, W, b, { stride: [2, 3], pad: [0, 1] }),
      normal(0, 1, 1, 6, 5),
      normal(1, 2, 1, 3, 2),
      normal(2, 2),
    ],
    'with relu in the same pass': [
      (x, W, b) => F.conv2d(x, W, b, { pad: 1, activation: 'relu' }).mul(2),
      normal(0, 1, 2, 3, 3),
      normal(1, 2, 2, 3, 3),
      normal(2, 2),
    ],
    'in two groups': [
      (x, W, b) => F.conv2d(x, W, b, { stride: 2, pad: 1, groups: 2 }),
      normal(0, 2, 4, 5, 4),
      normal(1, 6, 2, 3, 3),
      normal(2, 6),
    ],
    'depthwise, with relu': [
      (x, W, b) => F.conv2d(x, W, b, { stride: 2, pad: 1, groups: 3, activation: 'relu' }),
      normal(0, 2, 3, 5, 4),
      normal(1, 3, 1, 3, 3),
      normal(2, 3),
    ],
    'depthwise, two filters a channel': [
      (x, W) => F.conv2d(x, W, null, { stride: [1, 2], groups: 2 }),
      normal(0, 1, 2, 4, 5),
      normal(1, 4, 1, 2, 3),
    ],
    'of a picture and itself': [(x) => F.conv2d(x, x, null, { pad: 1 }), normal(0, 1, 1, 3, 3)],
  },
  conv2dSimple: {
    'with stride, pad and bias': [
      (x, W, b) => F.conv2dSimple(x, W, b, { stride: 2, pad: 1 }),
      normal(0, 1, 2, 5, 4),
      normal(1, 2, 2, 3, 3),
      normal(2, 2),
    ],
  },
  deconv2d: {
    plain: [(x, W) => F.deconv2d(x, W), normal(0, 2, 2, 3, 2), normal(1, 2, 3, 2, 2)],
    'with stride, pad and bias': [
      (x, W, b) => F.deconv2d(x, W, b, { stride: [2, 1], pad: 1 }),
      normal(0, 1, 2, 3, 3),
      normal(1, 2, 2, 3, 3),
      normal(2, 2),
    ],
  },
  im2col: {
    'with stride and pad': [(x) => F.im2col(x, { kernel: [3, 2], stride: 2, pad: 1 }).square(), normal(0, 1, 2, 4, 3)],
  },
  col2im: {
    'with stride and pad': [
      (x) => F.col2im(x, [1, 2, 4, 3], { kernel: [3, 2], stride: 2, pad: 1 }).square(),
      normal(0, 4, 12),
    ],
  },
  maxPool: {
    plain: [(x) => F.maxPool(x, { kernel: 2 }).square(), spread(0, 1, 2, 4, 4)],
    'with overlap and pad': [(x) => F.maxPool(x, { kernel: 3, stride: 2, pad: 1 }).square(), spread(1, 2, 1, 5, 4)],
    'with windows over the edge': [
      (x) => F.maxPool(x, { kernel: 3, stride: 2, ceil: true }).square(),
      spread(2, 1, 1, 6, 6),
    ],
  },
  averagePool: {
    plain: [(x) => F.averagePool(x, { kernel: 2 }).square(), normal(0, 1, 2, 4, 4)],
    'with overlap and pad': [
      (x) => F.averagePool(x, { kernel: [3, 2], stride: [2, 1], pad: 1 }).square(),
      normal(0, 2, 1, 5, 3),
    ],
  },
  globalAveragePool: { 'of pictures': [(x) => F.globalAveragePool(x).square(), normal(0, 2, 3, 2, 2)] },
  dropout: {
    'in training': [(x) => F.dropout(x, 0.4, new Generator(1)).square(), normal(0, 20)],
    'in use': [(x) => testMode(() => F.dropout(x, 0.4)).square(), normal(0, 4)],
  },
  batchNorm: {
    'of rows, in training': [
      (x, g, b) => F.batchNorm(x, g, b, statistics(x)),
      normal(0, 4, 3),
      normal(1, 3),
      normal(2, 3),
    ],
    'of pictures, in training': [
      (x, g, b) => F.batchNorm(x, g, b, { ...statistics(x), eps: 0.1 }),
      normal(0, 2, 3, 2, 2),
      normal(1, 3),
      normal(2, 3),
    ],
    'of pictures, in use': [
      (x, g, b) => testMode(() => F.batchNorm(x, g, b, statistics(x))).square(),
      normal(0, 2, 3, 2, 2),
      normal(1, 3),
      normal(2, 3),
    ],
  },
  embedId: {
    'with rows used twice': [(W) => F.embedId([1, 0, 1], W).square(), normal(0, 3, 2)],
    'of ids in rows': [
      (W) => F.embedId(array(Int32Array.of(0, 2, 2, 1), { shape: [2, 2] }), W).square(),
      normal(0, 3, 2),
    ],
  },
};
