import { expect, test } from 'vitest';
import { testMode, variable } from '../../dezero/core';
import * as F from '../../dezero/functions';
import { BatchNorm, Conv2d, Deconv2d, Dropout, EmbedID, Linear, type Layer } from '../../dezero/layers';
import {
  arange,
  array,
  Generator,
  ones,
  randn,
  setSeed,
  ShapeError,
  ValueError,
  zeros,
  type NDArray,
} from '../../dezero/ndarray';

const moments = ({ values }: NDArray): [number, number] => {
  const list = Array.from(values);
  const mean = list.reduce((a, b) => a + b, 0) / list.length;
  return [mean, list.reduce((a, b) => a + (b - mean) ** 2, 0) / list.length];
};

test.each<[string, (sizes: { in?: number }) => Layer, number[], Record<string, number[]>, number[]]>([
  ['Linear', (sizes) => new Linear(4, sizes), [2, 3], { weight: [3, 4], bias: [4] }, [2, 4]],
  [
    'Conv2d',
    (sizes) => new Conv2d(4, { kernel: [2, 3], pad: 1, ...sizes }),
    [2, 3, 5, 5],
    { weight: [4, 3, 2, 3], bias: [4] },
    [2, 4, 6, 5],
  ],
  [
    'Conv2d in groups',
    (sizes) => new Conv2d(6, { kernel: 3, groups: 3, ...sizes }),
    [2, 3, 5, 5],
    { weight: [6, 1, 3, 3], bias: [6] },
    [2, 6, 3, 3],
  ],
  [
    'Deconv2d',
    (sizes) => new Deconv2d(4, { kernel: [2, 3], stride: 2, ...sizes }),
    [2, 3, 5, 5],
    { weight: [3, 4, 2, 3], bias: [4] },
    [2, 4, 10, 11],
  ],
  ['BatchNorm', (sizes) => new BatchNorm(sizes), [2, 3, 5, 5], { weight: [3], bias: [3] }, [2, 3, 5, 5]],
])('%s learns its input size at the first call, or is told, and keeps to it', (name, make, input, shapes, output) => {
  const learner = make({});
  const x = zeros(input, { dtype: 'float32' });
  expect(learner.call(x).shape).toEqual(output);
  for (const layer of [learner, make({ in: 3 })]) {
    expect(Object.fromEntries([...layer.parameters()].map(([path, p]) => [path, p.shape]))).toEqual(shapes);
    for (const [, p] of layer.parameters()) expect(p.dtype).toBe('float32');
    const other = zeros(input.map((n, axis) => (axis === 1 ? 5 : n)));
    expect(() => layer.call(other)).toThrow(ShapeError);
    if (name === 'Linear') {
      expect(() => layer.call(other)).toThrow(
        'Linear: shapes (2, 5) and (3, 4) do not fit: the layer was made for 3 inputs, and x has 5',
      );
    }
  }
});

test.each([
  ['Linear', new Linear(500, { in: 400, generator: new Generator(0) }), 1 / 400],
  ['Conv2d', new Conv2d(100, { kernel: 5, in: 20, generator: new Generator(0) }), 1 / 500],
  [
    'Conv2d before relu',
    new Conv2d(100, { kernel: 5, in: 20, activation: 'relu', generator: new Generator(0) }),
    2 / 500,
  ],
  ['Conv2d in groups', new Conv2d(100, { kernel: 5, in: 80, groups: 4, generator: new Generator(0) }), 1 / 500],
  ['EmbedID', new EmbedID(300, 100, { generator: new Generator(0) }), 1],
])('%s begins with normal weights of the right variance', (_, { weight }, variance) => {
  const [mean, found] = moments(weight.data);
  expect(Math.abs(mean)).toBeLessThan(5 * Math.sqrt(variance / weight.size));
  expect(found / variance).toBeCloseTo(1, 1);
});

test('first weights repeat with their seed', () => {
  const make = () => {
    setSeed(7);
    return [new Linear(3, { in: 2 }), new Linear(3, { in: 2 })].map(({ weight }) => weight);
  };
  const [a, b] = make();
  const [c, d] = make();
  if (!a || !b || !c || !d) throw new Error('four weights expected');
  expect([a.values, b.values]).toEqual([c.values, d.values]);
  expect(a).not.toBeAllClose(b);
});

