import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import sharp from 'sharp';
import { onTestFinished } from 'vitest';
import type { Picture } from '../../dezero/data';

/** Smooth colours with some texture, different for each `kind`. */
export function paint(width: number, height: number, kind = 0): Picture {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 3;
      data[at] = 128 + 100 * Math.sin((x + kind * 7) / 9);
      data[at + 1] = 128 + 100 * Math.sin((y - x) / (13 + kind));
      data[at + 2] = (x * 255) / width;
    }
  }
  return { width, height, data };
}

/** The picture as a file of the given format. */
export function encode({ width, height, data }: Picture, format: 'jpeg' | 'png' | 'webp' = 'jpeg'): Promise<Buffer> {
  return sharp(data, { raw: { width, height, channels: 3 } })
    .toFormat(format, format === 'jpeg' ? { quality: 95 } : {})
    .toBuffer();
}

/** A folder for one test, with these files in it. */
export async function folderOf(files: Readonly<Record<string, Uint8Array>>): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'dezero-photos-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, bytes] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), bytes);
  }
  return folder;
}

/** Ants and bees, `n` small photos each, below `root`. */
export async function creatures(n: number, root = ''): Promise<Record<string, Uint8Array>> {
  const files: Record<string, Uint8Array> = {};
  for (let i = 0; i < n; i++) {
    files[`${root}ants/a${i}.jpg`] = await encode(paint(60 + i, 50, i));
    files[`${root}bees/b${i}.png`] = await encode(paint(50, 60 + i, n + i), 'png');
  }
  return files;
}

/** Mean difference of two pictures' bytes. */
export function meanDifference(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) return Infinity;
  return a.reduce((sum, x, i) => sum + Math.abs(x - (b[i] ?? 0)), 0) / a.length;
}

/** The folder with the real photos, or null with a printed notice. */
export function realData(): string | null {
  const folders = [process.env['DEZERO_TEST_DATA'] ?? [], 'data', '../shared/data'].flat();
  const found = folders.find((folder) => existsSync(path.join(folder, 'hymenoptera_data.zip')));
  if (!found)
    console.warn('the real photos are not here: skipped; set DEZERO_TEST_DATA to the folder of hymenoptera_data.zip');
  return found ?? null;
}
