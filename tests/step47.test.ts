import { expect, test } from 'vitest';
import { array, ones, randn, setSeed, variable, zeros } from 'dezero';
import { DataLoader, MNIST, Subset } from 'dezero/data';
import * as F from 'dezero/functions';
import { Conv2d, Deconv2d } from 'dezero/layers';
import { Adam } from 'dezero/optimizers';
import { gradientCheck } from 'dezero/utils';
import { accuracy, cnn, enlarge, main, maps, moveRight, trainEpoch } from '../steps/step47';
import { captured } from './captured';

const picture = array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], { shape: [1, 1, 4, 4] });
const first = (n: number) => [...Array(n).keys()];

/** A few digits, a narrow network: the loss of each epoch, and the share of others that is right. */
async function shortRun() {
  const [train, test] = await Promise.all([MNIST.open(), MNIST.open({ split: 'test' })]);
  setSeed(0);
  const model = cnn(4);
  const optimizer = new Adam({ lr: 0.005 }).setup(model);
  const loader = new DataLoader(new Subset(train, first(480)), { batch: 32, shuffle: true });
  const losses = [await trainEpoch(model, loader, optimizer), await trainEpoch(model, loader, optimizer)];
  return { losses, right: await accuracy(model, new Subset(test, first(200))) };
}

test('conv2d is the product of step 46: windows as rows, filters as columns, a bias for each filter', () => {
  const [x, W, b] = [randn([2, 3, 7, 5], { seed: 0 }), randn([4, 3, 3, 3], { seed: 1 }), randn([4], { seed: 2 })];
  const windows = F.im2col(x, { kernel: 3, stride: 2, pad: 1 });
  const product = windows.matmul(variable(W).reshape([4, -1]).transpose()).add(b); // (2·4·3, 4)
  const expected = product.reshape([2, 4, 3, 4]).transpose([0, 3, 1, 2]);
  expect(F.conv2d(x, W, b, { stride: 2, pad: 1 })).toBeAllClose(expected);
});

test('conv2d, deconv2d and pooling have the right gradients, of first and second order', () => {
  const [x, W] = [randn([1, 2, 4, 4], { seed: 0 }), randn([2, 2, 2, 2], { seed: 1 })];
  const options = { stride: 2, pad: 1 };
  const checks = {
    conv2d: gradientCheck(
      (x, W, b) => F.conv2d(x, W, b, { ...options, activation: 'relu' }),
      [x, W, randn([2], { seed: 2 })],
    ),
    deconv2d: gradientCheck((x, W) => F.deconv2d(x, W, null, options), [x, W]),
    maxPool: gradientCheck((x) => F.maxPool(x, { kernel: 2 }).square(), [x]),
    averagePool: gradientCheck((x) => F.averagePool(x, { kernel: 2 }).square(), [x]),
    globalAveragePool: gradientCheck((x) => F.globalAveragePool(x).square(), [x]),
  };
  for (const [name, { ok, worst }] of Object.entries(checks)) expect(ok, `the gradient of ${name} is wrong: ${worst}`).toBe(true); // prettier-ignore
});

test('pooling: the largest, or the mean, of each window, or of the whole picture', () => {
  expect(F.maxPool(picture, { kernel: 2 }).data.toNested()).toEqual([[[[6, 8], [14, 16]]]]); // prettier-ignore
  expect(F.averagePool(picture, { kernel: 2 }).data.toNested()).toEqual([[[[3.5, 5.5], [11.5, 13.5]]]]); // prettier-ignore
  expect(F.globalAveragePool(picture).data.toNested()).toEqual([[8.5]]);
  const x = variable(picture);
  F.maxPool(x, { kernel: 2 }).backward();
  const message = 'the gradient goes to the largest of each window alone';
  expect(x.grad?.data.reshape([4, 4]).toNested(), message).toEqual([[0, 0, 0, 0], [0, 1, 0, 1], [0, 0, 0, 0], [0, 1, 0, 1]]); // prettier-ignore
});

