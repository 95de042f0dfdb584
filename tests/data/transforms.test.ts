import { expect, test } from 'vitest';
import {
  CenterCrop,
  ColorJitter,
  Compose,
  ImageFolder,
  imagenetEval,
  Normalize,
  Photo,
  RandomHorizontalFlip,
  RandomResizedCrop,
  Resize,
  sampleGenerator,
  ToArray,
  transformSample,
  type Picture,
} from '../../dezero/data';
import { brighten, changeContrast, saturate } from '../../dezero/data/randomTransforms';
import { applyGeometry } from '../../dezero/data/resample';
import { loadTensors } from '../../dezero/io';
import { array, Generator } from '../../dezero/ndarray';
import { meanDifference, paint, realData } from './pictures';

const photoOf = (width: number, height: number) => new Photo(paint(width, height), 'x');

test('Resize sets the shorter side and rounds the longer one down', () => {
  const size = (w: number, h: number) => (({ width, height }) => [width, height])(new Resize(256).apply(photoOf(w, h)));
  expect(size(500, 375)).toEqual([341, 256]); // 341.33
  expect(size(375, 500)).toEqual([256, 341]);
  expect(size(299, 200)).toEqual([382, 256]); // 382.72
  expect(size(100, 100)).toEqual([256, 256]);
});

test('CenterCrop rounds half a pixel to the even one', async () => {
  const left = async (width: number) => {
    const bytes = Uint8Array.from({ length: width * 2 * 3 }, (_, i) => Math.floor(i / 3) % width);
    const { data: out } = await new CenterCrop(2).apply(new Photo({ width, height: 2, data: bytes }, 'x')).picture();
    return out[0];
  };
  expect(await Promise.all([4, 5, 7, 9].map(left))).toEqual([1, 2, 2, 4]); // 1, 1.5, 2.5, 3.5
  expect(() => new CenterCrop(9).apply(photoOf(8, 20))).toThrow(/not inside x, which is 8×20; resize it first/);
});

test('RandomResizedCrop keeps to its area and proportions', () => {
  const crop = new RandomResizedCrop(32, { scale: [0.2, 0.5], ratio: [0.5, 2] });
  const pieces: { left: number; top: number; width: number; height: number }[] = [];
  const spy = photoOf(200, 100);
  spy.crop = (left, top, width, height) => {
    pieces.push({ left, top, width, height });
    return photoOf(width, height);
  };
  const generator = new Generator(3);
  for (let i = 0; i < 300; i++) crop.apply(spy, generator);
  const areas = pieces.map(({ width, height }) => (width * height) / 20000);
  expect(Math.min(...areas)).toBeGreaterThan(0.195);
  expect(Math.min(...areas)).toBeLessThan(0.22);
  expect(Math.max(...areas)).toBeLessThan(0.505);
  expect(Math.max(...areas)).toBeGreaterThan(0.46);
  for (const { left, top, width, height } of pieces) {
    expect(width / height).toBeGreaterThan(0.48);
    expect(width / height).toBeLessThan(2.08);
    expect(left).toBeGreaterThanOrEqual(0);
    expect(left + width).toBeLessThanOrEqual(200);
    expect(top + height).toBeLessThanOrEqual(100);
  }
  expect(new Set(pieces.map(({ left }) => left)).size).toBeGreaterThan(60);
});

test('RandomResizedCrop takes the middle of a photo that no try fits', () => {
  const spy = photoOf(1000, 10);
  let piece: number[] = [];
  spy.crop = (...box) => {
    piece = box;
    return photoOf(10, 10);
  };
  new RandomResizedCrop(8, { scale: [1, 1] }).apply(spy, new Generator(1));
  expect(piece).toEqual([493, 0, 13, 10]);
});

test('RandomHorizontalFlip mirrors with its probability', async () => {
  const generator = new Generator(5);
  const photo = photoOf(4, 4);
  const flip = new RandomHorizontalFlip(0.3);
  const flipped = Array.from({ length: 2000 }, () => flip.apply(photo, generator) !== photo);
  expect(Math.abs(flipped.filter(Boolean).length / 2000 - 0.3)).toBeLessThan(0.04);
  const [before, after] = [await photo.picture(), await new RandomHorizontalFlip(1).apply(photo, generator).picture()];
  expect([...after.data.subarray(0, 3)]).toEqual([...before.data.subarray(9, 12)]);
});

test('brightness, contrast and saturation mix with black, mean grey and own grey', () => {
  const two = { width: 2, height: 1, data: Uint8Array.from([200, 100, 50, 0, 40, 240]) };
  // greys: 0.299·200 + 0.587·100 + 0.114·50 = 124.2 → 124; 0 + 23.48 + 27.36 = 50.84 → 51; their mean 87.5 → 88
  expect([...brighten(two, 1.5).data]).toEqual([255, 150, 75, 0, 60, 255]);
  expect([...brighten(two, 0).data]).toEqual([0, 0, 0, 0, 0, 0]);
  expect([...changeContrast(two, 0.5).data]).toEqual([144, 94, 69, 44, 64, 164]);
  expect([...changeContrast(two, 0).data]).toEqual([88, 88, 88, 88, 88, 88]);
  expect([...saturate(two, 0).data]).toEqual([124, 124, 124, 51, 51, 51]);
  expect([...saturate(two, 2).data]).toEqual([255, 76, 0, 0, 29, 255]);
  for (const change of [brighten, changeContrast, saturate]) expect([...change(two, 1).data]).toEqual([...two.data]);
});

