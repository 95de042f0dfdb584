import { expect, test } from 'vitest';
import { array, ones, randn, variable, zeros } from 'dezero';
import * as F from 'dezero/functions';
import { gradientCheck } from 'dezero/utils';
import { convAsProduct, convByLoops, drawPlaces, inner, main, outputSize } from '../steps/step46';
import { captured } from './captured';

test.each([
  { n: 5, window: { kernel: 3 }, places: 3 },
  { n: 5, window: { kernel: 3, pad: 1 }, places: 5 },
  { n: 5, window: { kernel: 3, stride: 2, pad: 1 }, places: 3 },
  { n: 6, window: { kernel: 3, stride: 2 }, places: 2 },
  { n: 224, window: { kernel: 7, stride: 2, pad: 3 }, places: 112 },
])('a window has ⌊(n + 2·pad − kernel) / stride⌋ + 1 places: $places for n $n, $window', ({ n, window, places }) => {
  expect(outputSize(n, window)).toBe(places);
  const formula = 'im2col makes a row for each place: does its size count the padding on both sides?';
  expect(F.im2col(ones([1, 1, n, n]), window).shape, formula).toEqual([places ** 2, window.kernel ** 2]);
  expect(drawPlaces(n, window).split('\n')).toHaveLength(1 + places);
});

test('the places are drawn: each begins a stride further on', () => {
  expect(drawPlaces(3, { kernel: 3, stride: 2, pad: 1 })).toBe('0 x x x 0\n=====\n    =====');
});

test('im2col lays each window out as a row, channel by channel, with zeros for the padding', () => {
  const x = array([1, 2, 3, 4, 5, 6, 7, 8, 9], { shape: [1, 1, 3, 3] });
  expect(F.im2col(x, { kernel: 2 })).toBeAllClose([[1, 2, 4, 5], [2, 3, 5, 6], [4, 5, 7, 8], [5, 6, 8, 9]]); // prettier-ignore
  expect(F.im2col(x, { kernel: 3, pad: 1 }).data.slice([0])).toBeAllClose([0, 0, 0, 0, 1, 2, 0, 4, 5]);
  const two = array([1, 2, 3, 4, 10, 20, 30, 40], { shape: [1, 2, 2, 2] });
  const message = 'a row is C·KH·KW long, the first channel first: are the channels mixed?';
  expect(F.im2col(two, { kernel: 2 }).data.toNested(), message).toEqual([[1, 2, 3, 4, 10, 20, 30, 40]]);
});

test.each([{ kernel: 3 }, { kernel: 3, pad: 1 }, { kernel: 3, stride: 2, pad: 1 }, { kernel: 2, stride: 3, pad: 2 }])(
  'the product is the convolution by loops: %o',
  (window) => {
    const [x, W] = [randn([2, 3, 7, 6], { seed: 0 }), randn([4, 3, window.kernel, window.kernel], { seed: 1 })];
    const [fast, slow] = [convAsProduct(variable(x), variable(W), window), convByLoops(x, W, window)];
    const message =
      'product and loops must agree: are the filters columns, and are the channels moved to the second axis?';
    expect(fast.shape, message).toEqual(slow.shape);
    fast.values.forEach((value, i) => expect(value, message).toBeCloseTo(slow.values[i] ?? NaN, 10));
  },
);

test('convolution by loops, by hand: a sum of 1 to 9 in the middle, of four numbers in a corner', () => {
  const x = array([1, 2, 3, 4, 5, 6, 7, 8, 9], { shape: [1, 1, 3, 3] });
  const y = convByLoops(x, ones([1, 1, 3, 3]), { kernel: 3, pad: 1 });
  expect(y.toNested()).toEqual([[[[12, 21, 16], [27, 45, 33], [24, 39, 28]]]]); // prettier-ignore
});

test('col2im adds every row to where it came from', () => {
  const window = { kernel: 2 };
  const back = F.col2im(F.im2col(ones([1, 1, 3, 3]), window), [1, 1, 3, 3], window);
  const message = 'a pixel in four windows gets four numbers, added up: is += written?';
  expect(back.data.reshape([3, 3]).toNested(), message).toEqual([[1, 2, 1], [2, 4, 2], [1, 2, 1]]); // prettier-ignore
});

test('col2im is the adjoint of im2col: the inner products are the same', () => {
  const window = { kernel: 3, stride: 2, pad: 1 };
  const x = randn([2, 3, 5, 6], { seed: 0 });
  const y = randn(F.im2col(x, window).shape, { seed: 1 });
  expect(inner(F.im2col(x, window), y)).toBeCloseTo(inner(x, F.col2im(y, x.shape, window)), 10);
  const v = variable(x);
  F.im2col(v, window).backward();
  const counts = F.col2im(ones(y.shape), x.shape, window);
  expect(v.grad?.data.toNested(), 'the gradient of im2col is col2im of what comes').toEqual(counts.data.toNested());
});

test('the product can be differentiated, twice, in picture and filters', () => {
  const inputs = [randn([1, 2, 4, 3], { seed: 0 }), randn([2, 2, 2, 2], { seed: 1 })];
  const { ok, worst } = gradientCheck((x, W) => convAsProduct(x, W, { kernel: 2, stride: 2, pad: 1 }).square(), inputs);
  expect(ok, worst).toBe(true);
});

test('a kernel larger than the padded picture is refused, with the formula and its numbers', () => {
  const tooLarge = () => F.im2col(zeros([1, 1, 3, 8]), { kernel: [6, 2], stride: 2, pad: 1 });
  expect(tooLarge).toThrow('(3 + 2·1 − 6) / 2 + 1 is less than 1: the kernel is larger than the padded picture');
  expect(() => F.im2col(zeros([3, 3]), { kernel: 2 })).toThrow('pictures have four axes, (N, C, H, W)');
  expect(() => F.im2col(zeros([1, 1, 3, 3]), { kernel: 2, stride: 0 })).toThrow(
    'stride must be a whole number from 1 on',
  );
  expect(() => F.col2im(zeros([3, 4]), [1, 1, 3, 3], { kernel: 2 })).toThrow(
    'such pictures have windows of shape (4, 4)',
  );
});

test('the step prints sizes, windows and both inner products, and draws the edges of a digit', async () => {
  const lines = await captured(main);
  expect(lines).toContain('n 5, kernel 3, stride 2, pad 1: ⌊2⌋ + 1 = 3');
  expect(lines).toContain('[[1 2 4 5]');
  const [a, b] = ['⟨im2col(x), y⟩ = ', '⟨x, col2im(y)⟩ = '].map((start) => {
    const line = lines.find((one) => one.startsWith(start)) ?? '';
    return parseFloat(line.slice(start.length));
  });
  expect(a).toBe(b);
  expect(lines).toContain('  out/step46/edges.png');
});
