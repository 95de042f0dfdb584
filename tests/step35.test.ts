import { Layer, ones, Parameter, randn, setSeed, variable, type Operand, type Variable } from 'dezero';
import * as L from 'dezero/layers';
import { expect, test } from 'vitest';
import { Committee, fit, Line, main, measure, namesOf, TwoLayers } from '../steps/step35';
import { captured } from './captured';

const paths = (layer: Layer) => [...layer.parameters()].map(([path]) => path);
const x = ones([4, 1], { dtype: 'float32' });

test('a layer owns the parameters in its fields, and no plain Variable', () => {
  expect(paths(new Line()), 'a Parameter is found by its field; a Variable is a constant of the layer').toEqual(['slope', 'height']); // prettier-ignore
});

test('a parameter is named by its path, through layers and lists, in the order made', () => {
  const names = ['first.weight', 'first.bias', 'second.weight', 'second.bias'];
  expect(paths(new TwoLayers()), 'a layer in a layer puts its field before the name').toEqual(names);
  const members = [0, 1].flatMap((i) => names.map((name) => `members.${i}.${name}`));
  expect(paths(new Committee()), 'layers in a list are numbered').toEqual(members);
});

test('a parameter that two layers share is listed once', () => {
  class Tied extends Layer {
    readonly there = new L.Linear(2, { in: 2, bias: false });
    readonly back = this.there;
    override forward(v: Operand): Variable {
      return this.back.call(this.there.call(v));
    }
  }
  expect(paths(new Tied()), 'a shared parameter listed twice would be moved twice').toEqual(['there.weight']);
});

test('a Linear learns its inputs at the first call', () => {
  const network = new TwoLayers();
  expect(network.first.weight.ready, 'no input seen yet: the weight waits').toBe(false);
  expect(network.call(x).shape, 'four rows, one output').toEqual([4, 1]);
  expect(namesOf(network), 'W of a Linear is (in, out), b is (out)').toEqual([
    'first.weight (1, 10)',
    'first.bias (10)',
    'second.weight (10, 1)',
    'second.bias (1)',
  ]);
  expect(() => network.call(ones([4, 2])), 'a Linear made for one input refuses two').toThrow(/\(4, 2\).*\(1, 10\)/);
});

test('first weights are as large as keeps the size of what passes through: variance 1 / inputs', () => {
  setSeed(1);
  const { weight, bias } = new L.Linear(400, { in: 100 });
  const squares = Array.from(weight.values, (w: number) => w * w);
  const variance = squares.reduce((sum, square) => sum + square, 0) / squares.length;
  expect(variance * 100, 'first weights have variance 1 / inputs: of 100 inputs, 0.01').toBeCloseTo(1, 1);
  expect(
    bias?.values.every((b: number) => b === 0),
    'biases start at 0',
  ).toBe(true);
});

test('the same seed gives the same first weights', () => {
  const weights = () => {
    setSeed(7);
    return [...new L.Linear(3, { in: 2 }).weight.values];
  };
  expect(weights(), 'setSeed fixes the first weights').toEqual(weights());
});

test('a layer gives what its parameters say, and each gets its gradient', () => {
  const layer = new L.Linear(2, { in: 3, dtype: 'float64' });
  const input = variable(randn([4, 3], { seed: 1 }));
  const y = layer.call(input);
  expect(y, 'a Linear is x·W + b').toBeAllClose(input.matmul(layer.weight).add(layer.bias ?? 0));
  y.backward();
  expect(layer.bias?.grad, 'b is added to each of 4 rows: its gradient is their sum').toBeAllClose([4, 4]);
  expect(
    [...layer.parameters()].every(([, p]) => p.grad),
    'each parameter has a gradient',
  ).toBe(true);
  layer.clearGrads();
  expect(
    [...layer.parameters()].filter(([, p]) => p.grad),
    'clearGrads forgets the gradient of every parameter',
  ).toEqual([]);
});

test('a Parameter is a Variable, in float32 when a layer makes it', () => {
  expect(new Parameter(ones([2])), 'a Parameter can be calculated with').toBeAllClose([1, 1]);
  expect(new L.Linear(2, { in: 2 }).weight.dtype, 'parameters are float32').toBe('float32');
});

test('training moves every parameter that the layer owns', () => {
  setSeed(4);
  const layer = new Committee();
  layer.call(x);
  const before = new Map(Array.from(layer.parameters(), ([path, p]) => [path, String(p.data)]));
  const losses = fit(layer, measure(), { lr: 0.1, iterations: 20 });
  for (const [path, p] of layer.parameters()) {
    expect(String(p.data), `${path} must be moved: does parameters() list it?`).not.toBe(before.get(path));
  }
  expect(losses.at(-1), 'the loss falls').toBeLessThan(losses[0] ?? 0);
});

test('the step lists the parameters, forgets one, and then fits the sine', async () => {
  const lines = await captured(main);
  const text = lines.join('\n');
  expect(text).toContain('first.weight (1, 10) · first.bias (10) · second.weight (10, 1) · second.bias (1)');
  expect(text).toContain('members.1.second.bias (1)');
  const lossesOf = (start: string) => (lines.find((line) => line.includes(start)) ?? '').match(/\d+\.\d{4}/g) ?? [];
  expect(Number(lossesOf('by hand').at(-1)), 'without first.bias the loss stands still').toBeGreaterThan(0.2);
  expect(Number(lossesOf('what the layer owns').at(-1)), 'the sine is learned').toBeLessThan(0.1);
  expect(text, 'a wrong input names both shapes').toContain('shapes (60, 2) and (1, 10) do not fit');
});
