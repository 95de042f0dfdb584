/**
 * Step 52 · Transfer learning: train the head only.
 *
 * A hundred pictures of ants and as many of bees are too few to learn to see from. But step 50's network has learned to see, from other
 * pictures; only its last layer gives answers that nobody asked for. So keep what sees, frozen: a parameter that requires no gradient
 * gets none and is not moved. Put a new head on it, for two answers, and train that. And as the frozen part says the same of a
 * picture in every epoch, ask it once. `--data FOLDER|ZIP --weights squeezenet1_0.pth`, or `--fetch`; without them drawings.
 */
import { parseArgs } from 'node:util';
import {
  DataError,
  keep,
  memoryScope,
  noGrad,
  setSeed,
  testMode,
  ValueError,
  type NDArray,
  type Variable,
} from 'dezero';
import { DataLoader, Dataset, Drawn, ImageFolder, imagenetEval } from 'dezero/data';
import * as F from 'dezero/functions';
import { assetPath, fetchPhotos, fetchWeights, findPhotos, findWeights } from 'dezero/io';
import { SqueezeNet10, SqueezeNetSmall, type SqueezeNet } from 'dezero/models';
import { Adam } from 'dezero/optimizers';
import { plot, runMain } from 'dezero/utils';

/** Pictures of two classes, a network for them, and the weights of one that has seen others. */
export interface Task {
  readonly train: Drawn | ImageFolder;
  readonly val: Drawn | ImageFolder;
  readonly make: () => SqueezeNet;
  readonly weights: string;
}

/** Ants and bees, drawn, and the small network that has seen drawings of everything else. */
export async function drawings(perClass = 100): Promise<Task> {
  const [train, val] = [await Drawn.open({ perClass }), await Drawn.open({ split: 'val' })];
  const weights = assetPath('models/pretrained/squeezenetSmall.pth');
  return { train, val, weights, make: () => new SqueezeNetSmall({ classes: train.classes.length }) };
}

/** Photos, divided into `train` and `val`, and SqueezeNet 1.0. */
export async function photos(data: string, weights: string): Promise<Task> {
  const open = (split: string) => ImageFolder.open(data, { split, transform: imagenetEval() });
  const [train, val] = [await open('train'), await open('val')];
  return { train, val, weights, make: () => new SqueezeNet10({ classes: train.classes.length }) };
}

/** The network with a new head. What sees has the trained weights, or its first ones; either way it is frozen. */
export async function network({ make, weights }: Task, { trained = true } = {}): Promise<SqueezeNet> {
  const model = make();
  if (trained) await model.load(weights, { skip: ['classifier.1'] });
  model.setRequiresGrad(false, ['features']);
  return model;
}

/** What the frozen part of a network says of pictures, asked once. */
export class Seen extends Dataset {
  private readonly samples: [NDArray, number][] = [];

  static async of(model: SqueezeNet, pictures: Dataset): Promise<Seen> {
    const seen = new Seen();
    for await (const [x, t] of new DataLoader(pictures, { batch: Math.min(16, pictures.length) })) {
      using _ = memoryScope();
      const maps = testMode(() => noGrad(() => model.features.call(x)));
      keep(maps.data);
      t.values.forEach((label: number, i: number) => seen.samples.push([maps.getItem(i).data, label]));
    }
    return seen;
  }

  get length(): number {
    return this.samples.length;
  }

  override async get(index: number): Promise<[NDArray, number]> {
    const sample = this.samples[index];
    if (!sample) throw new ValueError(`get(${index}): there are ${this.length} samples`);
    return sample;
  }
}

/** The share of what was seen that the head gets right. */
export async function accuracy({ classifier }: SqueezeNet, seen: Seen): Promise<number> {
  let right = 0;
  for await (const [maps, t] of new DataLoader(seen, { batch: Math.min(50, seen.length) })) {
    using _ = memoryScope();
    right +=
      F.accuracy(
        testMode(() => noGrad(() => classifier.call(maps))),
        t,
      ).item() * t.size;
  }
  return right / seen.length;
}

