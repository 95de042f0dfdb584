import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { plotImages } from '../../dezero/utils';
import { imageSheet } from '../../dezero/utils/sheet.node';

const folder = mkdtempSync(path.join(tmpdir(), 'dezero-plotImages-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const picture = { width: 2, height: 1, data: Uint8Array.of(255, 0, 0, 0, 0, 255) };
const cells = [{ picture, caption: ['red and blue'] }];

test('pictures are drawn into a file, in a folder that is made for them', async () => {
  const to = path.join(folder, 'deep', 'sheet.png');
  const options = { columns: 1, size: 40 };
  expect(await plotImages(cells, { to, ...options })).toBe(to);
  expect(readFileSync(to)).toEqual(Buffer.from(await imageSheet(cells, options)));
});

test('another ending than .png, and a sheet of nothing, are refused', async () => {
  const to = path.join(folder, 'sheet.svg');
  await expect(plotImages(cells, { to })).rejects.toThrow(`'${to}' is to hold pixels; let it end in .png`);
  await expect(plotImages([], { to: 'x.png' })).rejects.toThrow('there are no pictures to show');
});
