import { cached, checkMd5, checkSha256Prefix, inCache } from '#download';
import { ValueError } from '../backends/errors';
import { hymenoptera } from './hymenoptera';
import { checkZip, parseManifest } from './manifest';
import type { CachedOptions, OnProgress } from './progress';

/**
 * Trained weights that PyTorch's authors publish, and how their SHA-256 begins.
 * @example
 * Object.keys(weightFiles);
 * // → [ 'squeezenet1_0', 'squeezenet1_1', 'vgg16', 'resnet18' ]
 * @since 50
 */
export const weightFiles = {
  squeezenet1_0: { file: 'squeezenet1_0-b66bff10.pth', sha256: 'b66bff10' },
  squeezenet1_1: { file: 'squeezenet1_1-b8a52dc0.pth', sha256: 'b8a52dc0' },
  vgg16: { file: 'vgg16-397923af.pth', sha256: '397923af' },
  resnet18: { file: 'resnet18-f37072fd.pth', sha256: 'f37072fd' },
} as const;

/** A network with published weights. @since 50 */
export type WeightsName = keyof typeof weightFiles;

/**
 * The path of a network's trained weights (ImageNet, from PyTorch's server), fetched unless they are in the cache.
 * Checked by the eight digits in their name, which begin their SHA-256.
 * @throws ValueError for a network without weights; DataError, in one line, if they cannot be had.
 * @example
 * const model = new M.SqueezeNet10();
 * await model.load(await fetchWeights('squeezenet1_0'));
 * @since 50
 */
export async function fetchWeights(model: WeightsName, onProgress?: OnProgress): Promise<string> {
  return cached({ ...weightsOf(model), onProgress });
}

/**
 * The path of a network's trained weights if they are in the cache, else null. @throws as `fetchWeights`, if they are damaged.
 * @example
 * // else where they lie
 * (await findWeights('squeezenet1_0')) ?? 'not in the cache';
 * @since 50
 */
export async function findWeights(model: WeightsName): Promise<string | null> {
  return inCache(weightsOf(model));
}

function weightsOf(model: WeightsName): CachedOptions {
  if (!Object.hasOwn(weightFiles, model)) {
    throw new ValueError(`there are no weights for '${model}'; there are for ${Object.keys(weightFiles).join(', ')}`);
  }
  const { file, sha256 } = weightFiles[model];
  const url = `https://download.pytorch.org/models/${file}`;
  return { file, url, check: (path) => checkSha256Prefix(path, sha256) };
}

const photos: CachedOptions = {
  file: 'hymenoptera_data.zip',
  url: 'https://download.pytorch.org/tutorial/hymenoptera_data.zip',
  check: (path) => checkZip(path, parseManifest(hymenoptera)),
};

/**
 * The path of the zip with photos of ants and bees, of PyTorch's transfer-learning tutorial, fetched unless it is in
 * the cache. Checked photo by photo, so that a zip packed otherwise will do.
 * @throws DataError, in one line, if it cannot be had.
 * @example
 * const set = await ImageFolder.open(await fetchPhotos(), { split: 'train' });
 * set.classes; // → [ 'ants', 'bees' ]
 * @since 50
 */
export function fetchPhotos(onProgress?: OnProgress): Promise<string> {
  return cached({ ...photos, onProgress });
}

/**
 * The path of the zip with photos of ants and bees if it is in the cache, else null. @throws DataError if it is damaged.
 * @example
 * (await findPhotos()) ?? 'not in the cache'; // else where they lie
 * @since 50
 */
export function findPhotos(): Promise<string | null> {
  return inCache(photos);
}

/** The four files of MNIST, and their MD5 (as torchvision checks them). */
const digitFiles = {
  train: {
    images: ['train-images-idx3-ubyte.gz', 'f68b3c2dcbeaaa9fbdd348bbdeb94873'],
    labels: ['train-labels-idx1-ubyte.gz', 'd53e105ee54ea40749a09fcbcd1e9432'],
  },
  test: {
    images: ['t10k-images-idx3-ubyte.gz', '9fb629c4189551a2d022fa330f9573f3'],
    labels: ['t10k-labels-idx1-ubyte.gz', 'ec29112dd5afa0611ce80d1b7f02629c'],
  },
} as const;

/**
 * The paths of MNIST's pictures and labels, 60,000 to train or 10,000 to test, fetched unless they are in the cache.
 * @throws DataError, in one line, if they cannot be had.
 * @example
 * const { images } = await fetchDigits('train');
 * // 60,000 pictures of 28 × 28, and 16 bytes before them
 * (await readGzip(images)).length;
 * // → 47040016
 * @since 41
 */
export async function fetchDigits(
  split: 'train' | 'test',
  onProgress?: OnProgress,
): Promise<{ readonly images: string; readonly labels: string }> {
  const fetch = ([file, md5]: readonly [string, string]) => {
    const url = `https://ossci-datasets.s3.amazonaws.com/mnist/${file}`;
    return cached({ file: `mnist/${file}`, url, check: (path) => checkMd5(path, md5), onProgress });
  };
  const { images, labels } = digitFiles[split];
  return { labels: await fetch(labels), images: await fetch(images) };
}
