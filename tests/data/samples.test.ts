import { expect, test } from 'vitest';
import { DataLoader, Drawn, Samples, trainedKinds } from '../../dezero/data';
import { loadTensors, assetPath } from '../../dezero/io';
import { array } from '../../dezero/ndarray';

test('Samples are the pairs they are made of, in their order', async () => {
  const set = new Samples([
    [array([1, 2]), 1],
    [array([3, 4]), 0],
  ]);
  expect(set.length).toBe(2);
  expect((await set.get(1))[1]).toBe(0);
  for await (const [x, t] of new DataLoader(set, { batch: 2 })) {
    expect([x.toNested(), [...t.values]]).toEqual([
      [
        [1, 2],
        [3, 4],
      ],
      [1, 0],
    ]);
  }
  await expect(set.get(2)).rejects.toThrow('get(2): there are 2 samples, numbered from 0 to 1');
});

test('the built-in weights have an output for each of the trained kinds, and ants and bees are none of them', async () => {
  const { tensors } = await loadTensors(assetPath('models/pretrained/squeezenetSmall.pth'));
  expect(tensors.get('classifier.1.weight')?.shape[0]).toBe(trainedKinds.length);
  expect(trainedKinds.filter((kind) => kind === 'ant' || kind === 'bee')).toEqual([]);
  expect((await Drawn.open({ kinds: trainedKinds, perClass: 1 })).length).toBe(trainedKinds.length);
});
