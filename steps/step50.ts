/**
 * Step 50 · Networks from the literature, and what they have learned.
 *
 * To go through a million photos ninety times takes days. Others have done it, and publish the parameters: build their network under
 * the same names, and load them. The files are PyTorch's: a zip with the numbers and a Python pickle that tells which tensors they make.
 * A pickle is a program, and could do anything; our reader knows the few words that describe tensors and refuses all others.
 * `--weights FILE.pth --data PHOTO`, or `--fetch` for the published ones; without them a small network that knows drawings.
 */
import { parseArgs } from 'node:util';
import { DataError, noGrad, testMode, type NDArray } from 'dezero';
import { creatureKinds, Drawn, drawnEval, imagenetClasses, imagenetEval, Photo, readImage, transformSample } from 'dezero/data'; // prettier-ignore
import * as F from 'dezero/functions';
import { assetPath, fetchPhotos, fetchWeights, findPhotos, findWeights, loadTensors, openZip, writeFileSafely, type Tensors } from 'dezero/io'; // prettier-ignore
import { ResNet18, ResNet50, SqueezeNet10, SqueezeNet11, SqueezeNetSmall, VGG16, type Model } from 'dezero/models';
import { imageSheet, runMain } from 'dezero/utils';

/** How many numbers training could move. */
export function countOf(model: Model): number {
  return [...model.parameters()].reduce((count, [, p]) => count + p.size, 0);
}

/** The network that weights in PyTorch's layout belong to, told by the shapes of a few of them. */
export function networkFor(weights: Tensors): Model {
  const size = (name: string): number => weights.get(name)?.shape[0] ?? 0;
  if (size('layer4.2.conv3.weight')) return new ResNet50({ classes: size('fc.weight') });
  if (size('layer4.1.conv2.weight')) return new ResNet18({ classes: size('fc.weight') });
  if (size('classifier.6.weight')) return new VGG16({ classes: size('classifier.6.weight') });
  const squeezeNets = new Map([[96, SqueezeNet10], [64, SqueezeNet11], [32, SqueezeNetSmall]]); // prettier-ignore
  const SqueezeNet = squeezeNets.get(size('features.0.weight'));
  if (!SqueezeNet) throw new DataError('these are the weights of no network of this step');
  return new SqueezeNet({ classes: size('classifier.1.weight') });
}

/** What the built-in network can tell apart: all that can be drawn but the ants and bees, which are left for step 52. */
export const kinds = creatureKinds.filter((kind) => kind !== 'ant' && kind !== 'bee');

/** What its outputs mean, if we know. */
export function namesFor(outputs: number): readonly string[] {
  if (outputs === imagenetClasses.length) return imagenetClasses;
  return outputs === kinds.length ? kinds : Array.from({ length: outputs }, (_, i) => `class ${i}`);
}

/** An answer, and how sure the network is of it. */
export interface Answer {
  readonly name: string;
  readonly probability: number;
}

/** The likeliest answers to one picture (3, H, W), the first first. */
export function top(model: Model, x: NDArray, count = 5): Answer[] {
  const scores = testMode(() => noGrad(() => model.call(x.reshape([1, ...x.shape]))));
  const probabilities = Array.from(F.softmax(scores).values);
  const names = namesFor(probabilities.length);
  const answers = probabilities.map((probability, i) => ({ name: names[i] ?? '', probability }));
  return answers.sort((a, b) => b.probability - a.probability).slice(0, count);
}

/** The network with the weights of a file, and how pictures become its input. */
export async function load(
  file: string,
): Promise<{ tensors: Tensors; model: Model; see: (photo: Photo) => Promise<NDArray> }> {
  const { tensors } = await loadTensors(file);
  const model = networkFor(tensors);
  await model.load(file);
  const transform = model instanceof SqueezeNetSmall ? drawnEval() : imagenetEval();
  return { tensors, model, see: (photo) => transformSample(transform, photo, 0, 0) };
}

/** A drawing of each kind. */
export async function drawings(): Promise<Photo[]> {
  const set = await Drawn.open({ split: 'val', kinds, perClass: 1 });
  return Promise.all(kinds.map((_, i) => set.photo(i)));
}

