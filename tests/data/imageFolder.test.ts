import { mkdir, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { DataLoader, ImageFolder, imagenetTrain, Resize, CenterCrop, ToArray, Compose } from '../../dezero/data';
import { writeZip } from '../../dezero/io';
import { DataError, type NDArray } from '../../dezero/ndarray';
import { creatures, encode, folderOf, paint, realData } from './pictures';

const small = new Compose([new Resize(32), new CenterCrop(32), new ToArray()]);
const text = new TextEncoder();

async function zipOf(files: Readonly<Record<string, Uint8Array>>): Promise<string> {
  return `${await folderOf({ 'photos.zip': await writeZip(Object.entries(files)) })}/photos.zip`;
}

test('class folders become classes in alphabetical order, from a folder and from a zip alike', async () => {
  const files = await creatures(2);
  for (const place of [await folderOf(files), await zipOf(files)]) {
    const set = await ImageFolder.open(place, { transform: small });
    expect(set.classes).toEqual(['ants', 'bees']);
    expect(set.paths).toEqual(['ants/a0.jpg', 'ants/a1.jpg', 'bees/b0.png', 'bees/b1.png']);
    expect(set.labels).toEqual([0, 0, 1, 1]);
    expect(set.notices).toEqual([]);
    const [x, label] = await set.get(3);
    expect([x.shape, x.dtype, label]).toEqual([[3, 32, 32], 'float32', 1]);
    expect((await set.photo(1)).width).toBe(61);
    await expect(set.get(4)).rejects.toThrow('get(4): there are 4 samples');
    await set.close();
  }
});

test('without a transform photos become arrays as they are', async () => {
  const set = await ImageFolder.open(await folderOf(await creatures(1)));
  expect((await set.get(0))[0].shape).toEqual([3, 50, 60]);
});

test('a split is found wherever the root lies', async () => {
  for (const root of ['', 'data/', 'a/b/hymenoptera_data/']) {
    const files = { ...(await creatures(2, `${root}train/`)), ...(await creatures(1, `${root}val/`)) };
    for (const place of [await folderOf(files), await zipOf(files)]) {
      const [train, val] = [
        await ImageFolder.open(place, { split: 'train' }),
        await ImageFolder.open(place, { split: 'val' }),
      ];
      expect([train.length, val.length, val.classes]).toEqual([4, 2, ['ants', 'bees']]);
      expect(val.paths[0]).toBe(`${root}val/ants/a0.jpg`);
      await Promise.all([train.close(), val.close()]);
      await expect(ImageFolder.open(place)).rejects.toThrow(
        /divided into train, val; choose one: \{ split: 'train' \}/,
      );
      await expect(ImageFolder.open(place, { split: 'test' })).rejects.toThrow(
        /no test folder with photos in it; expected test\/CLASS/,
      );
    }
  }
});

test('what is no photo is skipped with a notice, what is hidden without', async () => {
  const files = {
    ...(await creatures(1, 'photos/')),
    'photos/ants/imageNotFound.gif': text.encode('GIF89a'),
    'photos/loose.jpg': await encode(paint(9, 9)),
    'photos/.DS_Store': text.encode('x'),
    '__MACOSX/photos/ants/._a0.jpg': text.encode('x'),
  };
  const place = await zipOf(files);
  const set = await ImageFolder.open(place);
  expect(set.paths).toEqual(['photos/ants/a0.jpg', 'photos/bees/b0.png']);
  expect(set.notices).toEqual([
    `${place}: photos/ants/imageNotFound.gif is skipped: it is no photo`,
    `${place}: photos/loose.jpg is skipped: it is in no class folder`,
  ]);
  await set.close();
});

test('a missing path, an empty folder, a folder of one class, a file that is no zip: each is a clear error', async () => {
  const open = (place: string) => ImageFolder.open(place);
  const folder = await folderOf({ 'note.txt': text.encode('hello'), 'one/ants/a.jpg': await encode(paint(9, 9)) });
  await mkdir(`${folder}/empty`);
  await writeFile(`${folder}/loose.jpg`, await encode(paint(9, 9)));
  await expect(open(`${folder}/nowhere`)).rejects.toThrow(/nowhere: there is no such file or folder; check the path/);
  await expect(open(`${folder}/empty`)).rejects.toThrow(/empty: there are no photos .* one folder a class/);
  await expect(open(`${folder}/one`)).rejects.toThrow(/one: one class \(ants\) in it; at least two classes are needed/);
  await expect(open(`${folder}/one/ants`)).rejects.toThrow(/ants: no class folders in it; at least two/);
  await expect(open(`${folder}/note.txt`)).rejects.toThrow(DataError);
});

test('a truncated zip is an error that names it', async () => {
  const whole = await writeZip(Object.entries(await creatures(2)));
  const folder = await folderOf({ 'cut.zip': whole.subarray(0, whole.length * 0.8) });
  const failure = ImageFolder.open(`${folder}/cut.zip`);
  await expect(failure).rejects.toThrow(DataError);
  await expect(failure).rejects.toThrow(/cut\.zip/);
});

test('a broken photo is named, skipped and counted, and its batch goes on without it', async () => {
  const files = await creatures(3);
  const broken = files['ants/a1.jpg']?.subarray(0, 900) ?? new Uint8Array();
  const place = await folderOf({ ...files, 'ants/a1.jpg': broken, 'bees/b2.png': text.encode('no picture at all') });
  const set = await ImageFolder.open(place, { transform: small });
  await expect(set.get(1)).rejects.toThrow(`${place}: ants/a1.jpg: broken photo`);
  await expect(set.get(1)).rejects.toThrow(DataError);
  const notices: string[] = [];
  const loader = new DataLoader(set, { batch: 3, notice: (line) => notices.push(line) });
  for (let epoch = 0; epoch < 2; epoch++) {
    const indices: (readonly number[])[] = [];
    for await (const [x, t] of loader) {
      expect(x.shape[0]).toBe(t.size);
      indices.push(loader.indices);
    }
    expect(indices).toEqual([[0, 2], [3, 4]]); // prettier-ignore
  }
  expect(set.skipped).toBe(2);
  expect(notices).toHaveLength(2);
  expect(notices.sort()[0]).toMatch(/ants\/a1\.jpg: broken photo: .* \(left out\)/);
});

test('random crops depend on seed, epoch and photo, not on prefetching or on what was loaded before', async () => {
  const place = await folderOf(await creatures(4));
  const run = async (seed: number, prefetch: number, epoch: number): Promise<NDArray[]> => {
    const set = await ImageFolder.open(place, { transform: imagenetTrain({ seed, size: 24, jitter: 0.3 }) });
    const loader = new DataLoader(set, { batch: 3, shuffle: true, seed, prefetch });
    const photos: NDArray[] = [];
    for (loader.epoch = epoch; loader.epoch === epoch;) {
      for await (const [x] of loader)
        loader.indices.forEach((index, i) => (photos[index] = x.slice(i).astype('float64')));
    }
    return photos;
  };
  const numbers = (photos: NDArray[]) => photos.map((photo) => [...photo.values]);
  const first = numbers(await run(1, 2, 0));
  expect(numbers(await run(1, 0, 0))).toEqual(first);
  expect(numbers(await run(1, 5, 0))).toEqual(first);
  expect(numbers(await run(2, 2, 0))).not.toEqual(first);
  const third = numbers(await run(1, 2, 3));
  expect(third).not.toEqual(first);
  const alone = await ImageFolder.open(place, { transform: imagenetTrain({ seed: 1, size: 24, jitter: 0.3 }) });
  expect([...(await alone.get(5, 3))[0].values]).toEqual(third[5]);
});

test('the real photos are all there, in the official layout', async (context) => {
  const folder = realData();
  if (!folder) return context.skip();
  const zip = `${folder}/hymenoptera_data.zip`;
  const [train, val] = [await ImageFolder.open(zip, { split: 'train' }), await ImageFolder.open(zip, { split: 'val' })];
  const count = ({ labels }: ImageFolder) => [
    labels.filter((c) => c === 0).length,
    labels.filter((c) => c === 1).length,
  ];
  expect([train.classes, count(train), count(val)]).toEqual([['ants', 'bees'], [123, 121], [70, 83]]); // prettier-ignore
  expect(train.notices).toEqual([`${zip}: hymenoptera_data/train/ants/imageNotFound.gif is skipped: it is no photo`]);
  await Promise.all([train.close(), val.close()]);
});
