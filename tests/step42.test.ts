import { existsSync } from 'node:fs';
import { array, Generator, noGrad, ones, randn, setSeed, testMode, variable } from 'dezero';
import { MNIST } from 'dezero/data';
import * as F from 'dezero/functions';
import { Dropout } from 'dezero/layers';
import { expect, test } from 'vitest';
import { accuracy, digits, main, Mislabelled, network, train } from '../steps/step42';
import { captured } from './captured';

test('dropout hides its share and scales up the rest, so that the mean stays', () => {
  const y = F.dropout(ones([100_000]), 0.25, new Generator(0));
  const kept = [...y.values].filter((value) => value !== 0);
  expect(1 - kept.length / 100_000, 'a quarter is hidden: is ratio what is hidden, or what is kept?').toBeCloseTo(0.25, 2); // prettier-ignore
  for (const value of new Set(kept)) expect(value, 'what is left is divided by 1 − ratio').toBeCloseTo(1 / 0.75, 12);
  expect(F.mean(y).item(), 'the mean stays').toBeCloseTo(1, 2);
});

test('the gradient takes the same way: none through what was hidden', () => {
  const x = variable(ones([50]));
  const y = F.dropout(x, 0.5, new Generator(3));
  y.backward();
  expect(x.grad, 'the gradient passes where the number did, scaled alike').toBeAllClose(y);
});

test('each call hides others, and a seed gives the same again', () => {
  const twice = () => {
    setSeed(4);
    return [0, 1].map(() => [...F.dropout(ones([100]), 0.5).values]);
  };
  const [one, two] = twice();
  expect(two, 'another update must hide others').not.toEqual(one);
  expect(twice()).toEqual([one, two]);
});

test('in testMode nothing is hidden and nothing scaled, and afterwards training goes on', async () => {
  const x = randn([100], { seed: 1 });
  const layer = new Dropout(0.5);
  const message = 'in testMode dropout must let everything pass as it is';
  expect(
    testMode(() => F.dropout(x, 0.5)),
    message,
  ).toBeAllClose(x);
  expect(
    testMode(() => layer.call(x)),
    message,
  ).toBeAllClose(x);
  const later = await testMode(async () => {
    await Promise.resolve();
    return layer.call(x);
  });
  expect(later, 'testMode lasts as long as the async function it is given').toBeAllClose(x);
  expect([...layer.call(x).values].filter((value) => value === 0).length, 'afterwards it drops again').toBeGreaterThan(20); // prettier-ignore
});

test('flatten makes each sample one row', () => {
  expect(F.flatten(array([[[1], [2]], [[3], [4]]]))).toBeAllClose([[1, 2], [3, 4]]); // prettier-ignore
});

test('a ratio that hides all, or that is none, is refused', () => {
  expect(() => F.dropout(ones([2]), 1)).toThrow('dropout: ratio must be from 0 up to but not 1, not 1');
  expect(() => new Dropout(-0.1)).toThrow('Dropout: ratio must be from 0 up to but not 1, not -0.1');
});

test('a fifth of the labels is drawn at random, the same each time', async () => {
  const set = await MNIST.open({ split: 'test' });
  const wrong = new Mislabelled(set);
  const labels = async () => Promise.all(Array.from({ length: 500 }, async (_, i) => (await wrong.get(i))[1]));
  const first = await labels();
  expect(await labels()).toEqual(first);
  const changed = first.filter((t, i) => t !== set.labels[i]).length;
  expect(changed / 500, 'a fifth is drawn, a tenth of those by chance right').toBeCloseTo(0.18, 1);
});

test('in use the network answers the same each time, in training it does not', async () => {
  const { test: set } = await digits(50, 100);
  setSeed(0);
  const model = network(20, 0.5);
  const [x] = await set.get(0);
  const answer = () => [...noGrad(() => model.call(x.reshape([1, 1, 28, 28]))).values];
  expect(testMode(answer)).toEqual(testMode(answer));
  expect(answer(), 'in training another half is hidden each time').not.toEqual(answer());
  expect(await testMode(() => accuracy(model, set))).toBe(await testMode(() => accuracy(model, set)));
});

test('with dropout less is learned by heart', async () => {
  const sets = await digits(100, 100);
  const run = async (ratio: number, epochs: number) => {
    setSeed(0);
    return train(network(50, ratio), sets, { epochs, batch: 10 });
  };
  const [without, within] = [await run(0, 14), await run(0.5, 14)];
  const gap = (right: typeof without) => (right.train.at(-1) ?? NaN) - (right.test.at(-1) ?? NaN);
  expect(without.train.at(-1), 'without dropout even wrong labels are learned').toBeGreaterThan(0.9);
  expect(gap(within), 'dropout narrows the gap between train and test').toBeLessThan(gap(without) - 0.1);
  expect(await run(0.5, 2), 'a seed gives the same run again, dropout included').toEqual({
    train: within.train.slice(0, 2),
    test: within.test.slice(0, 2),
  });
});

test('the step shows dropout in training and in use, and draws the gap', async () => {
  const lines = await captured(() => main({ n: 50, m: 50, hidden: 10, epochs: 1 }));
  const shown = lines.filter((line) => line.includes('variable(')).map((line) => line.split('variable')[1]);
  expect(shown[0]).toMatch(/^\(\[[02 ]+\]\)$/);
  expect(shown[1], 'another half').not.toBe(shown[0]);
  expect(shown[2]).toBe('([1 1 1 1 1 1 1 1])');
  expect(lines.filter((line) => line.includes('a gap of'))).toHaveLength(2);
  expect(lines).toContain('  out/step42/gap.svg');
  expect(existsSync('out/step42/gap.svg')).toBe(true);
});
