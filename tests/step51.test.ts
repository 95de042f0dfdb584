import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { array, Generator, randn, setSeed, testMode, variable, type Variable } from 'dezero';
import { Compose, Drawn, drawnTrain, encodePng, ImageFolder, imagenetEval, imagenetTrain, Normalize, Photo, RandomHorizontalFlip, RandomResizedCrop, ToArray, transformSample, type Picture } from 'dezero/data'; // prettier-ignore
import * as F from 'dezero/functions';
import { gradCam, heatOver, SqueezeNetSmall } from 'dezero/models';
import { afterAll, expect, test } from 'vitest';
import { augmented, main, partsOf, shown, spread, trace } from '../steps/step51';
import { captured } from './captured';

/** Red grows from the left to the right, green from the top to the bottom. */
function slope(width: number, height: number): Picture {
  const data = new Uint8Array(3 * width * height);
  for (let i = 0; i < width * height; i++)
    data.set([(255 * (i % width)) / (width - 1), (255 * Math.floor(i / width)) / (height - 1), 128], 3 * i);
  return { width, height, data };
}
const folder = mkdtempSync(path.join(tmpdir(), 'dezero-step51-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('mirrored, left is right and top stays top', async () => {
  const { data } = await new Photo(slope(4, 2), 'slope').mirror().picture();
  expect([data[0], data[9]], 'mirror exchanges left and right').toEqual([255, 0]);
  expect([data[1], data[13]], 'mirror leaves top and bottom').toEqual([0, 255]);
});

test('a flip happens half the time, as chance has it', () => {
  const photo = new Photo(slope(4, 2), 'slope');
  const generator = new Generator(0);
  const flip = new RandomHorizontalFlip();
  const flips = Array.from({ length: 200 }, () => flip.apply(photo, generator)).filter((p) => p !== photo).length;
  expect(flips, 'a flip with p = 0.5 happens about half the time').toBeGreaterThan(70);
  expect(flips).toBeLessThan(130);
});

test('a random crop is a piece of the photo, of the share of its area that was asked for, at the size asked for', async () => {
  const crop = new RandomResizedCrop(20, { scale: [0.25, 0.25], ratio: [1, 1] });
  for (let seed = 0; seed < 10; seed++) {
    const piece = crop.apply(new Photo(slope(100, 100), 'slope'), new Generator(seed));
    expect([piece.width, piece.height]).toEqual([20, 20]);
    const { data } = await piece.picture();
    const across = ((data[3 * 19] ?? 0) - (data[0] ?? 0)) / 255;
    expect(across, 'a quarter of the area is half as wide as the photo').toBeCloseTo(0.48, 1);
  }
});

test('Normalize brings each channel to (x − mean) / std, and shown takes it back', async () => {
  const photo = new Photo(slope(16, 16), 'slope');
  const x = await new ToArray().apply(photo);
  const [mean, std] = [[0.1, 0.2, 0.3], [0.5, 1, 2]]; // prettier-ignore
  const before = spread(x);
  const after = spread(new Normalize(mean, std).apply(x));
  const [moved, scaled] = [before.mean.map((b, c) => (b - (mean[c] ?? 0)) / (std[c] ?? 1)), before.std.map((b, c) => b / (std[c] ?? 1))]; // prettier-ignore
  expect(array(after.mean), 'Normalize takes the mean away before it divides by std').toBeAllClose(moved);
  expect(array(after.std)).toBeAllClose(scaled);
  const seen = await transformSample(imagenetEval({ size: 14 }), photo, 0, 0);
  const middle = await photo.crop(1, 1, 14, 14).picture();
  expect([...shown(seen).data], 'what was normalised can be shown as it was').toEqual([...middle.data]);
});

test('each epoch sees another picture, the same epoch always the same', async () => {
  const photo = await (await Drawn.open({ split: 'val' })).photo(0);
  for (const transform of [drawnTrain({ seed: 1 }), imagenetTrain({ seed: 1, size: 64 })]) {
    const first = await augmented(photo, transform, 4);
    expect(new Set(first.map(({ data }) => data.join())).size, 'four epochs see four different pictures').toBe(4);
    expect(await augmented(photo, transform, 4), 'chance comes from seed, epoch and sample only').toEqual(first);
  }
});

