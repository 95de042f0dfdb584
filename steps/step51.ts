/**
 * Step 51 · Pictures as data, and where a network looks.
 *
 * A photo is a file of some format and size. A network wants numbers around 0 in one shape. So photos are decoded, brought to a size,
 * cropped and normalised; and as a creature stays what it is when it is mirrored, nearer or paler, each epoch sees every photo a
 * little changed: more photos for nothing. What does a network trained so look at? Grad-CAM asks the gradient: how much would the
 * score of a class grow with each feature map? `--data FOLDER|ZIP --weights FILE.pth`, or `--fetch`; without them drawings.
 */
import { parseArgs } from 'node:util';
import { Generator, nd, variable, type NDArray, type Variable } from 'dezero';
import { Drawn, drawnEval, drawnTrain, ImageFolder, imagenetClasses, imagenetEval, imagenetMean, imagenetStd, imagenetTrain, Photo, photosAndWeights, toPicture, trainedKinds, transformSample, type Compose, type PhotosAndWeights, type Picture } from 'dezero/data'; // prettier-ignore
import { assetPath } from 'dezero/io';
import type { Layer } from 'dezero/layers';
import { gradCam, heatOver, SqueezeNet10, SqueezeNetSmall, type GradCamParts, type SqueezeNet } from 'dezero/models';
import { plotImages, runMain } from 'dezero/utils';

/** Mean and standard deviation of each channel of (3, H, W). */
export function spread(x: NDArray): { mean: number[]; std: number[] } {
  const mean = nd.mean(x, { axis: [1, 2], keepdims: true });
  const variance = nd.mean(nd.square(nd.sub(x, mean)), { axis: [1, 2] });
  return { mean: [...mean.values], std: [...nd.sqrt(variance).values] };
}

function describe(sample: unknown): string {
  if (sample instanceof Photo) return `a photo of ${sample.width} × ${sample.height}`;
  const x = sample as NDArray;
  const numbers = (list: readonly number[]) => list.map((v) => v.toFixed(2).padStart(5)).join(' ');
  const { mean, std } = spread(x);
  return `(${x.shape.join(', ')})  mean ${numbers(mean)}  std ${numbers(std)}`;
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
  const seen = async (epoch: number) => shown(await transformSample(transform, photo, epoch, 0));
  return Promise.all(Array.from({ length: epochs }, (_, epoch) => seen(epoch)));
}

/** A SqueezeNet in two parts: so many stages see, the rest judges. */
export function partsOf({ features, classifier }: SqueezeNet, stages: number): GradCamParts {
  const through = (some: readonly Layer[], x: Variable) => some.reduce((y, stage) => stage.call(y), x);
  return {
    features: (x) => through([...features].slice(0, stages), x),
    head: (maps) => classifier.call(through([...features].slice(stages), maps)),
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
  const model = new SqueezeNetSmall({ classes: trainedKinds.length });
  await model.load(assetPath('models/pretrained/squeezenetSmall.pth'));
  const set = await Drawn.open({ split: 'val', kinds: trainedKinds, perClass: 1 });
  return { set, train: drawnTrain(), val: drawnEval(), parts: partsOf(model, 7), names: trainedKinds };
}

/** Photos in one folder a class (in the part `val`, if they are divided), and SqueezeNet 1.0. */
export async function photos({ data, weights }: PhotosAndWeights): Promise<Scene> {
  const model = new SqueezeNet10();
  await model.load(weights);
  const set = await ImageFolder.open(data, { split: 'val' }).catch(() => ImageFolder.open(data));
  const [train, parts] = [imagenetTrain({ jitter: 0.2 }), partsOf(model, Infinity)];
  return { set, train, val: imagenetEval(), parts, names: imagenetClasses };
}

export async function main(scene?: Scene): Promise<void> {
  const { set, train, val, parts, names } = scene ?? (await drawings());
  console.log(`${set.length} pictures in ${set.classes.length} classes: ${set.classes.join(', ')}`);
  const photo = await set.photo(Math.floor(set.length / 2));
  console.log(`\n${photo.name}, step by step (red, green, blue):\n  ${(await trace(val, photo)).join('\n  ')}`);
  const epochs = (await augmented(photo, train, 12)).map((picture, i) => ({ picture, caption: [`epoch ${i + 1}`] }));
  console.log('The same picture as twelve epochs see it:');
  console.log(`  ${await plotImages(epochs, { to: 'out/step51/augmented.png', columns: 6, size: 150 })}`);

  const pairs = [];
  for (let i = 0; i < set.length; i += Math.ceil(set.length / 12)) {
    const x = await transformSample(val, await set.photo(i), 0, i);
    const { map, label } = gradCam(parts, variable(x.reshape([1, ...x.shape])));
    pairs.push({ picture: shown(x), caption: [`is: ${set.classes[set.labels[i] ?? 0]}`] });
    pairs.push({ picture: heatOver(shown(x), map), caption: [`says ${names[label]}`] });
  }
  console.log('\nPictures, and what makes the network say what it says:');
  console.log(`  ${await plotImages(pairs, { to: 'out/step51/gradCam.png', columns: 6, size: 160 })}`);
  if (set instanceof ImageFolder) await set.close();
}

/** The scene of the command line. */
async function chosen(): Promise<Scene> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: { data: text, weights: text, fetch: { type: 'boolean' } } });
  const found = await photosAndWeights(values);
  return found ? photos(found) : drawings();
}

if (require.main === module) void runMain(async () => main(await chosen()));
