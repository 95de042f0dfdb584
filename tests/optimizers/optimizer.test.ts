import { expect, test } from 'vitest';
import { Parameter, variable } from '../../dezero/core';
import { meanSquaredError, relu } from '../../dezero/functions';
import { Linear } from '../../dezero/layers';
import { Sequential } from '../../dezero/models';
import { arange, array, Generator, GraphError, ones, randn, ValueError, type NDArray } from '../../dezero/ndarray';
import {
  Adam,
  AdamW,
  clipGrads,
  constant,
  cosine,
  MomentumSGD,
  SGD,
  stepDecay,
  weightDecay,
  withWarmup,
  type Optimizer,
} from '../../dezero/optimizers';

/** A parameter with a gradient of the same numbers. */
function parameter(values: number[], name: string | null = null): Parameter {
  const p = new Parameter(values, name);
  p.grad = variable(values);
  return p;
}

function smallNet(): Sequential {
  const generator = new Generator(0);
  return new Sequential(new Linear(5, { in: 3, generator }), relu, new Linear(2, { in: 5, generator }));
}

const [x, t] = [randn([6, 3], { seed: 1, dtype: 'float32' }), randn([6, 2], { seed: 2, dtype: 'float32' })];
function step(model: Sequential, optimizer: Optimizer): void {
  model.clearGrads();
  meanSquaredError(model.call(x), t).backward();
  optimizer.update();
}
const numbers = (model: Sequential): number[][] => [...model.parameters()].map(([, p]) => Array.from(p.values));

test('groups have learning rates and weight decays of their own, or none where frozen', () => {
  const [a, b, c] = [parameter([1]), parameter([1]), parameter([1])];
  const optimizer = new AdamW({ lr: 0.1, weightDecay: 0 }).setup([
    { params: [['slow', a]], lr: 0.01 },
    { params: [['decaying', b]], weightDecay: 0.5 },
    { params: [['still', c]], frozen: true },
  ]);
  expect([...optimizer.learningRates()]).toEqual([['slow', 0.01], ['decaying', 0.1], ['still', 0]]); // prettier-ignore
  optimizer.update();
  expect(a.item()).toBeCloseTo(1 - 0.01, 6);
  expect(b.item()).toBeCloseTo(1 - 0.1 * 0.5 - 0.1, 6);
  expect(c.item()).toBe(1);
});

test('a parameter without a gradient is named, and nothing has moved', () => {
  const model = smallNet();
  const optimizer = new SGD().setup(model);
  const before = numbers(model);
  meanSquaredError(model.call(x), t).backward();
  [...model.parameters()][2]?.[1].clearGrad();
  expect(() => optimizer.update()).toThrow(GraphError);
  expect(() => optimizer.update()).toThrow(
    "update: parameter '2.weight' has no gradient; call backward() on the loss first, or freeze it",
  );
  expect([numbers(model), optimizer.steps]).toEqual([before, 0]);
});

test('frozen parameters need no gradient, do not move, and hooks do not see them', () => {
  const model = smallNet();
  model.setRequiresGrad(false, ['0']);
  let seen = 0;
  const optimizer = new SGD({ lr: 0.1 }).setup(model).addHook((parameters) => (seen = parameters.length));
  const before = numbers(model);
  step(model, optimizer);
  const after = numbers(model);
  expect(seen).toBe(2);
  expect(after.slice(0, 2)).toEqual(before.slice(0, 2));
  expect(after[2]).not.toEqual(before[2]);
});

test('a parameter in two groups is refused, and so is an optimizer of nothing', () => {
  const p = parameter([1]);
  const groups = [{ params: [['a', p] as const] }, { params: [['b', p] as const] }];
  expect(() => new SGD().setup(groups)).toThrow("setup: parameter 'b' is in two groups");
  expect(() => new SGD().setup([])).toThrow('setup: there are no parameters to train');
});

test('a group that a wrong name left empty is told by its number, and so is one of names', () => {
  const rest = { params: [parameter([1])] };
  const unknown = [...new Linear(2, { in: 1 }).parameters()].filter(([path]) => path.startsWith('head'));
  expect(() => new SGD().setup([rest, { params: unknown }])).toThrow(
    'setup: group 1 has no parameters; if they were chosen by a name, is there such a layer?',
  );
  const names = ['features'] as unknown as Parameter[];
  expect(() => new SGD().setup([{ params: names }])).toThrow(
    'setup: params of group 0 holds what is no Parameter; it takes a layer, parameters, or pairs',
  );
});

test('weight decay by group is for the rule that knows it', () => {
  expect(() => new SGD().setup([{ params: [parameter([1])], weightDecay: 0.1 }])).toThrow(ValueError);
  expect(() => new Adam().setup([{ params: [parameter([1])], weightDecay: 0.1 }])).toThrow(
    'setup: only AdamW decays weights by group; elsewhere use addHook(weightDecay(rate))',
  );
});

test('parameters of one name are told apart', () => {
  const [first, second] = [new Linear(2, { in: 1 }), new Linear(3, { in: 1 })];
  const optimizer = new MomentumSGD().setup([{ params: first }, { params: second }]);
  expect([...optimizer.learningRates().keys()]).toEqual(['weight', 'bias', 'weight#2', 'bias#2']);
});

test('hooks run in the order added', () => {
  const p = parameter([3]);
  new SGD({ lr: 1 })
    .setup([{ params: [p] }])
    .addHook(weightDecay(1))
    .addHook(clipGrads(0.5))
    .update();
  expect(p.item()).toBeCloseTo(3 - 0.5, 6);
});