test('layers compute what their functions do', () => {
  const x = variable(randn([2, 3, 4, 4], { seed: 0 }));
  const conv = new Conv2d(2, { kernel: 3, stride: 2, pad: 1, dtype: 'float64' });
  expect(conv.call(x)).toBeAllClose(F.conv2d(x, conv.weight, conv.bias, { stride: 2, pad: 1 }));
  const both = new Conv2d(2, { kernel: 3, activation: 'relu', bias: false, dtype: 'float64' });
  expect(both.call(x)).toBeAllClose(F.relu(F.conv2d(x, both.weight)));
  const depthwise = new Conv2d(3, { kernel: 3, groups: 3, dtype: 'float64' });
  expect(depthwise.call(x)).toBeAllClose(F.conv2d(x, depthwise.weight, depthwise.bias, { groups: 3 }));
  const deconv = new Deconv2d(2, { kernel: 2, stride: 2, dtype: 'float64' });
  expect(deconv.call(x)).toBeAllClose(F.deconv2d(x, deconv.weight, deconv.bias, { stride: 2 }));
  const linear = new Linear(2, { dtype: 'float64' });
  expect(linear.call(x)).toBeAllClose(F.linear(x, linear.weight, linear.bias));
  const embed = new EmbedID(4, 2, { dtype: 'float64' });
  expect(embed.call(array(Int32Array.of(3, 0)))).toBeAllClose(F.embedId([3, 0], embed.weight));
});

test('a layer of float32 gives float32, one of float64 float64', () => {
  expect(new Linear(2).call(ones([1, 2], { dtype: 'float32' })).dtype).toBe('float32');
  expect(new Linear(2, { dtype: 'float64' }).call(ones([1, 2])).dtype).toBe('float64');
});

test('Dropout drops in training, in use it does nothing', () => {
  const layer = new Dropout(0.5, new Generator(0));
  const x = variable(ones([100]));
  expect(Array.from(layer.call(x).values).filter((value) => value === 0).length).toBeGreaterThan(20);
  expect(testMode(() => layer.call(x))).toBe(x);
});

test('BatchNorm’s running statistics come near the data’s, and are used in use', () => {
  const layer = new BatchNorm({ decay: 0.5, dtype: 'float64' });
  const x = variable(arange(40).reshape([20, 2]));
  for (let i = 0; i < 30; i++) layer.call(x);
  expect(layer.running_mean).toBeAllClose([19, 20], { rtol: 1e-6 });
  expect(layer.running_var).toBeAllClose([140, 140], { rtol: 1e-6 });
  const y = testMode(() => layer.call(variable([[19, 20]])));
  expect(y).toBeAllClose([[0, 0]], { atol: 1e-6 });
});

test.each<[string, () => unknown, string]>([
  ['Linear(0)', () => new Linear(0), 'Linear: out must be a whole number from 1 on, not 0'],
  ['Linear of half an input', () => new Linear(1, { in: 0.5 }), 'Linear: in must be a whole number from 1 on, not 0.5'],
  [
    'Conv2d without a kernel size',
    () => new Conv2d(1, { kernel: 0 }),
    'kernel must be a whole number from 1 on, not 0',
  ],
  [
    'Conv2d with -1 channels',
    () => new Conv2d(-1, { kernel: 1 }),
    'Conv2d: out must be a whole number from 1 on, not -1',
  ],
  [
    'Conv2d with 3 channels in 2 groups',
    () => new Conv2d(4, { kernel: 1, in: 3, groups: 2 }),
    'Conv2d: in must be a multiple of groups, 2, not 3',
  ],
  [
    'Conv2d to 3 channels in 2 groups',
    () => new Conv2d(3, { kernel: 1, groups: 2 }),
    'Conv2d: out must be a multiple of groups, 2, not 3',
  ],
  [
    'Conv2d in no groups',
    () => new Conv2d(3, { kernel: 1, groups: 0 }),
    'Conv2d: groups must be a whole number from 1 on, not 0',
  ],
  ['Dropout(1)', () => new Dropout(1), 'Dropout: ratio must be from 0 up to but not 1, not 1'],
  ['EmbedID of no words', () => new EmbedID(0, 3), 'EmbedID: vocabulary must be a whole number from 1 on, not 0'],
])('%s is refused', (_, make, message) => {
  expect(make).toThrow(ValueError);
  expect(make).toThrow(message);
});
