import { existsSync, promises as fs, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import * as files from '../../dezero/io/files.node';
import * as filesInBrowser from '../../dezero/io/files.browser';
import { array } from '../../dezero/ndarray';
import { loadTensors, openZip, readTensors, saveTensors, writeZip, type Tensors } from '../../dezero/io';
import { expectDataError, fixture, temporaryFolder } from './helpers';

const folder = temporaryFolder();
const tensors: Tensors = new Map([['layer.W', array([[1, 2]])], ['layer.b', array(new Float32Array([3]))]]); // prettier-ignore

afterEach(() => vi.restoreAllMocks());

for (const name of ['a.safetensors', 'a.npz', 'a.weights', 'new/folder/a.npz']) {
  test(`${name}: saved arrays and texts are loaded again`, async () => {
    const path = join(folder, name);
    await saveTensors(path, tensors, { epoch: '3' });
    const back = await loadTensors(path);
    expect([...back.tensors].map(([key, x]) => [key, x.dtype, x.toNested()])).toEqual([
      ['layer.W', 'float64', [[1, 2]]],
      ['layer.b', 'float32', [3]],
    ]);
    expect(back.metadata).toEqual({ epoch: '3' });
    expect(readFileSync(path).subarray(0, 2).toString() === 'PK').toBe(name.endsWith('.npz'));
  });
}

test('the kind of a file is told by its content, not by its name', async () => {
  const path = join(folder, 'misnamed.npz');
  writeFileSync(path, fixture('bare.pth'));
  expect((await loadTensors(path)).tensors.get('float32')?.shape).toEqual([2, 3]);
});

test('a .pth is not written, and the error says what to do', async () => {
  await expect(saveTensors(join(folder, 'a.pth'), tensors)).rejects.toThrow(/save as \.safetensors/);
});

test('a file of no known kind is described', async () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  await expectDataError(() => readTensors(bytes('<!DOCTYPE html>'), 'a.pth'), /^a\.pth: not a safetensors.*web page/);
  await expectDataError(() => readTensors(new Uint8Array(), 'a.pth'), /it is empty$/);
  await expectDataError(() => readTensors(bytes('hello\nworld'), 'a.pth'), /it begins with "hello\\nworld"$/);
  const zip = await writeZip(
    ['ants', 'bees', 'wasps', 'flies'].map((name) => [`${name}.jpg`, new Uint8Array()] as const),
  );
  await expectDataError(() => readTensors(zip, 'a.zip'), /it is a zip of ants\.jpg, bees\.jpg, wasps\.jpg, …$/);
  await expectDataError(
    () => readTensors(fixture('zip.pth').subarray(0, 500), 'a.pth'),
    /^a\.pth: not a zip file, or cut off/,
  );
});

test('a missing path, a folder, a path through a file: one line each', async () => {
  await expectDataError(
    () => loadTensors(join(folder, 'none.npz')),
    /none\.npz: cannot be read: there is no such file/,
  );
  await expectDataError(() => loadTensors(folder), /cannot be read: it is not a file/);
  await expectDataError(() => files.readFile(folder), /cannot be read: it is a folder/);
  await expectDataError(() => openZip(join(folder, 'none.zip')), /none\.zip: cannot be read/);
  await expectDataError(() => files.listFiles(join(folder, 'none')), /cannot be listed: there is no such/);
  writeFileSync(join(folder, 'plain'), 'x');
  await expectDataError(
    () => saveTensors(join(folder, 'plain/a.npz'), tensors),
    /cannot be written.*is a file, not a folder/,
  );
  await expectDataError(() => openZip(join(folder, 'plain')), /plain: not a zip file/);
});