test('ColorJitter moves colours, by its generator alone, and not at all by default', async () => {
  const photo = photoOf(16, 16);
  const bytes = async (jitter: ColorJitter, seed: number) =>
    [...(await (await jitter.apply(photo, new Generator(seed))).picture()).data]; // prettier-ignore
  const strong = new ColorJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4 });
  expect(await bytes(strong, 1)).toEqual(await bytes(strong, 1));
  expect(await bytes(strong, 1)).not.toEqual(await bytes(strong, 2));
  expect(await bytes(new ColorJitter(), 1)).toEqual([...(await photo.picture()).data]);
});

test('ToArray gives channels, rows, columns between 0 and 1; Normalize shifts and scales each channel', async () => {
  const picture = { width: 2, height: 1, data: Uint8Array.from([255, 51, 0, 102, 153, 204]) };
  const x = await new ToArray().apply(new Photo(picture, 'x'));
  expect(x.shape).toEqual([3, 1, 2]);
  expect(x.dtype).toBe('float32');
  [1, 0.4, 0.2, 0.6, 0, 0.8].forEach((value, i) => expect(x.values[i]).toBeCloseTo(value, 6));
  const y = new Normalize([0.5, 0.2, 0.4], [0.5, 0.1, 2]).apply(x);
  [1, -0.2, 0, 4, -0.2, 0.2].forEach((value, i) => expect(y.values[i]).toBeCloseTo(value, 5));
  expect(x.values[0]).toBe(1);
  expect(new Normalize([1], [2]).apply(array([[3, 5]])).toNested()).toEqual([[1, 2]]);
});

test('transforms say what is wrong with their settings and their order', async () => {
  expect(() => new Resize(0)).toThrow(/Resize: size must be a whole number of pixels from 1 on, not 0/);
  expect(() => new RandomHorizontalFlip(2)).toThrow(/p must be from 0 to 1, not 2/);
  expect(() => new RandomResizedCrop(8, { scale: [1, 0.5] })).toThrow(/scale must be \[low, high\]/);
  expect(() => new ColorJitter({ contrast: -1 })).toThrow(/contrast must be 0 or more, not -1/);
  expect(() => new Normalize([0, 0], [1])).toThrow(/2 means and 1 stds/);
  expect(() => new Normalize([0], [0])).toThrow(/every std must be above 0/);
  expect(() => new Normalize([0, 0], [1, 1]).apply(array([[1], [2], [3]]))).toThrow(
    /one mean and std for each channel/,
  );
  const wrong = new Compose([new ToArray(), new Resize(8)]);
  await expect(wrong.apply(photoOf(9, 9), new Generator(0))).rejects.toThrow(
    /Resize: works on photos; put it before ToArray/,
  );
  await expect(new Compose([new Normalize([0], [1])]).apply(photoOf(9, 9), new Generator(0))).rejects.toThrow(
    /put ToArray before it/,
  );
  await expect(transformSample(new Resize(8), photoOf(9, 9), 0, 0)).rejects.toThrow(/must give an array/);
});

test('samples of one epoch, and epochs of one sample, have generators of their own', () => {
  const first = new Set<number>();
  for (let epoch = 0; epoch < 40; epoch++) {
    for (let index = -1; index < 250; index++) first.add(sampleGenerator(7, epoch, index).next());
  }
  expect(first.size).toBe(40 * 251);
  expect(sampleGenerator(7, 3, 5).next()).toBe(sampleGenerator(7, 3, 5).next());
});

test('real photos come out as Pillow and torchvision prepare them', async (context) => {
  const folder = realData();
  if (!folder) return context.skip();
  const { tensors, metadata } = await loadTensors(`${folder}/squeezenet1_0_golden.npz`);
  const photos = await ImageFolder.open(`${folder}/hymenoptera_data.zip`, { split: 'val', transform: imagenetEval() });
  for (const p of ['p0', 'p1', 'p2', 'p3']) {
    const index = photos.paths.findIndex((path) => path.endsWith(metadata[`${p}_name`] ?? 'no name'));
    const square = new CenterCrop(224).apply(new Resize(256).apply(await photos.photo(index)));
    const crop = Uint8Array.from(tensors.get(`${p}_crop_u8`)?.values ?? []);
    expect(meanDifference((await square.picture()).data, crop)).toBeLessThan(0.5);
    expect(meanDifference((await readable(await photos.photo(index))).data, crop)).toBe(0);
    const [x] = await photos.get(index);
    const input = tensors.get(`${p}_input`)?.values ?? [];
    const worst = Float32Array.from(x.values).reduce(
      (most, value, i) => Math.max(most, Math.abs(value - (input[i] ?? NaN))),
      0,
    );
    expect(worst).toBeLessThan(4.1 / 255 / 0.224); // a few pixels are off by some units of their 255
  }
  await photos.close();
});

/** Shorter side 256, middle 224, by the readable code: to the last bit what Pillow gives. */
async function readable(photo: Photo): Promise<Picture> {
  const picture = await photo.picture();
  const { width, height } = new Resize(256).apply(photo);
  const box = { left: 0, top: 0, width: picture.width, height: picture.height };
  const corner = ([width - 224, height - 224] as const).map((rest) =>
    rest % 4 === 1 ? (rest - 1) / 2 : Math.round(rest / 2),
  );
  const window = { left: corner[0] ?? 0, top: corner[1] ?? 0, width: 224, height: 224 };
  return applyGeometry(picture, { box, size: { width, height }, window, mirrored: false });
}