/** Trains what is not frozen; the mean loss of each epoch, as it ends. */
export async function* train(model: SqueezeNet, seen: Seen, epochs: number): AsyncGenerator<number> {
  const optimizer = new Adam({ lr: 3e-3 }).setup(model); // all of it: what is frozen is passed over
  const loader = new DataLoader(seen, { batch: Math.min(20, seen.length), shuffle: true });
  for (let epoch = 0; epoch < epochs; epoch++) {
    let sum = 0;
    for await (const [maps, t] of loader) {
      using _ = memoryScope();
      const loss = F.softmaxCrossEntropy(model.classifier.call(maps), t);
      model.clearGrads();
      loss.backward();
      optimizer.update();
      sum += loss.item();
    }
    yield sum / loader.length;
  }
}

/** How long a batch takes there and back, in milliseconds: the better of two. */
async function pace(model: SqueezeNet, set: Dataset, scores: (x: NDArray) => Variable): Promise<string> {
  const times: number[] = [];
  for await (const [x, t] of new DataLoader(set, { batch: Math.min(16, set.length) })) {
    using _ = memoryScope();
    const start = performance.now();
    F.softmaxCrossEntropy(scores(x), t).backward();
    times.push(performance.now() - start);
    model.clearGrads();
    if (times.length === 2) break;
  }
  return `~${Math.min(...times).toFixed(1)} ms`;
}

/** What freezing saves, and asking once. */
async function compare(model: SqueezeNet, pictures: Dataset, seen: Seen): Promise<void> {
  const sizes = [...model.parameters()].map(([, { size, requiresGrad }]) => (requiresGrad ? [size, size] : [size, 0]));
  const [all, moved] = [0, 1].map((i) => sizes.reduce((sum, pair) => sum + (pair[i] ?? 0), 0).toLocaleString('en'));
  console.log(`${moved} of ${all} parameters are trained. A batch, there and back:`);
  model.setRequiresGrad(true);
  console.log(`  everything trained   ${await pace(model, pictures, (x) => model.call(x))}`);
  model.setRequiresGrad(false, ['features']);
  console.log(`  features frozen      ${await pace(model, pictures, (x) => model.call(x))}`);
  console.log(`  features asked once  ${await pace(model, seen, (maps) => model.classifier.call(maps))}`);
}

const percent = (share = NaN) => `${(100 * share).toFixed(1)} %`;

export async function main({ task, epochs = 20 }: { task?: Task; epochs?: number } = {}): Promise<void> {
  const ours = task ?? (await drawings());
  console.log(`Ants and bees: ${ours.train.length} pictures to learn from, ${ours.val.length} others to be judged by`);
  const series = [];
  for (const trained of [false, true]) {
    setSeed(0);
    const model = await network(ours, { trained });
    const [seen, judged] = [await Seen.of(model, ours.train), await Seen.of(model, ours.val)];
    if (trained) await compare(model, ours.train, seen);
    const shares = [await accuracy(model, judged)];
    for await (const _ of train(model, seen, epochs)) shares.push(await accuracy(model, judged));
    const name = trained ? 'trained features' : 'untrained features';
    console.log(
      `a head on ${name}: right on ${percent(shares[0])} before, on ${percent(shares.at(-1))} after ${epochs} epochs`,
    );
    series.push({ name, points: shares.map((share, i): [number, number] => [i, share]) });
  }
  const axes = { x: { label: 'epoch' }, y: { label: 'accuracy on other pictures' } };
  console.log(`  ${await plot({ title: 'Ants and bees', ...axes, series }, { to: 'out/step52/accuracy.svg' })}`);
  for (const set of [ours.train, ours.val]) if (set instanceof ImageFolder) await set.close();
}

/** The task of the command line. @throws DataError if photos come without weights, or weights without photos. */
async function chosen(): Promise<Task> {
  const text = { type: 'string' } as const;
  const { data, weights, fetch = false } = parseArgs({ options: { data: text, weights: text, fetch: { type: 'boolean' } } }).values; // prettier-ignore
  const zip = data ?? (await (fetch ? fetchPhotos() : findPhotos()));
  const file = weights ?? (await (fetch ? fetchWeights('squeezenet1_0') : findWeights('squeezenet1_0')));
  if (zip && file) return photos(zip, file);
  if (data ?? weights) throw new DataError('give both --data and --weights, or --fetch: photos need a network that knows photos'); // prettier-ignore
  return drawings();
}

if (require.main === module) void runMain(async () => main({ task: await chosen() }));
