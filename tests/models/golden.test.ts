import { expect, test } from 'vitest';
import { noGrad, testMode } from '../../dezero/core';
import { ImageFolder, imagenetEval } from '../../dezero/data';
import { loadTensors } from '../../dezero/io';
import { SqueezeNet10 } from '../../dezero/models';
import { argMax, type NDArray } from '../../dezero/ndarray';
import { testData } from '../io/helpers';

const weights = testData('squeezenet1_0_imagenet.pth');
const golden = testData('squeezenet1_0_golden.npz');
const photos = testData('hymenoptera_data.zip');

async function trained(): Promise<SqueezeNet10> {
  const model = new SqueezeNet10();
  await model.load(weights ?? '');
  return model;
}

const scoresOf = (model: SqueezeNet10, x: NDArray) => testMode(() => noGrad(() => model.call(x))).data;

test.runIf(weights && golden)('SqueezeNet 1.0 gives the scores that PyTorch computes, within 1e-3', async () => {
  const model = await trained();
  const { tensors } = await loadTensors(golden ?? '');
  for (const photo of ['p0', 'p1', 'p2', 'p3']) {
    const [x, expected] = [tensors.get(`${photo}_input`), tensors.get(`${photo}_logits`)];
    if (!x || !expected) throw new Error(`${photo} is not in the golden file`);
    const scores = scoresOf(model, x).values;
    const worst = Math.max(...expected.values.map((value, i) => Math.abs(value - (scores[i] ?? NaN))));
    expect(worst).toBeLessThan(1e-3);
  }
});

test.runIf(weights && golden && photos)(
  'from the JPEGs, through our decoding and transforms, the most likely class is the same',
  async () => {
    const model = await trained();
    const { tensors } = await loadTensors(golden ?? '');
    const set = await ImageFolder.open(photos ?? '', { split: 'val', transform: imagenetEval() });
    const names = [
      'ants/10308379_1b6c72e180',
      'ants/1053149811_f62a3410d3',
      'bees/10870992_eebeeb3a12',
      'bees/1181173278_23c36fac71',
    ];
    for (const [i, name] of names.entries()) {
      const index = set.paths.findIndex((path) => path.endsWith(`${name}.jpg`));
      const [x] = await set.get(index);
      const expected = tensors.get(`p${i}_logits`);
      if (!expected) throw new Error(`p${i} is not in the golden file`);
      const scores = scoresOf(model, x.reshape([1, ...x.shape]));
      expect(argMax(scores, { axis: 1 }).item(), name).toBe(argMax(expected).item());
    }
    await set.close();
  },
);
