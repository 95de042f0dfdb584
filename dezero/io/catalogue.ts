import { cached, checkSha256Prefix } from '#download';
import { ValueError } from '../backends/errors';
import { hymenoptera } from './hymenoptera';
import { checkZip, parseManifest } from './manifest';
import type { OnProgress } from './progress';

/** Trained weights that PyTorch's authors publish, and how their SHA-256 begins. @since 50 */
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
 * @since 50
 */
export async function fetchWeights(model: WeightsName, onProgress?: OnProgress): Promise<string> {
  if (!Object.hasOwn(weightFiles, model)) {
    throw new ValueError(`there are no weights for '${model}'; there are for ${Object.keys(weightFiles).join(', ')}`);
  }
  const { file, sha256 } = weightFiles[model];
  const url = `https://download.pytorch.org/models/${file}`;
  return cached({ file, url, check: (path) => checkSha256Prefix(path, sha256), onProgress });
}

/**
 * The path of the zip with photos of ants and bees, of PyTorch's transfer-learning tutorial, fetched unless it is in
 * the cache. Checked photo by photo, so that a zip packed otherwise will do.
 * @throws DataError, in one line, if it cannot be had.
 * @since 51
 */
export function fetchPhotos(onProgress?: OnProgress): Promise<string> {
  const url = 'https://download.pytorch.org/tutorial/hymenoptera_data.zip';
  const check = (path: string) => checkZip(path, parseManifest(hymenoptera));
  return cached({ file: 'hymenoptera_data.zip', url, check, onProgress });
}
