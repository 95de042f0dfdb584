import sharp from 'sharp';
import { expect, test } from 'vitest';
import { sheetLayout } from '../../dezero/utils/sheet';
import { imageSheet } from '../../dezero/utils/sheet.node';

const plain = (width: number, height: number, grey: number) => ({
  width,
  height,
  data: new Uint8Array(width * height * 3).fill(grey),
});

test('a sheet shows every picture in its place with its caption below', async () => {
  const cells = [40, 80, 120].map((grey, i) => ({
    picture: plain(60 + 30 * i, 60, grey),
    caption: ['ants & <bees>', `${i}`],
  }));
  const png = await imageSheet(cells, { columns: 2, size: 100 });
  const { data, info } = await sharp(png).greyscale().raw().toBuffer({ resolveWithObject: true });
  const layout = sheetLayout(cells, { columns: 2, size: 100 });
  expect([info.width, info.height]).toEqual([layout.width, layout.height]);
  cells.forEach(({ picture }, i) => {
    const { left, top, width, height } = layout.photo(i);
    expect(data[(top + Math.floor(height / 2)) * info.width + left + Math.floor(width / 2)]).toBe(picture.data[0]);
    expect(width / height).toBeCloseTo(picture.width / picture.height, 1);
    const { x, y } = layout.line(i, 0);
    const ink = Array.from(
      { length: 100 * 10 },
      (_, p) => data[(y - Math.floor(p / 100)) * info.width + x + (p % 100)] ?? 255,
    );
    expect(ink.filter((value) => value < 128).length).toBeGreaterThan(50);
  });
});

test('a sheet of nothing is refused', async () => {
  await expect(imageSheet([])).rejects.toThrow('imageSheet: there are no pictures to show');
});