test('clipGrads shortens all gradients by one factor, and leaves short ones alone', () => {
  const [a, b] = [parameter([3, 0]), parameter([4])];
  clipGrads(1)([a, b]);
  expect(a.grad).toBeAllClose([0.6, 0], { rtol: 1e-6 });
  expect(b.grad).toBeAllClose([0.8], { rtol: 1e-6 });
  clipGrads(2)([a, b]);
  expect(b.grad).toBeAllClose([0.8], { rtol: 1e-6 });
  clipGrads(1)([new Parameter([1])]); // without a gradient there is nothing to do
  expect(() => clipGrads(0)).toThrow('clipGrads: the largest norm must be above 0, not 0');
  expect(() => weightDecay(-1)).toThrow(ValueError);
});

test.each([NaN, -1])('a learning rate of %s is refused', (lr) => {
  expect(() => new SGD({ lr })).toThrow(`lr must be a number from 0 on, not ${lr}`);
});

const factors = (schedule: (step: number) => number, steps: number): number[] =>
  Array.from({ length: steps }, (_, i) => schedule(i));

test('schedules give the factors they promise', () => {
  expect(factors(constant(), 3)).toEqual([1, 1, 1]);
  expect(factors(stepDecay({ every: 2, factor: 0.5 }), 5)).toEqual([1, 1, 0.5, 0.5, 0.25]);
  expect(factors(cosine({ steps: 4 }), 6)).toBeAllClose([1, 0.5 + Math.SQRT1_2 / 2, 0.5, 0.5 - Math.SQRT1_2 / 2, 0, 0]);
  expect(factors(cosine({ steps: 6, warmup: 2, floor: 0.2 }), 7)).toBeAllClose(
    [1 / 3, 2 / 3, 1, 0.6 + 0.4 * Math.SQRT1_2, 0.6, 0.6 - 0.4 * Math.SQRT1_2, 0.2],
  ); // prettier-ignore
  expect(factors(withWarmup(3, constant()), 5)).toEqual([0.25, 0.5, 0.75, 1, 1]);
  expect(() => stepDecay({ every: 0 })).toThrow('stepDecay: every must be a whole number from 1 on, not 0');
  expect(() => cosine({ steps: 3, warmup: 3 })).toThrow('cosine: warmup 3 must be shorter than the 3 steps');
});

test('the schedule scales every update by its number', () => {
  const p = parameter([1]);
  const optimizer = new SGD({ lr: 1, schedule: stepDecay({ every: 1, factor: 0.5 }) }).setup([{ params: [['p', p]] }]);
  for (const expected of [0, -0.5, -0.75]) {
    p.grad = variable([1]);
    optimizer.update();
    expect(p.item()).toBe(expected);
  }
  expect(optimizer.learningRates().get('p')).toBe(0.125);
});

test.each<[string, () => Optimizer]>([
  ['Adam', () => new Adam({ lr: 0.01, schedule: cosine({ steps: 8 }) })],
  ['MomentumSGD', () => new MomentumSGD({ lr: 0.01 })],
  ['SGD', () => new SGD({ lr: 0.01 })],
])('%s goes on from its state as if it had not stopped, bit for bit', (_, make) => {
  const [model, optimizer] = [smallNet(), make()];
  optimizer.setup(model);
  for (let i = 0; i < 3; i++) step(model, optimizer);
  const [saved, state] = [numbers(model), optimizer.state()];
  for (let i = 0; i < 3; i++) step(model, optimizer); // must not change what was saved
  const unbroken = numbers(model);

  const [again, resumed] = [smallNet(), make()];
  [...again.parameters()].forEach(
    ([, p], i) => (p.data = array(Float32Array.from(saved[i] ?? []), { shape: p.shape })),
  );
  resumed.setup(again).restore(state);
  expect([...resumed.state().keys()].sort()).toEqual([...state.keys()].sort());
  for (let i = 0; i < 3; i++) step(again, resumed);
  expect(resumed.steps).toBe(6);
  expect(numbers(again)).toEqual(unbroken);
});

test('state of other parameters, or of another optimizer, is refused by name', () => {
  const optimizer = new Adam().setup(smallNet());
  const refuse = (name: string, array: NDArray, message: string) => {
    expect(() => optimizer.restore(new Map([[name, array]]))).toThrow(ValueError);
    expect(() => optimizer.restore(new Map([[name, array]]))).toThrow(message);
  };
  refuse('9.weight.mean', ones([3, 5]), "restore: the state of '9.weight' does not belong to the parameters set up");
  refuse('0.weight.mean', ones([5, 3]), "restore: the state of '0.weight' does not belong to the parameters set up");
  refuse(
    '0.weight.velocity',
    ones([3, 5]),
    "restore: '0.weight.velocity' is not what Adam remembers; was it another optimizer's?",
  );
});

test('a parameter that is a view of other memory is trained all the same', () => {
  const table = arange(6).reshape([2, 3]);
  const p = new Parameter(table.transpose());
  const optimizer = new SGD({ lr: 1 }).setup([{ params: [p] }]);
  p.mul(array([[1, 0], [0, 1], [1, 1]])).sum().backward(); // prettier-ignore
  optimizer.update();
  expect(p).toBeAllClose([[-1, 3], [1, 3], [1, 4]]); // prettier-ignore
  expect(table).toBeAllClose(arange(6).reshape([2, 3]));
});

test('a parameter may change its shape between updates: its state begins anew', () => {
  const p = parameter([1, 2]);
  const optimizer = new MomentumSGD({ lr: 0.1 }).setup([{ params: [p] }]);
  optimizer.update();
  p.clearGrad();
  p.data = array([1, 1, 1]);
  p.grad = variable([1, 1, 1]);
  optimizer.update();
  expect(p).toBeAllClose([0.9, 0.9, 0.9]);
});
