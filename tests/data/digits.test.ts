import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { MNIST } from '../../dezero/data';
import { assetPath, readGzip } from '../../dezero/io';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dezero-digits-'));
  vi.stubEnv('DEZERO_CACHE', folder);
  vi.stubEnv('DEZERO_MIRROR', 'http://127.0.0.1:9');
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

test('the packaged digits: 8,000 to train and 2,000 to test, each class in both by its share', async () => {
  const [train, test] = await Promise.all([MNIST.open(), MNIST.open({ split: 'test' })]);
  expect([train.length, test.length]).toEqual([8000, 2000]);
  const counts = ({ labels }: MNIST) => train.classes.map((_, digit) => labels.filter((t) => t === digit).length);
  counts(train).forEach((n, digit) => expect(n / (counts(test)[digit] ?? 1), `of digit ${digit}`).toBeCloseTo(4, 1));
});

test('no digit is in both parts, and a seed gives other parts', async () => {
  const open = (seed: number, split: 'train' | 'test') => MNIST.open({ seed, split });
  const prints = (set: MNIST) =>
    Array.from({ length: set.length }, (_, i) => createHash('md5').update(set.pixels(i)).digest('hex'));
  const train = new Set(prints(await open(0, 'train')));
  const test = prints(await open(0, 'test'));
  expect(test.filter((print) => train.has(print))).toEqual([]);
  expect(prints(await open(0, 'test'))).toEqual(test);
  expect(prints(await open(1, 'test'))).not.toEqual(test);
});

test('a sample is (1, 28, 28), from 0 to 1, with its class; a transform gets that', async () => {
  const set = await MNIST.open();
  const [x, label] = await set.get(3);
  expect(x.shape).toEqual([1, 28, 28]);
  expect(x.dtype).toBe('float32');
  expect(Math.max(...x.values)).toBeGreaterThan(0.9);
  expect(Math.max(...x.values)).toBeLessThanOrEqual(1);
  expect(label).toBe(set.labels[3]);
  const flat = await MNIST.open({ transform: { apply: (v) => (v as typeof x).reshape([784]) } });
  expect((await flat.get(3))[0].shape).toEqual([784]);
  await expect(set.get(8000)).rejects.toThrow('there are 8000 samples');
});

test('the full set that cannot be had is one clear error', async () => {
  await expect(MNIST.open({ full: true })).rejects.toThrow(
    /train-labels-idx1-ubyte.gz cannot be fetched.*DEZERO_MIRROR/,
  );
}, 30_000);

test('a file in the cache with another checksum is not taken', async () => {
  const { mkdirSync } = await import('node:fs');
  mkdirSync(join(folder, 'mnist'), { recursive: true });
  writeFileSync(join(folder, 'mnist', 't10k-labels-idx1-ubyte.gz'), gzipSync(Buffer.from([0, 0, 8, 1, 0, 0, 0, 0])));
  await expect(MNIST.open({ full: true, split: 'test' })).rejects.toThrow(/damaged.*has the md5/);
}, 30_000);

test('a gzip file that is cut off is named', async () => {
  const whole = readFileSync(assetPath('data/digits/digits.gz'));
  const file = join(folder, 'cut.gz');
  writeFileSync(file, whole.subarray(0, 1000));
  await expect(readGzip(file)).rejects.toThrow('cut.gz: no whole gzip file');
  writeFileSync(file, 'no gzip at all');
  await expect(readGzip(file)).rejects.toThrow('cut.gz: no whole gzip file');
});
