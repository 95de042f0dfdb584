/**
 * Step 42 · Dropout: a network that cannot lean on any one of its parts.
 *
 * Step 41 was right on nearly all digits that it had learned from, on fewer of the others: it had begun to learn by heart. With few digits,
 * some with wrong labels, the gap is wide: to be right on all of those is to know the mistakes by heart. Dropout hides half of the hidden
 * numbers at each update, another half each time, so that no number can count on a particular other. In use nothing is hidden:
 * `testMode` says which of the two it is.
 */
import { Generator, noGrad, ones, setSeed, testMode, type NDArray, type Variable } from 'dezero';
import { DataLoader, Dataset, MNIST, Subset } from 'dezero/data';
import * as F from 'dezero/functions';
import { Dropout, Linear } from 'dezero/layers';
import { Sequential, type Model } from 'dezero/models';
import { Adam } from 'dezero/optimizers';
import { plot, type Point } from 'dezero/utils';

/** Digits of which a share has a label drawn at random: no data set of some size is without mistakes. */
export class Mislabelled extends Dataset {
  constructor(
    readonly set: Dataset,
    readonly share: number,
  ) {
    super();
  }

  get length(): number {
    return this.set.length;
  }

  override async get(index: number): Promise<[NDArray, number]> {
    const [x, t] = await this.set.get(index);
    const generator = new Generator(1, index); // the same mistake each time
    return [x, generator.next() < this.share ? generator.integer(10) : Number(t)];
  }
}

/** Two hidden layers, and dropout after each; ratio 0 hides nothing. */
export function network(hidden: number, ratio: number): Sequential {
  const flatten = (x: Variable): Variable => x.reshape([x.shape[0] ?? 0, -1]);
  const layer = () => [new Linear(hidden), F.relu, new Dropout(ratio)];
  return new Sequential(flatten, ...layer(), ...layer(), new Linear(10));
}

/** The share of a set that is right. It does not say testMode: whoever asks does. */
export async function accuracy(model: Model, set: Dataset): Promise<number> {
  let right = 0;
  for await (const [x, t] of new DataLoader(set, { batch: Math.min(500, set.length) })) {
    right += F.accuracy(noGrad(() => model.call(x)), t).item() * t.size; // prettier-ignore
  }
  return right / set.length;
}

/** What is learned from, and others to be judged by. */
export interface Sets {
  readonly train: Dataset;
  readonly test: Dataset;
}

/** n digits with a fifth of the labels drawn at random, and m others with their own. */
export async function digits(n: number, m: number): Promise<Sets> {
  const [train, test] = await Promise.all([MNIST.open(), MNIST.open({ split: 'test' })]);
  const first = (set: MNIST, count: number) =>
    new Subset(
      set,
      Array.from({ length: count }, (_, i) => i),
    );
  return { train: new Mislabelled(first(train, n), 0.2), test: first(test, m) };
}

/** Trains; the shares right in use after each epoch. */
export async function train(
  model: Model,
  sets: Sets,
  { epochs = 20, batch = 50 } = {},
): Promise<Record<keyof Sets, number>[]> {
  const optimizer = new Adam().setup(model);
  const loader = new DataLoader(sets.train, { batch, shuffle: true });
  const history: Record<keyof Sets, number>[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    for await (const [x, t] of loader) {
      const loss = F.softmaxCrossEntropy(model.call(x), t);
      model.clearGrads();
      loss.backward();
      optimizer.update();
    }
    history.push(await testMode(async () => ({ train: await accuracy(model, sets.train), test: await accuracy(model, sets.test) }))); // prettier-ignore
  }
  return history;
}

export async function main({ n = 500, m = 1000, hidden = 200, epochs = 20 } = {}): Promise<void> {
  setSeed(1);
  const x = ones([8]);
  console.log(`eight ones, dropout(0.5):    ${F.dropout(x, 0.5).toString()}`);
  console.log(`once more, another half:     ${F.dropout(x, 0.5).toString()}`);
  console.log(`testMode, nothing hidden:    ${testMode(() => F.dropout(x, 0.5)).toString()}`);
  console.log(`the mean of a million ones:  ${F.mean(F.dropout(ones([1_000_000]), 0.5)).item().toFixed(3)} (what is left is doubled)`); // prettier-ignore

  const sets = await digits(n, m);
  const percent = (share = NaN) => `${(100 * share).toFixed(1)} %`;
  console.log(`\n${n} digits to learn from, a fifth labelled at random; ${m} others; ${epochs} epochs`);
  const series = [];
  for (const ratio of [0, 0.5]) {
    setSeed(0);
    const model = network(hidden, ratio);
    const history = await train(model, sets, { epochs });
    const { train: learned = NaN, test: others = NaN } = history.at(-1) ?? {};
    console.log(`  ratio ${ratio}: right on ${percent(learned)} of those, ${percent(others)} of the others: a gap of ${percent(learned - others)}`); // prettier-ignore
    for (const part of ['train', 'test'] as const) {
      const points = history.map((epoch, i): Point => [i + 1, epoch[part]]);
      series.push({ name: `${part}, ratio ${ratio}`, points, dashed: part === 'train' });
    }
    if (ratio > 0) console.log(`  and without testMode, asked twice: ${percent(await accuracy(model, sets.test))}, ${percent(await accuracy(model, sets.test))}`); // prettier-ignore
  }
  const axes = { x: { label: 'epoch' }, y: { label: 'share right', range: [0.5, 1] as const } };
  console.log(`  ${await plot({ title: 'Dropout narrows the gap', ...axes, series }, { to: 'out/step42/gap.svg' })}`);
}

if (require.main === module) void main();
