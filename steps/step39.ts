/**
 * Step 39 · Dataset: samples by number, and changes on their way out.
 *
 * Step 38 held all its points in one array. Photos do not fit into one, and come from files; a training loop should not have to know. So
 * it asks a Dataset two things: how many samples, and for sample i. On the way out a sample may pass transforms: Normalize, for what is
 * measured in any unit, and random ones, which make many samples of few. These draw from a generator made for the sample and the
 * epoch: sample 7 of epoch 1 is the same however often, and in whatever order, it is asked for.
 */
import { array, nd, noGrad, setSeed, type Generator, type NDArray } from 'dezero';
import { Compose, Dataset, Normalize, Spiral, transformSample, type Transform } from 'dezero/data';
import * as F from 'dezero/functions';
import { MLP } from 'dezero/models';
import { Adam } from 'dezero/optimizers';
import { plot, type Diagram, type Point, type Series } from 'dezero/utils';

/** The spiral as an instrument might see it: x in millimetres, from somewhere else, and y in kilometres. */
export class Measured extends Dataset {
  constructor(
    readonly spiral: Spiral,
    readonly transform: Transform = new Compose([]),
  ) {
    super();
  }

  get length(): number {
    return this.spiral.length;
  }

  override async get(index: number, epoch = 0): Promise<[NDArray, number]> {
    const [point, t] = await this.spiral.get(this.checkIndex(index));
    const [x = 0, y = 0] = point.values;
    const measured = array([5000 + 1000 * x, y / 1000], { dtype: 'float32' });
    return [await transformSample(this.transform, measured, epoch, index), t];
  }
}

/** A transform of our own: turns a point about 0 by a random angle, of about `spread` radians. */
export class RandomTurn implements Transform {
  constructor(readonly spread: number) {}

  apply(x: NDArray, generator: Generator): NDArray {
    const [a = 0, b = 0] = x.values;
    const angle = this.spread * generator.normal();
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    return array([a * cos - b * sin, a * sin + b * cos], { dtype: x.dtype });
  }
}

/** All samples of an epoch at once: x of shape (N, 2), and the labels. */
export async function everything(set: Dataset, epoch = 0): Promise<{ x: NDArray; t: number[] }> {
  const samples = await Promise.all(Array.from({ length: set.length }, (_, i) => set.get(i, epoch)));
  const rows = samples.map(([x]) => [...x.values]);
  return { x: array(rows, { dtype: 'float32' }), t: samples.map(([, t]) => Number(t)) };
}

/** A Normalize for this set, by the mean and the standard deviation of each input. */
export async function normalizeFor(set: Dataset): Promise<Normalize> {
  const { x } = await everything(set);
  const mean = nd.mean(x, { axis: 0 });
  const variance = nd.mean(nd.square(nd.sub(x, mean)), { axis: 0 });
  return new Normalize([...mean.values], [...variance.values].map(Math.sqrt));
}

/** Learns from one set, whichever it is, with one update an epoch; the share of another that it then has right. */
export async function learn(set: Dataset, others: Dataset, epochs: number): Promise<number> {
  setSeed(0);
  const model = new MLP([30, 3], { activation: F.leakyRelu });
  const optimizer = new Adam({ lr: 0.02 }).setup(model);
  for (let epoch = 0; epoch < epochs; epoch++) {
    const { x, t } = await everything(set, epoch);
    const loss = F.softmaxCrossEntropy(model.call(x), t);
    model.clearGrads();
    loss.backward();
    optimizer.update();
  }
  const { x, t } = await everything(others);
  return noGrad(() => F.accuracy(model.call(x), t)).item();
}

/** The samples of so many epochs, by class. */
async function picture(title: string, set: Dataset, epochs = 1): Promise<Diagram> {
  const all = await Promise.all(Array.from({ length: epochs }, (_, epoch) => everything(set, epoch)));
  const [rows, labels] = [all.flatMap(({ x }) => x.toNested() as number[][]), all.flatMap(({ t }) => t)];
  const ofClass = (c: number) => rows.filter((_, i) => labels[i] === c).map(([x = 0, y = 0]): Point => [x, y]);
  const series = [0, 1, 2].map((c): Series => ({ name: `class ${c}`, as: 'points', points: ofClass(c) }));
  return { title, x: { label: 'x' }, y: { label: 'y' }, series, size: { width: 250, height: 250 } };
}

export async function main({ epochs = 300 } = {}): Promise<void> {
  const short = ([x]: [NDArray, unknown]) => `(${Array.from(x.values, (v) => Number(v.toPrecision(4))).join(', ')})`;
  const [all, few, test] = [new Spiral(), new Spiral({ n: 6 }), new Spiral({ split: 'test' })];
  const raw = new Measured(all);
  const normalize = await normalizeFor(raw);
  const normal = new Measured(all, normalize);
  const turned = new Measured(few, new Compose([normalize, new RandomTurn(0.2)], { seed: 1 }));
  console.log(`sample 7 of ${raw.length}: ${short(await raw.get(7))}, normalised ${short(await normal.get(7))}`);
  await raw.get(300).catch((error: unknown) => console.log(`  ${(error as Error).message}`));
  for (const epoch of [0, 1, 2, 1]) console.log(`sample 7 of 18, epoch ${epoch}: ${short(await turned.get(7, epoch))}`);

  const normalTest = new Measured(test, normalize); // by the numbers of the training set: one ruler for both
  const runs = {
    '300 as measured': [raw, new Measured(test)],
    '300, normalised': [normal, normalTest],
    '18, normalised': [new Measured(few, normalize), normalTest],
    '18, turned anew each epoch': [turned, normalTest],
  } as const;
  console.log(`points learned from, and the share of ${test.length} others that is then right:`);
  for (const [name, [set, others]] of Object.entries(runs)) {
    console.log(`  ${name.padEnd(30)}${(100 * (await learn(set, others, epochs))).toFixed(1)} %`);
  }
  const charts = [
    await picture('as measured', new Measured(few)),
    await picture('normalised', new Measured(few, normalize)),
    await picture('turned, 20 epochs', turned, 20),
  ];
  console.log(`  ${await plot(charts, { to: 'out/step39/samples.svg' })}`);
}

if (require.main === module) void main();