test('deconv2d undoes conv2d in shape, and spreads each pixel over the window', () => {
  const x = zeros([1, 3, 8, 6], { dtype: 'float32' });
  const [down, up] = [new Conv2d(5, { kernel: 2, stride: 2 }), new Deconv2d(3, { kernel: 2, stride: 2 })];
  expect(down.call(x).shape).toEqual([1, 5, 4, 3]);
  expect(up.call(down.call(x)).shape, 'OH = stride·(H − 1) + KH − 2·pad').toEqual([1, 3, 8, 6]);
  const small = array([1, 2, 3, 4], { shape: [1, 1, 2, 2], dtype: 'float32' });
  expect(enlarge(small, 2).data.slice([0, 0]).toNested()).toEqual([[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4], [3, 3, 4, 4]]); // prettier-ignore
});

test('a convolution moves a picture two pixels to the right', () => {
  const moved = moveRight(picture.astype('float32')).data.slice([0, 0]).toNested();
  expect(moved).toEqual([[0, 0, 1, 2], [0, 0, 5, 6], [0, 0, 9, 10], [0, 0, 13, 14]]); // prettier-ignore
});

test('what a convolution finds moves with the picture', () => {
  setSeed(0);
  const layer = new Conv2d(3, { kernel: 3, pad: 1, activation: 'relu' });
  const x = randn([1, 1, 5, 12], { seed: 1, dtype: 'float32' });
  const [found, foundMoved] = [layer.call(x), layer.call(moveRight(x))];
  const inside = (y: typeof found, from: number) => y.data.slice([0, {}, {}, { from, to: from + 8 }]);
  expect(inside(foundMoved, 3)).toBeAllClose(inside(found, 1), { atol: 1e-5 });
});

test('a kernel larger than the padded picture, and other channels than the weights have, are refused in words', () => {
  const tooLarge = () => F.conv2d(zeros([1, 1, 3, 8]), zeros([1, 1, 6, 2]), null, { pad: 1, stride: 2 });
  expect(tooLarge).toThrow('(3 + 2·1 − 6) / 2 + 1 is less than 1: the kernel is larger than the padded picture');
  expect(() => F.maxPool(ones([1, 1, 2, 2]), { kernel: 3 })).toThrow('(2 + 2·0 − 3) / 3 + 1 is less than 1');
  expect(() => F.conv2d(zeros([1, 3, 8, 8]), zeros([4, 1, 3, 3]))).toThrow('with the same C');
});

test('the network: two convolutions that keep the size, poolings that halve it, ten scores', () => {
  const model = cnn();
  const x = zeros([2, 1, 28, 28], { dtype: 'float32' });
  expect(model.call(x).shape).toEqual([2, 10]);
  expect(maps(model, x).map(({ shape }) => shape)).toEqual([[2, 32, 28, 28], [2, 64, 14, 14]]); // prettier-ignore
  const count = [...model.parameters()].reduce((sum, [, p]) => sum + p.size, 0);
  expect(count, '32·1·9 + 32, 64·32·9 + 64, 3136·128 + 128, 128·10 + 10').toBe(421_642);
});

test('two short epochs: the loss falls, many unseen digits are right, and a seed gives the same again', async () => {
  const { losses, right } = await shortRun();
  const message = 'the loss does not fall: are the gradients cleared, and is update() called?';
  expect(losses[1], message).toBeLessThan(0.7 * (losses[0] ?? 0));
  expect(right, 'the answers on unseen digits are no better than chance').toBeGreaterThan(0.6);
  expect((await shortRun()).losses, 'the same seed must give the same losses, to the last bit').toEqual(losses);
});

test('the step prints what each network gets right, and draws filters and maps', async () => {
  const lines = await captured(() => main({ epochs: 1, n: 64, width: 4, hidden: 16 }));
  expect(lines.filter((line) => /^(step 41's network|convolutional), epoch 1: loss \d\.\d{4}; test \d+\.\d\d %$/.test(line))).toHaveLength(2); // prettier-ignore
  expect(lines.filter((line) => line.includes('two pixels further right'))).toHaveLength(2);
  for (const file of ['filters', 'maps1', 'maps2']) expect(lines).toContain(`  out/step47/${file}.png`);
});