/** A dozen of the photos in a zip. */
async function someOf(file: string): Promise<Photo[]> {
  const zip = await openZip(file);
  const names = zip.entries.map(({ name }) => name).filter((name) => /\/val\/.*jpg$/.test(name));
  const chosen = names.filter((_, i) => i % Math.ceil(names.length / 12) === 0);
  const photos = await Promise.all(chosen.map(async (name) => new Photo(await zip.read(name), name)));
  await zip.close();
  return photos;
}

/** What the command line may say. */
export interface Options {
  readonly data?: string | undefined;
  readonly weights?: string | undefined;
  readonly fetch?: boolean;
  readonly full?: boolean;
}

const percent = ({ name, probability }: Answer) => `${name} ${(100 * probability).toFixed(1)} %`;

export async function main({ data, weights, fetch = false, full = false }: Options = {}): Promise<void> {
  console.log('Parameters of networks as published:');
  const networks = { 'SqueezeNet 1.0': SqueezeNet10, 'SqueezeNet 1.1': SqueezeNet11, ResNet18 };
  for (const [name, Network] of Object.entries({ ...networks, ...(full && { ResNet50, VGG16 }) })) {
    const count = countOf(new Network());
    console.log(`  ${name.padEnd(15)} ${count.toLocaleString('en').padStart(11)}, ${((4 * count) / 1e6).toFixed(1).padStart(5)} MB`); // prettier-ignore
  }

  const published = fetch ? await fetchWeights('squeezenet1_0') : await findWeights('squeezenet1_0');
  const file = weights ?? published ?? assetPath('models/pretrained/squeezenetSmall.pth');
  const { tensors, model, see } = await load(file);
  console.log(`\n${file.split(/[\\/]/).at(-1)}, written by PyTorch, holds ${tensors.size} tensors:`);
  for (const [name, { dtype, shape }] of [...tensors].slice(0, 4)) console.log(`  ${name.padEnd(26)} ${dtype} (${shape.join(', ')})`); // prettier-ignore
  console.log(`They fit ${model.constructor.name}, name by name and shape by shape. Another network refuses them:`);
  await new SqueezeNet11({ classes: 10 }).load(file).catch(({ message }: Error) => {
    const complaints = message.slice(message.indexOf(': ') + 2).split('; ');
    console.log(
      `  ${complaints.slice(0, 2).join('\n  ')}\n  …\n  ${complaints.length} complaints, and nothing is changed`,
    );
  });

  const knowsPhotos = !(model instanceof SqueezeNetSmall);
  const zip = data ? null : fetch ? await fetchPhotos() : knowsPhotos ? await findPhotos() : null;
  const photos = data ? [await readImage(data)] : zip ? await someOf(zip) : await drawings();
  if (data && !knowsPhotos)
    console.log('\nThis network has only ever seen drawings; for a photo give --weights or --fetch.');
  const seen = await Promise.all(photos.map(async (photo) => ({ photo, answers: top(model, await see(photo)) })));
  seen.sort((a, b) => (b.answers[0]?.probability ?? 0) - (a.answers[0]?.probability ?? 0));
  console.log(`\nWhat it says of ${seen[0]?.photo.name}:`);
  for (const answer of seen[0]?.answers ?? []) console.log(`  ${percent(answer)}`);
  const cells = seen.map(async ({ photo, answers }) => ({ picture: await photo.picture(), caption: [...answers.slice(0, 2).map(percent), photo.name.split(/[\\/]/).slice(-2).join('/')] })); // prettier-ignore
  const sheet = await imageSheet(await Promise.all(cells), { columns: Math.min(6, seen.length), size: seen.length > 1 ? 160 : 400 }); // prettier-ignore
  await writeFileSafely('out/step50/answers.png', sheet);
  console.log(
    `${seen.length > 1 ? `All ${seen.length}, the surest first, with what it is in the last line:\n` : ''}  out/step50/answers.png`,
  );
}

if (require.main === module) {
  const text = { type: 'string' } as const;
  const yes = { type: 'boolean' } as const;
  const options = { data: text, weights: text, fetch: yes, full: yes };
  void runMain(() => main(parseArgs({ options }).values));
}