test('the trace names each transform and what comes out of it', async () => {
  const lines = await trace(imagenetEval({ size: 14 }), new Photo(slope(40, 20), 'slope'));
  expect(lines.slice(0, 3)).toEqual([
    'decoded    a photo of 40 × 20',
    'Resize     a photo of 32 × 16',
    'CenterCrop a photo of 14 × 14',
  ]);
  expect(lines[4]).toMatch(/^Normalize {2}\(3, 14, 14\) {2}mean +-?\d\.\d\d/);
});

test('a folder a class: classes in alphabetical order, each photo with the number of its class', async () => {
  for (const name of ['wasps/1', 'ants/1', 'ants/2', 'bees/1']) {
    const file = path.join(folder, 'insects', 'val', `${name}.png`);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, await encodePng(slope(8 + name.length, 6)));
  }
  const set = await ImageFolder.open(path.join(folder, 'insects'), { split: 'val' });
  expect(set.classes, 'classes are numbered in alphabetical order').toEqual(['ants', 'bees', 'wasps']);
  expect([set.length, ...set.labels]).toEqual([4, 0, 0, 1, 2]);
  const [x, label] = await set.get(3);
  expect([x.shape, label]).toEqual([[3, 6, 15], 2]);
  await expect(ImageFolder.open(path.join(folder, 'nothing'))).rejects.toThrow('there is no such file or folder');
  await expect(ImageFolder.open(path.join(folder, 'insects'), { split: 'test' })).rejects.toThrow('there is no test folder'); // prettier-ignore
});

test('Grad-CAM: a map counts by the mean gradient of the score, and only what speaks for the class is hot', () => {
  // The maps are the channels themselves; the score of class 0 grows with the first and falls with the second.
  const parts = { features: (x: Variable) => x, head: (maps: Variable) => F.linear(F.globalAveragePool(maps), array([[1, 0], [-1, 2]])) }; // prettier-ignore
  const x = variable([[[[4, 2], [0, 0]], [[0, 2], [0, 2]]]]); // prettier-ignore
  const message = 'each map counts by the mean of its gradient; relu drops what speaks against the class';
  expect(gradCam(parts, x, 0).map.toNested(), message).toEqual([[1, 0], [0, 0]]); // prettier-ignore
  expect(gradCam(parts, x, 1).map.toNested(), message).toEqual([[0, 1], [0, 1]]); // prettier-ignore
});

test('a SqueezeNet cut in two gives the scores of the whole, wherever it is cut', () => {
  setSeed(0);
  const model = new SqueezeNetSmall({ classes: 3 });
  const x = variable(randn([1, 3, 64, 64], { seed: 1, dtype: 'float32' }));
  const scores = testMode(() => model.call(x));
  for (const [stages, side] of [
    [Infinity, 3],
    [7, 7],
  ] as const) {
    // prettier-ignore
    const { features, head } = partsOf(model, stages);
    const maps = features(x);
    expect(maps.shape.slice(2), `the maps after ${stages} stages`).toEqual([side, side]);
    expect(
      testMode(() => head(maps)),
      'what sees and what judges make the whole network',
    ).toBeAllClose(scores.data);
    expect(gradCam({ features, head }, x).map.shape).toEqual([side, side]);
  }
});

test('heat lies over a picture where the map is hot, and nowhere else', () => {
  const picture = { width: 8, height: 8, data: new Uint8Array(192).fill(100) };
  const { data } = heatOver(picture, array([[0, 1], [0, 1]])); // prettier-ignore
  expect([...data.slice(0, 3)], 'where the map is 0 the picture stays as it is').toEqual([100, 100, 100]);
  expect(data[3 * 7], 'where it is 1 the picture glows').toBeGreaterThan(180);
});

test('a network is told what to do with pictures of the wrong kind', async () => {
  const photo = new Photo(slope(8, 8), 'slope');
  expect(() => photo.crop(4, 0, 8, 8)).toThrow('not inside slope, which is 8×8; resize it first');
  const backwards = new Compose([new Normalize([0, 0, 0], [1, 1, 1]), new ToArray()]);
  await expect(transformSample(backwards, photo, 0, 0)).rejects.toThrow('works on arrays; put ToArray before it');
});

test('the step prints the trace and draws both sheets', async () => {
  const text = (await captured(() => main())).join('\n');
  expect(text).toMatch(/decoded +a photo of \d+ × \d+/);
  expect(text).toMatch(/Normalize +\(3, \d+, \d+\) +mean( +-?\d\.\d\d){3} +std( +\d\.\d\d){3}/);
  expect(text).toContain('out/step51/augmented.png');
  expect(text).toContain('out/step51/gradCam.png');
});
