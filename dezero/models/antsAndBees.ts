import {
  Drawn,
  drawnEval,
  drawnTrain,
  ImageFolder,
  imagenetEval,
  imagenetTrain,
  Subset,
  type Dataset,
  type Photo,
  type Transform,
} from '../data';
import { assetPath, fetchPhotos, fetchWeights, type OnProgress, type WeightsName } from '../io';
import { DataError, ValueError } from '../ndarray';
import type { Model } from './model';
import { ResNet18 } from './resnet';
import { SqueezeNet10, SqueezeNet11, SqueezeNetSmall } from './squeezenet';
import { VGG16 } from './vgg';

/**
 * The networks that step 53 can fine-tune, by name.
 * @example
 * Object.keys(M.backbones).length; // → 5
 * new M.backbones.resnet18({ classes: 2 }).constructor.name; // → ResNet18
 * @since 53
 */
export const backbones = {
  squeezenet1_0: SqueezeNet10,
  squeezenet1_1: SqueezeNet11,
  vgg16: VGG16,
  resnet18: ResNet18,
  squeezenet_small: SqueezeNetSmall,
} as const;

/**
 * The file of the trained weights of squeezenet_small, which is part of the package.
 * @example
 * await exists(M.builtInWeights()); // → true
 * @since 53
 */
export function builtInWeights(): string {
  return assetPath('models/pretrained/squeezenetSmall.safetensors');
}

/** A name of `backbones`. @since 53 */
export type BackboneName = keyof typeof backbones;

/**
 * A network by name, with `classes` outputs. @throws ValueError for an unknown name.
 * @example
 * M.createBackbone('resnet18', 2).constructor.name; // → ResNet18
 * @since 53
 */
export function createBackbone(name: BackboneName, classes: number): Model {
  if (!Object.hasOwn(backbones, name))
    throw new ValueError(`there is no model '${name}'; there are ${Object.keys(backbones).join(', ')}`);
  return new backbones[name]({ classes });
}

/** Photos (or drawings) with classes, and where each comes from. @since 53 */
export interface Pictures extends Dataset {
  readonly classes: readonly string[];
  readonly labels: readonly number[];
  readonly paths: readonly string[];
  photo(index: number): Promise<Photo>;
  /** Gives back the file they come from, if there is one. @since 53 */
  close?(): Promise<void>;
}

/** What to open. @since 53 */
export interface AntsAndBeesOptions {
  /** A folder, a zip, or 'drawn'; left out: the official photos if they are in the cache or can be fetched, else drawings. @since 53 */
  readonly data?: string | undefined;
  /** A file, or 'none'; left out: the published ones (for drawings, the built-in ones). @since 53 */
  readonly weights?: string | undefined;
  /** Default squeezenet1_0; drawings always take squeezenet_small. @since 53 */
  readonly model?: BackboneName | undefined;
  /** Decides the random transforms; default 0. @since 53 */
  readonly seed?: number | undefined;
  /** Use so many training and so many validation pictures, evenly from the classes. @since 53 */
  readonly limit?: number | undefined;
  /** Is told in a line what was chosen, and why. @since 53 */
  readonly notice?: (line: string) => void;
  /** Is told how far downloads are. @since 53 */
  readonly onProgress?: OnProgress | undefined;
}

/** Data, network and weights that belong together. @since 53 */
export interface AntsAndBees {
  readonly train: Dataset;
  readonly val: Dataset;
  readonly classes: readonly string[];
  /** The validation set in full: paths and pictures by number; `valIndices` says which of them `val` has. @since 53 */
  readonly pictures: Pictures;
  readonly valIndices: readonly number[];
  /** 'drawn', or where the photos lie. @since 53 */
  readonly data: string;
  readonly model: BackboneName;
  /** The file of trained weights; null: from scratch. @since 53 */
  readonly weights: string | null;
  /** What reports call them: the file, 'built-in' or 'none'. @since 53 */
  readonly weightsName: string;
  /** Gives back the files that are open. @since 53 */
  close(): Promise<void>;
}

/**
 * Opens ants and bees: the official photos, the reader's own, or the built-in drawings. @throws DataError in one line.
 * @example
 * const set = await M.openAntsAndBees({ data: 'drawn', limit: 20 });
 * [set.train.length, set.val.length, set.classes];
 * // → [ 20, 20, [ 'ants', 'bees' ] ]
 * @since 53
 */
