import { expect, test } from 'vitest';
import { noGrad, setSeed } from 'dezero';
import { DataLoader, MNIST, Subset } from 'dezero/data';
import * as F from 'dezero/functions';
import { MLP } from 'dezero/models';
import { Adam } from 'dezero/optimizers';
import { confusionMatrix } from 'dezero/utils';
import { accuracyOf, answers, flatten, trainEpoch } from '../steps/step41';

const first = (n: number) => Array.from({ length: n }, (_, i) => i);

/** A few digits, a small network, and what two epochs come to. */
async function shortRun() {
  const [train, test] = await Promise.all([MNIST.open(), MNIST.open({ split: 'test' })]);
  setSeed(0);
  const model = new MLP([32, 10], { activation: F.relu });
  const optimizer = new Adam({ lr: 0.003 }).setup(model);
  const loader = new DataLoader(new Subset(train, first(1000)), { batch: 50, shuffle: true });
  const epochs = [await trainEpoch(model, loader, optimizer), await trainEpoch(model, loader, optimizer)];
  return { model, epochs, judged: await answers(model, new Subset(test, first(500))) };
}

test('the digits: 8,000 to learn from and 2,000 to be judged by, 28 × 28 from 0 to 1', async () => {
  const [train, test] = await Promise.all([MNIST.open(), MNIST.open({ split: 'test' })]);
  expect([train.length, test.length]).toEqual([8000, 2000]);
  const [x, t] = await train.get(0);
  expect([x.shape, t]).toEqual([[1, 28, 28], train.labels[0]]);
  expect(Math.max(...x.values), 'grey values are shares of 255: are they divided?').toBeLessThanOrEqual(1);
  expect(flatten(x).shape).toEqual([1, 784]);
});

test('two short epochs: the loss falls, most unseen digits are right, and a seed gives the same again', async () => {
  const { epochs, judged } = await shortRun();
  const [before, after] = epochs;
  expect(after?.loss, 'the loss does not fall: are the gradients cleared, and is update() called?').toBeLessThan(before?.loss ?? 0); // prettier-ignore
  expect(accuracyOf(judged), 'the answers on unseen digits are no better than chance').toBeGreaterThan(0.7);
  const again = await shortRun();
  expect(again.epochs, 'the same seed must give the same losses, to the last bit').toEqual(epochs);
}, 20_000);

test('answers come in the order of the set, with the probability of the best', async () => {
  const { model, judged } = await shortRun();
  const set = await MNIST.open({ split: 'test' });
  const [x, t] = await set.get(3);
  const p = noGrad(() => F.softmax(model.call(flatten(x.reshape([1, 1, 28, 28]))))).values;
  expect(judged.t[3]).toBe(t);
  expect(judged.p[3]).toBeCloseTo(Math.max(...p), 5);
  expect(judged.y[3]).toBe(p.indexOf(Math.max(...p)));
});

test('the confusion matrix has what it is in rows, what it was taken for in columns', () => {
  const matrix = confusionMatrix([4, 4, 9], [9, 4, 9], 10).toNested() as number[][];
  expect(matrix[4]?.[9], 'a 4 taken for a 9 is counted in row 4, column 9').toBe(1);
  expect(matrix[9]?.[4]).toBe(0);
});
