import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Parameter } from '../../dezero/core';
import { sin } from '../../dezero/functions';
import { array } from '../../dezero/ndarray';
import * as O from '../../dezero/optimizers';

// PyTorch 1.13's; trajectories.py beside it says how they were made.
const file = join(__dirname, 'trajectories.json');
const trajectories = JSON.parse(readFileSync(file, 'utf8')) as Record<string, number[][]>;

/** The parameters after each of five steps on Σ c·(p − t)⁴ / 4 + p²·sin p. */
function train(optimizer: O.Optimizer): number[][] {
  const [c, t] = [array([1, 0.5, 2, -0.3]), array([1, -2, 0.5, 0.1])];
  const p = new Parameter([0, 0.3, -1, 1.2], 'p');
  optimizer.setup([{ params: [p] }]);
  return Array.from({ length: 5 }, () => {
    p.clearGrad();
    p.sub(t)
      .pow(4)
      .mul(c)
      .div(4)
      .add(p.square().mul(sin(p)))
      .sum()
      .backward();
    optimizer.update();
    return Array.from(p.values);
  });
}

const momentum = { lr: 0.05, momentum: 0.8 };
const adam = { lr: 0.1, beta1: 0.8, beta2: 0.95 };
const optimizers: Record<string, O.Optimizer> = {
  sgd: new O.SGD({ lr: 0.05 }),
  momentum: new O.MomentumSGD(momentum),
  nesterov: new O.NesterovSGD(momentum),
  weightDecay: new O.MomentumSGD(momentum).addHook(O.weightDecay(0.1)),
  adaGrad: new O.AdaGrad({ lr: 0.1 }),
  adaDelta: new O.AdaDelta(),
  rmsProp: new O.RMSprop({ lr: 0.05, alpha: 0.9 }),
  adam: new O.Adam(adam),
  adamW: new O.AdamW({ ...adam, weightDecay: 0.2 }),
  clipGrads: new O.SGD({ lr: 0.05 }).addHook(O.clipGrads(2)),
};

test.each(Object.keys(trajectories))('%s takes the same five steps as PyTorch', (name) => {
  const optimizer = optimizers[name];
  if (!optimizer) throw new Error(`no optimizer for ${name}`);
  expect(train(optimizer)).toBeAllClose(trajectories[name] ?? [], { rtol: 1e-10 });
});

test('every optimizer has its trajectory', () => {
  const classes = Object.values(O).filter(
    (value) => typeof value === 'function' && value.prototype instanceof O.Optimizer,
  );
  const tried = Object.values(optimizers).map((optimizer) => optimizer.constructor);
  expect(classes.filter((one) => !tried.includes(one))).toEqual([]);
  expect(Object.keys(optimizers)).toEqual(Object.keys(trajectories));
});