export async function openAntsAndBees(options: AntsAndBeesOptions = {}): Promise<AntsAndBees> {
  const { data, weights, model = 'squeezenet1_0', notice = console.log, onProgress } = options;
  if (data === 'drawn') return openDrawn(options);
  if (data !== undefined)
    return openPhotos(data, weights ?? (await fetchWeights(backboneFile(model), onProgress)), options);
  try {
    const photos = await fetchPhotos(onProgress);
    return await openPhotos(photos, weights ?? (await fetchWeights(backboneFile(model), onProgress)), options);
  } catch (error) {
    if (!(error instanceof DataError) || (weights !== undefined && weights !== 'none')) throw error;
    notice(`The photos and weights cannot be fetched (${error.message}); going on with the built-in drawings.`);
    return openDrawn(options);
  }
}

function backboneFile(model: BackboneName): WeightsName {
  if (model === 'squeezenet_small') throw new ValueError('squeezenet_small is for the drawings: --data drawn');
  return model;
}

/**
 * How pictures become input: what the network was pretrained with.
 * @example
 * const { val } = M.inputTransforms('squeezenet_small');
 * const set = await Drawn.open({ transform: val });
 * const [x] = await set.get(0);
 * x.shape; // → [ 3, 64, 64 ]
 * @since 53
 */
export function inputTransforms(model: BackboneName, seed = 0): { train: Transform; val: Transform } {
  if (model === 'squeezenet_small') return { train: drawnTrain({ seed }), val: drawnEval() };
  return { train: imagenetTrain({ seed }), val: imagenetEval() };
}

async function openPhotos(data: string, weights: string, options: AntsAndBeesOptions): Promise<AntsAndBees> {
  const { model = 'squeezenet1_0', seed = 0, limit, notice = console.log } = options;
  const transforms = inputTransforms(model, seed);
  const train = await ImageFolder.open(data, { split: 'train', transform: transforms.train });
  const val = await ImageFolder.open(data, { split: 'val', transform: transforms.val });
  [...new Set([...train.notices, ...val.notices])].forEach((text) => notice(text));
  if (train.classes.join() !== val.classes.join()) {
    throw new DataError(
      `${data}: train has the classes ${train.classes.join(', ')}, val has ${val.classes.join(', ')}; they must be the same`,
    );
  }
  return together(train, val, limit, {
    data,
    model,
    weights: weights === 'none' ? null : weights,
    weightsName: weights,
  });
}

async function openDrawn({ weights, seed = 0, limit }: AntsAndBeesOptions): Promise<AntsAndBees> {
  const transforms = inputTransforms('squeezenet_small', seed);
  const train = await Drawn.open({ split: 'train', transform: transforms.train });
  const val = await Drawn.open({ split: 'val', transform: transforms.val });
  const file = weights === 'none' ? null : (weights ?? builtInWeights());
  return together(train, val, limit, {
    data: 'drawn',
    model: 'squeezenet_small',
    weights: file,
    weightsName: weights ?? 'built-in',
  });
}

function together(
  train: Pictures,
  val: Pictures,
  limit: number | undefined,
  rest: Pick<AntsAndBees, 'data' | 'model' | 'weights' | 'weightsName'>,
): AntsAndBees {
  const trainIndices = evenly(train, limit);
  const valIndices = evenly(val, limit);
  return {
    train: new Subset(train, trainIndices),
    val: new Subset(val, valIndices),
    classes: train.classes,
    pictures: val,
    valIndices,
    close: async () => {
      await train.close?.();
      await val.close?.();
    },
    ...rest,
  };
}

/** The numbers of `limit` pictures, class by class in turn. */
function evenly({ labels, classes, length }: Pictures, limit = length): number[] {
  const byClass = classes.map((_, c) => [...labels.keys()].filter((i) => labels[i] === c));
  const chosen: number[] = [];
  for (let round = 0; chosen.length < Math.min(limit, length); round++) {
    for (const members of byClass) {
      const index = members[round];
      if (index !== undefined && chosen.length < limit) chosen.push(index);
    }
  }
  return chosen.sort((a, b) => a - b);
}
