import sharp from 'sharp';
import { expect, test } from 'vitest';
import { decodeImage, encodePng, Photo } from '../../dezero/data';
import { renderImage } from '../../dezero/data/image.node';
import { readHeader, type Geometry } from '../../dezero/data/picture';
import { applyGeometry, resizePicture } from '../../dezero/data/resample';
import { encode, meanDifference, paint } from './pictures';

test('a header tells the size of JPEG, PNG and WebP without decoding', async () => {
  for (const format of ['jpeg', 'png', 'webp'] as const) {
    expect(readHeader(await encode(paint(61, 47), format), format)).toMatchObject({ width: 61, height: 47, rgb: true });
  }
  const progressive = await sharp(await encode(paint(61, 47))).jpeg({ progressive: true }).withExif({ IFD0: { Artist: 'x' } }).toBuffer(); // prettier-ignore
  expect(readHeader(progressive, 'progressive')).toMatchObject({ width: 61, height: 47, rgb: true });
  const lossless = await sharp(await encode(paint(61, 47)))
    .webp({ lossless: true })
    .toBuffer();
  expect(readHeader(lossless, 'lossless')).toMatchObject({ width: 61, height: 47 });
  const veiled = await sharp(await encode(paint(61, 47)))
    .ensureAlpha(0.5)
    .webp()
    .toBuffer();
  expect(readHeader(veiled, 'veiled')).toMatchObject({ width: 61, height: 47, rgb: false });
});

test('a PNG comes back as it was written', async () => {
  const picture = paint(31, 17);
  const back = await decodeImage(await encodePng(picture), 'x.png');
  expect(back.width).toBe(31);
  expect([...back.data]).toEqual([...picture.data]);
});

test('a grey photo has three equal channels', async () => {
  const grey = sharp(await encode(paint(20, 20), 'png')).greyscale();
  for (const bytes of [await grey.clone().png().toBuffer(), await grey.clone().jpeg().toBuffer()]) {
    for (const { data } of [
      await decodeImage(bytes, 'grey'),
      await new Photo(bytes, 'grey').resize(10, 10).picture(),
    ]) {
      expect(data.length % 300).toBe(0);
      expect(data[0]).toBe(data[1]);
      expect(data[0]).toBe(data[2]);
    }
  }
});

test('transparency is dropped, colours stay, also under resizing', async () => {
  const rgba = new Uint8Array(8 * 8 * 4).map((_, i) => (i % 4 === 3 ? (i % 32 < 16 ? 0 : 255) : 40 + i % 4)); // prettier-ignore
  const bytes = await sharp(rgba, { raw: { width: 8, height: 8, channels: 4 } })
    .png()
    .toBuffer();
  const expected = [40, 41, 42];
  expect([...(await decodeImage(bytes, 'x')).data.subarray(0, 3)]).toEqual(expected);
  expect([...(await new Photo(bytes, 'x').resize(4, 4).picture()).data.subarray(0, 3)]).toEqual(expected);
});

test('printing inks become light as in Pillow', async () => {
  const sea = new Uint8Array(16 * 16 * 3).map((_, i) => [20, 160, 170][i % 3] ?? 0);
  const raw = sharp(sea, { raw: { width: 16, height: 16, channels: 3 } });
  const bytes = await raw.toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer();
  expect((await sharp(bytes).metadata()).space).toBe('cmyk');
  expect(readHeader(bytes, 'inks.jpg').rgb).toBe(false);
  // C 179, M 0, Y 69, K 24, for which Pillow's convert('RGB') gives 69, 231, 168
  for (const { data } of [await decodeImage(bytes, 'x'), await new Photo(bytes, 'x').resize(4, 4).picture()]) {
    [69, 231, 168].forEach((value, c) => expect(Math.abs((data[c] ?? 0) - value)).toBeLessThan(3));
  }
});

test('a colour profile is not applied: pixels come as they are stored', async () => {
  const red = { width: 4, height: 4, data: new Uint8Array(48).map((_, i) => (i % 3 === 0 ? 255 : 0)) };
  const bytes = await sharp(await encode(red, 'png'))
    .withIccProfile('p3')
    .png()
    .toBuffer();
  const { data } = await decodeImage(bytes, 'p3.png');
  [234, 51, 35].forEach((value, c) => expect(Math.abs((data[c] ?? 0) - value)).toBeLessThan(4)); // that red, in Display P3
});

test('a camera note to turn the photo is not followed', async () => {
  const bytes = await sharp(await encode(paint(40, 20)))
    .withMetadata({ orientation: 6 })
    .toBuffer();
  const { width, height } = await new Photo(bytes, 'turned').picture();
  expect([width, height]).toEqual([40, 20]);
});

