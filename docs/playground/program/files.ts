/** The package's `#files` in the playground: what is written stays in memory; what is part of the package is fetched by the page. */
import { DataError } from '../../../dezero/backends/errors';
import { bytesSource, type Source } from '../../../dezero/io/source';
import { ASSET } from './assets';
import { ask } from './page';
import { below, drop, put, take } from './store';

export async function readFile(name: string): Promise<Uint8Array> {
  const kept = take(name);
  if (kept) return kept;
  if (!name.startsWith(ASSET)) throw new DataError(`${name}: cannot be read: this program has written no such file, and a page reads no others`); // prettier-ignore
  return ask({ what: 'asset', name: name.slice(ASSET.length) }).catch((error: unknown) => {
    throw new DataError(`${name}: cannot be read: ${fileCause(error)}`);
  });
}

export function writeFileSafely(name: string, bytes: Uint8Array): Promise<void> {
  put(name, bytes);
  return Promise.resolve();
}

export function removeFile(name: string): Promise<void> {
  drop(name);
  return Promise.resolve();
}

export async function exists(name: string): Promise<boolean> {
  return take(name) !== undefined || name.startsWith(ASSET) || (await isFolder(name));
}

export function isFolder(name: string): Promise<boolean> {
  return Promise.resolve(below(name).length > 0);
}

export function listFiles(folder: string): Promise<string[]> {
  return Promise.resolve(below(folder));
}

export async function openFile(name: string): Promise<Source> {
  return bytesSource(await readFile(name), name);
}

export function fileCause(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