for (const [code, words] of [
  ['ENOSPC', 'the disk is full'],
  ['EACCES', 'permission denied'],
  ['EIO', 'broken'],
] as const) {
  // prettier-ignore
  test(`${code} half-way through a save leaves the old file, no half one, and says "${words}"`, async () => {
    const path = join(folder, `full-${code}`, 'model.safetensors');
    await saveTensors(path, tensors);
    const before = readFileSync(path);
    const { open } = fs;
    vi.spyOn(fs, 'open').mockImplementation(async (...args) => {
      const handle = await open(...args);
      vi.spyOn(handle, 'writeFile').mockImplementation(async (data) => {
        await handle.write((data as Uint8Array).subarray(0, 10));
        throw Object.assign(new Error('broken'), { code });
      });
      return handle;
    });
    await expectDataError(() => saveTensors(path, new Map()), new RegExp(`model\\.safetensors: cannot be written, .*: ${words}$`));
    expect(readFileSync(path)).toEqual(before);
    expect(readdirSync(join(folder, `full-${code}`))).toEqual(['model.safetensors']);
  });
}

test('saving over a folder fails and leaves nothing beside it', async () => {
  const path = join(folder, 'taken');
  await fs.mkdir(join(path, 'inside'), { recursive: true });
  await expectDataError(() => files.writeFileSafely(path, new Uint8Array(3)), /taken: cannot be written/);
  expect(readdirSync(folder).filter((name) => name.startsWith('taken'))).toEqual(['taken']);
});

test('a file is removed; one that is not there need not be, and a folder is not', async () => {
  const path = join(folder, 'removed');
  await files.writeFileSafely(path, new Uint8Array(3));
  await files.removeFile(path);
  expect(await files.exists(path)).toBe(false);
  await files.removeFile(path);
  await fs.mkdir(join(folder, 'full'), { recursive: true });
  await expectDataError(() => files.removeFile(join(folder, 'full')), /full: cannot be removed/);
});

test('a folder is listed with / below it, sorted', async () => {
  for (const name of ['train/bees/2.jpg', 'train/ants/1.jpg', 'val/ants/3.jpg']) {
    await files.writeFileSafely(join(folder, 'photos', name), new Uint8Array());
  }
  expect(await files.listFiles(join(folder, 'photos'))).toEqual([
    'train/ants/1.jpg',
    'train/bees/2.jpg',
    'val/ants/3.jpg',
  ]);
  expect(await files.isFolder(join(folder, 'photos'))).toBe(true);
  expect([await files.exists(join(folder, 'photos')), await files.exists(join(folder, 'none'))]).toEqual([true, false]);
});

test("the browser's twin has the same names, and says what a browser cannot do", async () => {
  const twin: typeof files = filesInBrowser;
  expect(Object.keys(twin).sort()).toEqual(Object.keys(files).sort());
  await expectDataError(() => twin.writeFileSafely('a', new Uint8Array()), /browser cannot write/);
  await expectDataError(() => twin.removeFile('a'), /browser cannot remove/);
  await expectDataError(() => twin.listFiles('a'), /browser cannot list/);
  expect(await twin.readFile('data:,ants')).toEqual(new TextEncoder().encode('ants'));
  await expectDataError(() => twin.readFile('http://127.0.0.1:1/'), /cannot be fetched/);
});

test('a zip is read from disk entry by entry, and a damaged entry is named', async () => {
  const path = join(folder, 'photos.zip');
  const text = new TextEncoder().encode('some photo');
  await files.writeFileSafely(path, await writeZip([['ants/1.jpg', text], ['bees/2.jpg', text]])); // prettier-ignore
  const zip = await openZip(path);
  expect(zip.entries.map((entry) => [entry.name, entry.size])).toEqual([['ants/1.jpg', 10], ['bees/2.jpg', 10]]); // prettier-ignore
  expect(await Promise.all([zip.read('bees/2.jpg'), zip.read('ants/1.jpg')])).toEqual([text, text]);
  await expectDataError(() => zip.read('wasps/3.jpg'), /photos\.zip: there is no wasps\/3\.jpg/);
  await zip.close();
  const bytes = readFileSync(path);
  bytes[bytes.indexOf('some photo')] = 0x53;
  writeFileSync(path, bytes);
  const damaged = await openZip(path);
  await expectDataError(() => damaged.read('ants/1.jpg'), /photos\.zip: ants\/1\.jpg in it cannot be read/);
  await damaged.close();
  expect(existsSync(path)).toBe(true);
});
