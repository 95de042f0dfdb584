/**
 * Step 50 · Networks from the literature, and what they have learned.
 *
 * To go through a million photos ninety times takes days. Others have done it, and publish the parameters: build their network under
 * the same names, and load them. The files are PyTorch's: a zip with the numbers and a Python pickle that tells which tensors they make.
 * A pickle is a program, and could do anything; our reader knows the few words that describe tensors and refuses all others.
 * `--data PHOTO --weights FILE.pth`, or with `--fetch` for the published ones; without a photo a small network that knows drawings.
 */
import { parseArgs } from 'node:util';
import { DataError, noGrad, testMode, type NDArray } from 'dezero';
import { Drawn, drawnEval, imagenetClasses, imagenetEval, readImage, trainedKinds, transformSample, type Compose, type Photo } from 'dezero/data'; // prettier-ignore
import * as F from 'dezero/functions';
import { assetPath, fetchWeights, findWeights, loadTensors, type Tensors } from 'dezero/io';
import { ResNet18, ResNet50, SqueezeNet10, SqueezeNet11, SqueezeNetSmall, VGG16, type Model } from 'dezero/models';
import { plotImages, runMain } from 'dezero/utils';

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
  const byFilters: Record<number, typeof SqueezeNet10> = { 96: SqueezeNet10, 64: SqueezeNet11, 32: SqueezeNetSmall };
  const SqueezeNet = byFilters[size('features.0.weight')];
  if (!SqueezeNet) throw new DataError('these are the weights of no network of this step');
  return new SqueezeNet({ classes: size('classifier.1.weight') });
}

/** The network with the weights of a file, and how pictures become its input. */
export async function load(file: string): Promise<{ tensors: Tensors; model: Model; transform: Compose }> {
  const { tensors } = await loadTensors(file);
  const model = networkFor(tensors);
  await model.load(file);
  return { tensors, model, transform: model instanceof SqueezeNetSmall ? drawnEval() : imagenetEval() };
}

/** What a network's outputs mean, if we know. */
export function namesFor(outputs: number): readonly string[] {
  const known = [imagenetClasses, trainedKinds].find(({ length }) => length === outputs);
  return known ?? Array.from({ length: outputs }, (_, i) => `class ${i}`);
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

/** A drawing of each kind. */
export async function drawings(): Promise<Photo[]> {
  const set = await Drawn.open({ split: 'val', kinds: trainedKinds, perClass: 1 });
  return Promise.all(trainedKinds.map((_, i) => set.photo(i)));
}

export async function main(options: { data?: string; weights?: string; fetch?: boolean } = {}): Promise<void> {
  const { data, weights, fetch } = options;
  console.log('Parameters of networks as published:');
  const networks = { 'SqueezeNet 1.0': SqueezeNet10, 'SqueezeNet 1.1': SqueezeNet11, ResNet18 };
  for (const [name, Network] of Object.entries(networks)) {
    const count = countOf(new Network());
    console.log(`  ${name.padEnd(14)}${count.toLocaleString('en').padStart(11)}, ${((4 * count) / 1e6).toFixed(1)} MB`);
  }

  const published = () => (fetch ? fetchWeights('squeezenet1_0') : findWeights('squeezenet1_0'));
  const file = weights ?? (data && (await published())) ?? assetPath('models/pretrained/squeezenetSmall.pth');
  const { tensors, model, transform } = await load(file);
  console.log(`\n${file.split(/[\\/]/).at(-1)}, written by PyTorch, holds ${tensors.size} tensors:`);
  for (const [name, { dtype, shape }] of [...tensors].slice(0, 4))
    console.log(`  ${name.padEnd(26)} ${dtype} (${shape.join(', ')})`);
  console.log(`They fit ${model.constructor.name}, name by name and shape by shape. Another network refuses them:`);
  await new SqueezeNet11({ classes: 10 }).load(file).catch(({ message }: Error) => {
    const complaints = message.slice(message.indexOf(': ') + 2).split('; ');
    console.log(`  ${complaints.slice(0, 2).join('\n  ')}`);
    console.log(`  … ${complaints.length} complaints, and nothing is changed`);
  });

  if (data && model instanceof SqueezeNetSmall)
    throw new DataError('this network knows drawings only; for a photo give --weights, or --fetch');
  const seen: { photo: Photo; answers: Answer[] }[] = [];
  for (const photo of data ? [await readImage(data)] : await drawings())
    seen.push({ photo, answers: top(model, await transformSample(transform, photo, 0, 0)) });
  seen.sort((a, b) => (b.answers[0]?.probability ?? 0) - (a.answers[0]?.probability ?? 0));

  const percent = ({ name, probability }: Answer) => `${name} ${(100 * probability).toFixed(1)} %`;
  const [surest] = seen;
  console.log(`\nWhat it says of ${surest?.photo.name}:\n  ${surest?.answers.map(percent).join('\n  ')}`);
  const cells = seen.map(async ({ photo, answers }) => {
    const what = photo.name.split(/[\\/]/).slice(-2).join('/');
    return { picture: await photo.picture(), caption: [...answers.slice(0, 2).map(percent), what] };
  });
  const sheet = { to: 'out/step50/answers.png', columns: 6, size: data ? 400 : 160 };
  console.log('The surest first, with what it is in the last line:');
  console.log(`  ${await plotImages(await Promise.all(cells), sheet)}`);
}

if (require.main === module) {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: { data: text, weights: text, fetch: { type: 'boolean' } } });
  void runMain(() => main(values));
}
