import sharp from 'sharp';
import { expect, test } from 'vitest';
import { DataError } from '../../dezero/backends/errors';
import { svgToPng } from '../../dezero/utils/svg.node';

const drawing =
  '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"><rect width="10" height="10" fill="#ff0000"/></svg>';

test('a drawing becomes a PNG, two pixels for each unit, transparent where nothing is drawn', async () => {
  const { data, info } = await sharp(await svgToPng(drawing)).raw().toBuffer({ resolveWithObject: true }); // prettier-ignore
  expect([info.width, info.height, info.channels]).toEqual([40, 20, 4]);
  expect([...data.subarray(0, 4)]).toEqual([255, 0, 0, 255]);
  expect(data[39 * 4 + 3]).toBe(0);
});

test('a background and a scale can be chosen', async () => {
  const png = await svgToPng(drawing, { scale: 3, background: '#1b1b1f' });
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height, info.channels]).toEqual([60, 30, 3]);
  expect([...data.subarray(59 * 3, 60 * 3)]).toEqual([0x1b, 0x1b, 0x1f]);
});

test('text that is no drawing is an error in one line', async () => {
  const error = await svgToPng('<svg').catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(DataError);
  expect(String(error)).toMatch(/^DataError: svgToPng: this is no drawing[^\n]*$/);
});
