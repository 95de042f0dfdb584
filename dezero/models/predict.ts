import { noGrad, testMode } from '../core';
import { isFolder, listFiles, loadTensors } from '../io';
import { readImage, transformSample } from '../data';
import { softmax } from '../functions';
import { DataError, goAlong, memoryScope } from '../ndarray';
import { backbones, createBackbone, inputTransforms, type BackboneName } from './antsAndBees';

/** A picture's most likely class. @since 53 */
export interface Prediction {
  readonly file: string;
  readonly label: string;
  readonly probability: number;
}

/**
 * Classifies the reader's own pictures, a file or all in a folder, with a model that step 53 saved. @throws DataError.
 * @example
 * const model = M.createBackbone('squeezenet_small', 2);
 * const metadata = { backbone: 'squeezenet_small', classes: '["ants","bees"]' };
 * await model.save('model.safetensors', { metadata });
 * await writeFileSafely('mine.png', await encodePng(toPicture(ones([64, 64]))));
 * (await M.predict('mine.png', 'model.safetensors')).map(({ file }) => file);
 * // → [ 'mine.png' ]
 * @since 53
 */
export async function predict(fileOrFolder: string, savedModel: string): Promise<Prediction[]> {
  const { metadata } = await loadTensors(savedModel);
  const backbone = metadata['backbone'] ?? '';
  if (!isBackbone(backbone))
    throw new DataError(`${savedModel} was not saved by step 53; train first, with the same --out`);
  const classes = JSON.parse(metadata['classes'] ?? '[]') as string[];
  const model = createBackbone(backbone, classes.length);
  await model.load(savedModel);
  const transform = inputTransforms(backbone).val;
  const predictions: Prediction[] = [];
  for (const file of await picturesIn(fileOrFolder)) {
    const x = await transformSample(transform, await readImage(file), 0, 0);
    using _ = memoryScope();
    const scores = testMode(() => noGrad(() => softmax(model.call(goAlong(x.reshape([1, ...x.shape]), model.device)))));
    const values = Array.from((await scores.data.to('cpu')).values);
    const best = values.indexOf(Math.max(...values));
    predictions.push({ file, label: classes[best] ?? '?', probability: values[best] ?? 0 });
  }
  return predictions;
}

function isBackbone(name: string): name is BackboneName {
  return Object.hasOwn(backbones, name);
}

async function picturesIn(fileOrFolder: string): Promise<string[]> {
  if (!(await isFolder(fileOrFolder))) return [fileOrFolder];
  const files = (await listFiles(fileOrFolder)).filter((file) => /\.(jpe?g|png|webp)$/i.test(file));
  if (files.length === 0)
    throw new DataError(`${fileOrFolder}: there are no pictures (.jpg, .png, .webp) in this folder`);
  return files.map((file) => `${fileOrFolder}/${file}`);
}
