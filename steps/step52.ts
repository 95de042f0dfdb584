/**
 * Step 52 · Transfer learning: train the head only.
 *
 * A hundred pictures of ants and as many of bees are too few to learn to see from. But step 50's network has learned to see, from other
 * pictures; only its last layer gives answers that nobody asked for. So keep what sees, frozen: a parameter that requires no gradient
 * gets none and is not moved. Put a new head on it, for two answers, and train that. And as the frozen part says the same of a
 * picture in every epoch, ask it once. `--data FOLDER|ZIP --weights squeezenet1_0.pth`, or `--fetch`; without them drawings.
 */
import { parseArgs } from 'node:util';
import { keep, memoryScope, noGrad, randn, setSeed, testMode, type NDArray, type Variable } from 'dezero';
import { DataLoader, Drawn, ImageFolder, imagenetEval, photosAndWeights, Samples, type Dataset, type PhotosAndWeights } from 'dezero/data'; // prettier-ignore
import * as F from 'dezero/functions';
import { assetPath } from 'dezero/io';
import { SqueezeNet10, SqueezeNetSmall, type SqueezeNet } from 'dezero/models';
import { Adam } from 'dezero/optimizers';
import { curve, plot, runMain } from 'dezero/utils';

/** Ants and bees, as photos if there are any, else drawn; a network for them, and the weights of one that has seen other pictures. */
export async function openTask(found: PhotosAndWeights | null = null, perClass?: number) {
  const photos = (split: string) => found && ImageFolder.open(found.data, { split, transform: imagenetEval() });
  const train = (await photos('train')) ?? (await Drawn.open({ perClass }));
  const val = (await photos('val')) ?? (await Drawn.open({ split: 'val', perClass }));
  const weights = found?.weights ?? assetPath('models/pretrained/squeezenetSmall.pth');
  const Network = found ? SqueezeNet10 : SqueezeNetSmall;
  return { train, val, weights, make: (): SqueezeNet => new Network({ classes: train.classes.length }) };
}
export type Task = Awaited<ReturnType<typeof openTask>>;

/** The network with a new head. What sees has the trained weights, or its first ones; either way it is frozen. */
export async function network({ make, weights }: Task, { trained = true } = {}): Promise<SqueezeNet> {
  const model = make();
  if (trained) await model.load(weights, { skip: ['classifier.1'] });
  model.setRequiresGrad(false, ['features']);
  return model;
}

/** What the frozen part of a network says of pictures, asked once. */
export async function look(model: SqueezeNet, pictures: Dataset): Promise<Samples> {
  const seen: [NDArray, number][] = [];
  for await (const [x, t] of new DataLoader(pictures, { batch: Math.min(16, pictures.length) })) {
    using _ = memoryScope();
    const maps = testMode(() => noGrad(() => model.features.call(x)));
    keep(maps.data);
    t.values.forEach((label: number, i: number) => seen.push([maps.getItem(i).data, label]));
  }
  return new Samples(seen);
}

/** The share of what was seen that the head gets right. */
export async function accuracy({ classifier }: SqueezeNet, seen: Dataset): Promise<number> {
  let right = 0;
  for await (const [maps, t] of new DataLoader(seen, { batch: Math.min(50, seen.length) })) {
    using _ = memoryScope();
    const y = testMode(() => noGrad(() => classifier.call(maps)));
    right += F.accuracy(y, t).item() * t.size;
  }
  return right / seen.length;
}

/** Trains what is not frozen, for an epoch; the mean loss. */
export async function trainEpoch(model: SqueezeNet, loader: DataLoader, optimizer: Adam): Promise<number> {
  let total = 0;
  for await (const [maps, t] of loader) {
    using _ = memoryScope();
    const loss = F.softmaxCrossEntropy(model.classifier.call(maps), t);
    model.clearGrads();
    loss.backward();
    optimizer.update();
    total += loss.item() / loader.length;
  }
  return total;
}

/** What freezing saves, and asking once: how long sixteen samples take there and back, the best of three. */
async function compare(model: SqueezeNet, pictures: Dataset, seen: Dataset): Promise<void> {
  const pace = async (what: string, samples: Dataset, scores: (x: NDArray) => Variable) => {
    const [{ shape }] = await samples.get(0);
    const x = randn([16, ...shape], { seed: 0, dtype: 'float32' });
    const times = [0, 1, 2].map(() => {
      using _ = memoryScope();
      const start = performance.now();
      F.softmaxCrossEntropy(scores(x), Array<number>(16).fill(0)).backward();
      return performance.now() - start;
    });
    console.log(`  ${what.padEnd(20)} ~${Math.min(...times).toFixed(1)} ms`);
  };
  const all = Array.from(model.parameters(), ([, p]) => p);
  const count = (some: typeof all) => some.reduce((sum, { size }) => sum + size, 0).toLocaleString('en');
  const trained = count(all.filter((p) => p.requiresGrad));
  console.log(`${trained} of ${count(all)} parameters are trained. A batch, there and back:`);
  await pace('features asked once', seen, (maps) => model.classifier.call(maps));
  await pace('features frozen', pictures, (x) => model.call(x));
  model.setRequiresGrad(true);
  await pace('everything trained', pictures, (x) => model.call(x));
}

export async function main(task?: Task, epochs = 20): Promise<void> {
  const ours = task ?? (await openTask());
  console.log(`Ants and bees: ${ours.train.length} pictures to learn from, ${ours.val.length} others to be judged by`);
  const series = [];
  for (const trained of [false, true]) {
    setSeed(0);
    const model = await network(ours, { trained });
    const [seen, others] = [await look(model, ours.train), await look(model, ours.val)];
    const optimizer = new Adam({ lr: 3e-3 }).setup(model); // all of it: what is frozen is passed over
    const loader = new DataLoader(seen, { batch: 20, shuffle: true });
    const right = [await accuracy(model, others)];
    for (let epoch = 0; epoch < epochs; epoch++) {
      await trainEpoch(model, loader, optimizer);
      right.push(await accuracy(model, others));
    }
    const name = trained ? 'trained features' : 'untrained features';
    const [before, after] = [right.at(0), right.at(-1)].map((share = NaN) => `${(100 * share).toFixed(1)} %`);
    console.log(`a head on ${name}: right on ${before} before, on ${after} after ${epochs} epochs`);
    series.push(curve(name, right, { from: 0 }));
    if (trained) await compare(model, ours.train, seen);
  }
  const axes = { x: { label: 'epoch' }, y: { label: 'accuracy on other pictures' } };
  console.log(`  ${await plot({ title: 'Ants and bees', ...axes, series }, { to: 'out/step52/accuracy.svg' })}`);
  for (const set of [ours.train, ours.val]) if (set instanceof ImageFolder) await set.close();
}

if (require.main === module) {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: { data: text, weights: text, fetch: { type: 'boolean' } } });
  void runMain(async () => main(await openTask(await photosAndWeights(values))));
}
