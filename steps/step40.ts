/**
 * Step 40 · DataLoader: a few samples at a time, in another order each time.
 *
 * Step 39 looked at all samples before each update. A few of them point nearly the same way, so that small batches make many good updates
 * in the same time. But a set that lies sorted gives batches of one class each: what one teaches, the next pulls down again. So the
 * order is drawn anew for each epoch, and from a seed: what is random in a run must come out the same when it is run again.
 */
import { noGrad, setSeed } from 'dezero';
import { DataLoader, Spiral, Subset, type DataLoaderOptions, type Dataset } from 'dezero/data';
import * as F from 'dezero/functions';
import { MLP, type Model } from 'dezero/models';
import { Adam } from 'dezero/optimizers';
import { curve, plot } from 'dezero/utils';

/** Which samples are in each batch of one epoch. */
export async function batchesOf(loader: DataLoader): Promise<number[][]> {
  const batches: number[][] = [];
  for await (const [, t] of loader) batches.push(loader.indices.slice(0, t.size));
  return batches;
}

/** The same samples, but all of class 0 first, then all of class 1, … */
export function sorted(set: Spiral): Subset {
  const { t } = set.points;
  return new Subset(
    set,
    t.map((_, i) => i).sort((a, b) => (t[a] ?? 0) - (t[b] ?? 0)),
  );
}

/** What an epoch came to. */
export interface Epoch {
  readonly loss: number;
  readonly right: number;
}

/** One pass through a set, with an update after each batch if there is an optimizer. */
export async function pass(model: Model, loader: DataLoader, optimizer?: Adam): Promise<Epoch> {
  let [loss, right] = [0, 0];
  for await (const [x, t] of loader) {
    const y = optimizer ? model.call(x) : noGrad(() => model.call(x));
    const batchLoss = F.softmaxCrossEntropy(y, t);
    if (optimizer) {
      model.clearGrads();
      batchLoss.backward();
      optimizer.update();
    }
    const share = t.size / loader.set.length; // the last batch may be smaller: it counts for less
    loss += batchLoss.item() * share;
    right += F.accuracy(y, t).item() * share;
  }
  return { loss, right };
}

/** The same epoch on the samples learned from and on others. */
export type Passes = Record<'train' | 'test', Epoch>;

/** Trains for some epochs; what each came to. */
export async function run(
  train: Dataset,
  options: DataLoaderOptions,
  { test = new Spiral({ split: 'test' }), epochs = 60 } = {},
): Promise<Passes[]> {
  setSeed(0);
  const model = new MLP([30, 3], { activation: F.leakyRelu });
  const optimizer = new Adam({ lr: 0.02 }).setup(model);
  const [learning, judging] = [new DataLoader(train, options), new DataLoader(test, { batch: test.length })];
  const history: Passes[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    history.push({ train: await pass(model, learning, optimizer), test: await pass(model, judging) });
  }
  return history;
}

export async function main({ epochs = 60 } = {}): Promise<void> {
  const spiral = new Spiral();
  const ten = new Subset(spiral, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const show = async (name: string, loader: DataLoader) => {
    const batches = (await batchesOf(loader)).map((batch) => batch.join(' '));
    console.log(`  ${name.padEnd(24)}${batches.join(' | ')}`);
  };
  console.log('Ten samples in batches of 4:');
  await show('in order', new DataLoader(ten, { batch: 4 }));
  await show('only full ones', new DataLoader(ten, { batch: 4, dropLast: true }));
  for (const seed of [0, 1, 0]) {
    const loader = new DataLoader(ten, { batch: 4, shuffle: true, seed });
    await show(`seed ${seed}, first epoch`, loader);
    await show('        second epoch', loader);
  }

  const runs = {
    'all at once': await run(spiral, { batch: 300 }, { epochs }),
    'by 30, sorted': await run(sorted(spiral), { batch: 30 }, { epochs }),
    'by 30, shuffled': await run(sorted(spiral), { batch: 30, shuffle: true }, { epochs }),
  };
  console.log(`The spiral, ${epochs} epochs: right on ${spiral.length} points learned from, and on as many others`);
  const percent = (share = NaN) => `${(100 * share).toFixed(1)} %`.padStart(8);
  for (const [name, epoch] of Object.entries(runs).map(([name, history]) => [name, history.at(-1)] as const)) {
    console.log(`  ${name.padEnd(18)}${percent(epoch?.train.right)}${percent(epoch?.test.right)}`);
  }

  const shares = (history: readonly Passes[]) => history.map(({ test }) => test.right);
  const compared = Object.entries(runs).map(([name, history]) => curve(name, shares(history)));
  const losses = (part: keyof Passes) => runs['by 30, shuffled'].map((epoch) => epoch[part].loss);
  const both = [curve('train', losses('train')), curve('test', losses('test'))];
  const [x, y] = [{ label: 'epoch' }, { label: 'share of other points right', range: [0, 1] as const }];
  const charts = [
    { title: 'Batches and their order', x, y, series: compared },
    { title: 'By 30, shuffled', x, y: { label: 'loss' }, series: both },
  ];
  console.log(`  ${await plot(charts, { to: 'out/step40/curves.svg' })}`);
}

if (require.main === module) void main();
