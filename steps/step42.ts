/**
 * Step 42 · Dropout: a network that cannot lean on any one of its parts.
 *
 * Step 41 was right on nearly all digits that it had learned from, on fewer of the others: it had begun to learn by heart. With few digits,
 * some with wrong labels, the gap is wide: to be right on all of those is to know the mistakes by heart. Dropout hides half of the hidden
 * numbers at each update, another half each time, so that no number can count on a particular other. In use nothing is hidden:
 * `testMode` says which of the two it is.
 */
import { Generator, noGrad, ones, setSeed, testMode, type NDArray } from 'dezero';
import { DataLoader, Dataset, MNIST, Subset } from 'dezero/data';
import * as F from 'dezero/functions';
import { Dropout, Linear } from 'dezero/layers';
import { Sequential, type Model } from 'dezero/models';
import { Adam } from 'dezero/optimizers';
import { curve, plot } from 'dezero/utils';

/** Digits of which a fifth has a label drawn at random: no data set of some size is without mistakes. */
export class Mislabelled extends Dataset {
  constructor(readonly set: Dataset) {
    super();
  }

  get length(): number {
    return this.set.length;
  }

  override async get(index: number): Promise<[NDArray, number]> {
    const [x, t] = await this.set.get(index);
    const generator = new Generator(1, index); // the same mistake each time
    return [x, generator.next() < 1 / 5 ? generator.integer(10) : Number(t)];
  }
}

/** Two hidden layers, and dropout after each; ratio 0 hides nothing. */
export function network(hidden: number, ratio: number): Sequential {
  const layer = () => [new Linear(hidden), F.relu, new Dropout(ratio)];
  return new Sequential(F.flatten, ...layer(), ...layer(), new Linear(10));
}

/** The share of a set that is right. It does not say testMode: whoever asks does. */
export async function accuracy(model: Model, set: Dataset): Promise<number> {
  let right = 0;
  for await (const [x, t] of new DataLoader(set, { batch: Math.min(500, set.length) })) {
    const y = noGrad(() => model.call(x));
    right += F.accuracy(y, t).item() * t.size;
  }
  return right / set.length;
}

/** Of what is learned from, and of others to be judged by. */
type Both<T> = Record<'train' | 'test', T>;

/** n digits to learn from, with a fifth of the labels drawn at random, and m others with their own. */
export async function digits(n: number, m: number): Promise<Both<Dataset>> {
  const [train, test] = [await MNIST.open(), await MNIST.open({ split: 'test' })];
  const first = (set: Dataset, count: number) => new Subset(set, [...Array(count).keys()]);
  return { train: new Mislabelled(first(train, n)), test: first(test, m) };
}

/** Trains; the shares right in use after each epoch. */
export async function train(
  model: Model,
  sets: Both<Dataset>,
  { epochs = 20, batch = 50 } = {},
): Promise<Both<number[]>> {
  const optimizer = new Adam().setup(model);
  const loader = new DataLoader(sets.train, { batch, shuffle: true });
  const right: Both<number[]> = { train: [], test: [] };
  for (let epoch = 0; epoch < epochs; epoch++) {
    for await (const [x, t] of loader) {
      const loss = F.softmaxCrossEntropy(model.call(x), t);
      model.clearGrads();
      loss.backward();
      optimizer.update();
    }
    for (const part of ['train', 'test'] as const) right[part].push(await testMode(() => accuracy(model, sets[part])));
  }
  return right;
}

export async function main({ n = 500, m = 1000, hidden = 200, epochs = 20 } = {}): Promise<void> {
  setSeed(1);
  const x = ones([8]);
  console.log(`eight ones, dropout(0.5):    ${F.dropout(x, 0.5).toString()}`);
  console.log(`once more, another half:     ${F.dropout(x, 0.5).toString()}`);
  console.log(`testMode, nothing hidden:    ${testMode(() => F.dropout(x, 0.5)).toString()}`);
  const many = F.dropout(ones([1_000_000]), 0.5);
  console.log(`the mean of a million ones:  ${F.mean(many).item().toFixed(3)} (what is left is doubled)`);

  const sets = await digits(n, m);
  const percent = (share = NaN) => `${(100 * share).toFixed(1)} %`;
  console.log(`\n${n} digits to learn from, a fifth labelled at random; ${m} others; ${epochs} epochs`);
  const series = [];
  for (const ratio of [0, 0.5]) {
    setSeed(0);
    const model = network(hidden, ratio);
    const right = await train(model, sets, { epochs });
    const [learned = NaN, others = NaN] = [right.train.at(-1), right.test.at(-1)];
    const gap = `a gap of ${percent(learned - others)}`;
    console.log(`  ratio ${ratio}: right on ${percent(learned)} of those, ${percent(others)} of the others: ${gap}`);
    series.push(curve(`train, ratio ${ratio}`, right.train, { dashed: true }));
    series.push(curve(`test, ratio ${ratio}`, right.test));
    if (ratio === 0) continue;
    const without = [await accuracy(model, sets.test), await accuracy(model, sets.test)];
    console.log(`  and without testMode, asked twice: ${without.map(percent).join(', ')}`);
  }
  const axes = { x: { label: 'epoch' }, y: { label: 'share right', range: [0.5, 1] as const } };
  console.log(`  ${await plot({ title: 'Dropout narrows the gap', ...axes, series }, { to: 'out/step42/gap.svg' })}`);
}

if (require.main === module) void main();