test('bytes that are no photo, and photos cut off anywhere, are refused by name', async () => {
  const bytes = await encode(paint(80, 60));
  expect(() => new Photo(new Uint8Array([71, 73, 70, 56, 57, 97]), 'tiny.gif')).toThrow(
    /tiny\.gif: broken photo: its content is no JPEG/,
  );
  expect(() => new Photo(new Uint8Array(0), 'empty.jpg')).toThrow(/empty\.jpg: broken photo/);
  expect(() => new Photo(bytes.subarray(0, 30), 'stub.jpg')).toThrow(
    /stub\.jpg: broken photo: the file ends within its header/,
  );
  const half = new Photo(bytes.subarray(0, bytes.length / 2), 'half.jpg');
  await expect(half.picture()).rejects.toThrow(/half\.jpg: broken photo: .*; replace or remove it/);
  await expect(decodeImage(bytes.subarray(0, bytes.length / 2), 'half.jpg')).rejects.toThrow(/half\.jpg: broken photo/);
});

test('the fast resize agrees with the readable one, cropped, mirrored, shrunk and enlarged', async () => {
  const picture = paint(160, 120);
  const whole = { left: 0, top: 0, width: 160, height: 120 };
  const box = { left: 21, top: 13, width: 90, height: 71 };
  const plans: Geometry[] = [];
  for (const mirrored of [false, true]) {
    plans.push({
      box: whole,
      size: { width: 60, height: 45 },
      window: { left: 3, top: 9, width: 41, height: 30 },
      mirrored,
    });
    plans.push({ box, size: { width: 32, height: 32 }, window: { left: 0, top: 0, width: 32, height: 32 }, mirrored });
    plans.push({
      box,
      size: { width: 190, height: 140 },
      window: { left: 30, top: 2, width: 101, height: 99 },
      mirrored,
    });
    plans.push({ box, size: box, window: { left: 0, top: 0, width: 90, height: 71 }, mirrored });
  }
  for (const plan of plans) {
    const slow = applyGeometry(picture, plan);
    for (const source of [picture, await encodePng(picture)]) {
      const fast = await renderImage(source, plan, 'x');
      expect([fast.width, fast.height]).toEqual([slow.width, slow.height]);
      expect(meanDifference(fast.data, slow.data)).toBeLessThan(0.5);
    }
  }
});

test('an even shrink averages with triangle weights', () => {
  // four pixels to two: centres at 1 and 3, reach 2: weights 3 3 1 (of 7) at the edge
  const grey = [0, 100, 200, 40].flatMap((x) => [x, x, x]);
  const { data } = resizePicture({ width: 4, height: 1, data: Uint8Array.from(grey) }, { width: 2, height: 1 });
  expect([data[0], data[3]]).toEqual([
    Math.round((3 * 0 + 3 * 100 + 200) / 7),
    Math.round((100 + 3 * 200 + 3 * 40) / 7),
  ]);
});

test('a photo is cropped, resized and mirrored in any order', async () => {
  const photo = new Photo(paint(64, 48), 'x');
  const pixel = async (p: Photo, x: number, y: number): Promise<number[]> => {
    const { data, width } = await p.picture();
    return [...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
  };
  const at = await pixel(photo, 20, 10);
  expect(await pixel(photo.crop(15, 5, 30, 30), 5, 5)).toEqual(at);
  expect(await pixel(photo.crop(15, 5, 30, 30).crop(2, 3, 20, 20), 3, 2)).toEqual(at);
  expect(await pixel(photo.mirror(), 43, 10)).toEqual(at);
  expect(await pixel(photo.mirror().crop(40, 8, 10, 10), 3, 2)).toEqual(at);
  expect(await pixel(photo.mirror().crop(40, 8, 10, 10).mirror(), 6, 2)).toEqual(at);
  const twice = photo.resize(32, 24).crop(4, 4, 20, 16).resize(40, 32).mirror().crop(0, 0, 30, 20);
  const { width, height, data } = await twice.picture();
  expect([width, height, twice.width, twice.height, data.length]).toEqual([30, 20, 30, 20, 1800]);
  const again = new Photo(await photo.resize(32, 24).crop(4, 4, 20, 16).picture(), 'x')
    .resize(40, 32)
    .crop(10, 0, 30, 20)
    .mirror();
  expect(meanDifference(data, (await again.picture()).data)).toBe(0);
  expect(() => photo.crop(40, 0, 30, 10)).toThrow(/30×10 at \(40, 0\) is not inside x, which is 64×48/);
});
