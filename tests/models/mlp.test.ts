import { expect, test } from 'vitest';
import { variable } from '../../dezero/core';
import { linear, relu, sigmoid } from '../../dezero/functions';
import { Linear } from '../../dezero/layers';
import { MLP, Model, Sequential } from '../../dezero/models';
import { Generator, ones, randn, setSeed, ValueError } from '../../dezero/ndarray';
import { gradientCheck } from '../../dezero/utils';

const weights = (model: Model) => [...model.parameters()].map(([path, p]) => [path, [...p.values]]);
const x = randn([4, 2], { seed: 1, dtype: 'float32' });

test('an MLP is linear layers with an activation between them, none after the last', () => {
  for (const [activation, options] of [[sigmoid, {}], [relu, { activation: relu }]] as const) {
    const model = new MLP([3, 5, 2], { in: 2, ...options });
    const [W0, b0, W1, b1, W2, b2] = Array.from(model.parameters(), ([, p]) => p);
    if (!W0 || !W1 || !W2) throw new Error('three layers have three weights');
    const y = linear(activation(linear(activation(linear(x, W0, b0)), W1, b1)), W2, b2);
    expect(model.call(x)).toBeAllClose(y);
  }
}); // prettier-ignore

test('its parameters are named by layer', () => {
  expect(weights(new MLP([3, 1])).map(([path]) => path)).toEqual([
    'layers.0.weight',
    'layers.0.bias',
    'layers.1.weight',
    'layers.1.bias',
  ]);
});

test('a seed gives the same weights, whether the inputs are told or learned', () => {
  const model = (options: { in?: number; generator?: Generator }) => {
    setSeed(3);
    const made = new MLP([3, 4, 1], options);
    made.call(x);
    return weights(made);
  };
  expect(model({})).toEqual(model({ in: 2 }));
  const drawn = () => model({ generator: new Generator(9) });
  expect(drawn()).toEqual(drawn());
  expect(drawn()).not.toEqual(model({}));
});

test('an MLP in float64 passes the gradient check', () => {
  const model = new MLP([3, 2], { in: 2, dtype: 'float64' });
  const names = Array.from(model.parameters(), ([, p]) => p);
  const { ok, worst } = gradientCheck(
    (v, W0, b0, W1, b1) => linear(sigmoid(linear(v ?? 0, W0 ?? 0, b0)), W1 ?? 0, b1),
    [randn([4, 2], { seed: 2 }), ...names],
  );
  expect(ok, worst).toBe(true);
  expect(model.call(ones([4, 2])).dtype).toBe('float64');
});

test('bad sizes are named', () => {
  expect(() => new MLP([])).toThrow(ValueError);
  expect(() => new MLP([])).toThrow('MLP: give the size of each layer');
  expect(() => new MLP([3, 0])).toThrow('MLP: size 1 must be a whole number from 1 on, not 0');
  expect(() => new MLP([3], { in: 0.5 })).toThrow('Linear: in must be a whole number');
});

test('a Sequential is a Model, and its functions must give back variables', () => {
  const model = new Sequential(new Linear(3), relu, new Linear(1));
  expect(model).toBeInstanceOf(Model);
  const wrong = new Sequential(new Linear(3), (() => 5) as never);
  expect(() => wrong.call(variable(x))).toThrow(/must give back a Variable, not 5/);
});
