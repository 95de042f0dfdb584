/**
 * Step 51 · Pictures as data, and where a network looks.
 *
 * A photo is a file of some format and size. A network wants numbers around 0 in one shape. So photos are decoded, brought to a size,
 * cropped and normalised; and as a creature stays what it is when it is mirrored, nearer or paler, each epoch sees every photo a
 * little changed: more photos for nothing. What does a network trained so look at? Grad-CAM asks the gradient: how much would the
 * score of a class grow with each feature map? `--data FOLDER|ZIP --weights FILE.pth`, or `--fetch`; without them drawings.
 */
import { parseArgs } from 'node:util';
import { Generator, variable, type NDArray, type Variable } from 'dezero';
import { creatureKinds, Drawn, drawnEval, drawnTrain, ImageFolder, imagenetClasses, imagenetEval, imagenetMean, imagenetStd, imagenetTrain, Photo, toPicture, transformSample, type Compose, type Picture } from 'dezero/data'; // prettier-ignore
import { assetPath, fetchPhotos, fetchWeights, findPhotos, findWeights, writeFileSafely } from 'dezero/io';
import type { Layer } from 'dezero/layers';
import { gradCam, heatOver, SqueezeNet10, SqueezeNetSmall, type GradCamParts, type SqueezeNet } from 'dezero/models';
import { imageSheet, runMain } from 'dezero/utils';

/** Mean and standard deviation of each channel of (3, H, W). */
export function spread(x: NDArray): { mean: number; std: number }[] {
  const area = x.size / 3;
  return [0, 1, 2].map((c) => {
    const values = Array.from(x.values.slice(c * area, (c + 1) * area));
    const mean = values.reduce((sum, v) => sum + v, 0) / area;
    return { mean, std: Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / area) };
  });
}

function describe(sample: unknown): string {
  if (sample instanceof Photo) return `a photo of ${sample.width} × ${sample.height}`;
  const x = sample as NDArray;
  const numbers = (list: readonly number[]) => list.map((v) => v.toFixed(2).padStart(5)).join(' ');
  const [means, stds] = [spread(x).map(({ mean }) => mean), spread(x).map(({ std }) => std)];
  return `(${x.shape.join(', ')})  mean ${numbers(means)}  std ${numbers(stds)}`;
}

/** What each transform of a chain makes of a photo, in words. */
export async function trace({ transforms }: Compose, photo: Photo): Promise<string[]> {
  const lines = [`${'decoded'.padEnd(10)} ${describe(photo)}`];
  let sample: unknown = photo;
  for (const transform of transforms) {
    sample = await transform.apply(sample, new Generator(0));
    lines.push(`${transform.constructor.name.padEnd(10)} ${describe(sample)}`);
  }
  return lines;
}

/** What a network is shown, made visible again. */
export const shown = (x: NDArray): Picture => toPicture(x, { normalized: { mean: imagenetMean, std: imagenetStd } });

/** One photo as each of so many epochs sees it. */
export function augmented(photo: Photo, transform: Compose, epochs: number): Promise<Picture[]> {
  const all = Array.from({ length: epochs }, (_, epoch) => transformSample(transform, photo, epoch, 0));
  return Promise.all(all.map(async (x) => shown(await x)));
}

/** A SqueezeNet in two parts: so many stages see, the rest judges. */
export function partsOf(model: SqueezeNet, stages: number): GradCamParts {
  const all = Object.values(model.features) as Layer[];
  const through = (some: readonly Layer[], x: Variable) => some.reduce((y, stage) => stage.call(y), x);
  return {
    features: (x) => through(all.slice(0, stages), x),
    head: (maps) => model.classifier.call(through(all.slice(stages), maps)),
  };
}

/** A set of pictures, how a network sees them in training and in use, the network, and what its answers mean. */
export interface Scene {
  readonly set: Drawn | ImageFolder;
  readonly train: Compose;
  readonly val: Compose;
  readonly parts: GradCamParts;
  readonly names: readonly string[];
}

/** Drawings, and the network that knows all kinds but ants and bees. Its last maps are 3 × 3; before the last pool they are 7 × 7. */
export async function drawings(): Promise<Scene> {
  const names = creatureKinds.filter((kind) => kind !== 'ant' && kind !== 'bee');
  const model = new SqueezeNetSmall({ classes: names.length });
  await model.load(assetPath('models/pretrained/squeezenetSmall.pth'));
  const set = await Drawn.open({ split: 'val', kinds: names, perClass: 1 });
  return { set, train: drawnTrain(), val: drawnEval(), parts: partsOf(model, 7), names };
}

/** Photos in one folder a class (in the part `val`, if they are divided), and SqueezeNet 1.0. */
export async function photos(data: string, weights: string): Promise<Scene> {
  const model = new SqueezeNet10();
  await model.load(weights);
  const set = await ImageFolder.open(data, { split: 'val' }).catch(() => ImageFolder.open(data));
  return {
    set,
    train: imagenetTrain({ jitter: 0.2 }),
    val: imagenetEval(),
    parts: partsOf(model, Infinity),
    names: imagenetClasses,
  };
}

export async function main({
  data,
  weights,
  fetch = false,
}: { data?: string; weights?: string; fetch?: boolean } = {}): Promise<void> {
  const zip = data ?? (await (fetch ? fetchPhotos() : findPhotos()));
  const trained = weights ?? (await (fetch ? fetchWeights('squeezenet1_0') : findWeights('squeezenet1_0')));
  if (data && !trained) console.log('To look at photos a network needs weights: --weights or --fetch. So, drawings:');
  const { set, train, val, parts, names } = zip && trained ? await photos(zip, trained) : await drawings();
  console.log(`${set.length} pictures in ${set.classes.length} classes: ${set.classes.join(', ')}`);

  const photo = await set.photo(Math.floor(set.length / 2));
  console.log(`\n${photo.name}, step by step (red, green, blue):\n  ${(await trace(val, photo)).join('\n  ')}`);
  const cells = (await augmented(photo, train, 12)).map((picture, i) => ({ picture, caption: [`epoch ${i + 1}`] }));
  await writeFileSafely('out/step51/augmented.png', await imageSheet(cells, { columns: 6, size: 150 }));
  console.log('The same picture as twelve epochs see it:\n  out/step51/augmented.png');

  const pairs = [];
  for (let i = 0; i < set.length; i += Math.ceil(set.length / 12)) {
    const x = await transformSample(val, await set.photo(i), 0, i);
    const { map, label } = gradCam(parts, variable(x.reshape([1, ...x.shape])));
    pairs.push({ picture: shown(x), caption: [`is: ${set.classes[set.labels[i] ?? 0]}`] });
    pairs.push({ picture: heatOver(shown(x), map), caption: [`says ${names[label]}`] });
  }
  await writeFileSafely('out/step51/gradCam.png', await imageSheet(pairs, { columns: 6, size: 160 }));
  console.log('\nPictures, and what makes the network say what it says:\n  out/step51/gradCam.png');
  if (set instanceof ImageFolder) await set.close();
}

if (require.main === module) {
  const text = { type: 'string' } as const;
  const options = { data: text, weights: text, fetch: { type: 'boolean' } } as const;
  void runMain(() => main(parseArgs({ options }).values));
}
