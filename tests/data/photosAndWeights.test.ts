import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { photosAndWeights } from '../../dezero/data';

// An empty cache, and nobody who answers.
const cache = mkdtempSync(path.join(tmpdir(), 'dezero-cache-'));
beforeAll(() => {
  vi.stubEnv('DEZERO_CACHE', cache);
  vi.stubEnv('DEZERO_MIRROR', 'http://127.0.0.1:9');
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true, force: true });
});

test('what is named is taken; where nothing is at hand there is nothing', async () => {
  const named = { data: 'photos.zip', weights: 'mine.pth' };
  expect(await photosAndWeights(named)).toEqual(named);
  expect(await photosAndWeights()).toBeNull();
});

test('photos without weights, and weights without photos, are refused; so is what cannot be fetched', async () => {
  for (const half of [{ data: 'photos.zip' }, { weights: 'mine.pth' }])
    await expect(photosAndWeights(half)).rejects.toThrow('give both data and weights');
  await expect(photosAndWeights({ fetch: true })).rejects.toThrow('hymenoptera_data.zip');
});
