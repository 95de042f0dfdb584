import { promises as fs } from 'node:fs';
import * as path from 'node:path';
import { DataError } from '../backends/errors';
import type { Source } from './source';

/**
 * A whole file. @throws DataError naming path and cause.
 * @example
 * await writeFileSafely('abc.txt', new TextEncoder().encode('abc'));
 * await readFile('abc.txt'); // → Uint8Array(3) [ 97, 98, 99 ]
 * @since 41
 */
export async function readFile(file: string): Promise<Uint8Array> {
  return attempt(`${file}: cannot be read`, async () => {
    const { buffer, byteOffset, byteLength } = await fs.readFile(file);
    return new Uint8Array(buffer, byteOffset, byteLength); // no Buffer, whose slice() is another
  });
}

/**
 * Writes a file so that it is either wholly there or not at all: beside its place, flushed to the disk, then renamed.
 * When that fails (disk full, no permission), the half file is removed and an old file stays as it was. Missing folders
 * are made.
 * @throws DataError naming path and cause.
 * @example
 * await writeFileSafely(
 *   'a/new/folder/abc.txt',
 *   new TextEncoder().encode('abc'),
 * );
 * await exists('a/new/folder/abc.txt'); // → true
 * @since 28
 */
export async function writeFileSafely(file: string, bytes: Uint8Array): Promise<void> {
  const beside = `${file}.${process.pid}-${Math.random().toString(36).slice(2, 8)}.part`;
  await attempt(`${file}: cannot be written, and is as it was before`, async () => {
    await fs.mkdir(path.dirname(file), { recursive: true });
    try {
      const handle = await fs.open(beside, 'w');
      try {
        await handle.writeFile(bytes);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await fs.rename(beside, file);
    } catch (error) {
      await fs.rm(beside, { force: true }).catch(() => undefined); // the first error is the one to tell
      throw error;
    }
  });
}

/**
 * Removes a file, if it is there. @throws DataError naming path and cause.
 * @example
 * await writeFileSafely('abc.txt', Uint8Array.of(97, 98, 99));
 * await removeFile('abc.txt');
 * await exists('abc.txt'); // → false
 * @since 53
 */
export async function removeFile(file: string): Promise<void> {
  await attempt(`${file}: cannot be removed`, () => fs.rm(file, { force: true }));
}

/**
 * True if there is a file or folder at this path.
 * @example
 * await exists('nowhere.txt'); // → false
 * @since 41
 */
export async function exists(file: string): Promise<boolean> {
  return (await kindOf(file)) !== null;
}

/**
 * True if there is a folder at this path.
 * @example
 * await isFolder('.'); // → true
 * @since 41
 */
export async function isFolder(file: string): Promise<boolean> {
  return (await kindOf(file)) === 'folder';
}

async function kindOf(file: string): Promise<'file' | 'folder' | null> {
  try {
    return (await fs.stat(file)).isDirectory() ? 'folder' : 'file';
  } catch {
    return null;
  }
}

/**
 * The files below a folder, with `/` on every system, sorted: `train/ants/1.jpg`. @throws DataError.
 * @example
 * await writeFileSafely('notes/a.txt', new Uint8Array(3));
 * await listFiles('notes'); // → [ 'a.txt' ]
 * @since 41
 */
export async function listFiles(folder: string): Promise<string[]> {
  return attempt(`${folder}: cannot be listed`, async () => {
    const items = await fs.readdir(folder, { recursive: true, withFileTypes: true });
    const files = items.filter((item) => item.isFile() || item.isSymbolicLink());
    const below = files.map((item) => path.relative(folder, path.join(item.parentPath, item.name)));
    return below.map((file) => file.split(path.sep).join('/')).sort();
  });
}

/**
 * Opens a file for reading at any place. Close it when done. @throws DataError.
 * @example
 * await writeFileSafely('abc.txt', new TextEncoder().encode('abc'));
 * const file = await openFile('abc.txt');
 * file.size; // → 3
 * await file.close();
 * @since 41
 */
export async function openFile(file: string): Promise<Source> {
  return attempt(`${file}: cannot be read`, async () => {
    const handle = await fs.open(file, 'r');
    const stat = await handle.stat();
    if (!stat.isFile()) {
      await handle.close();
      throw new DataError(`${file}: cannot be read: it is not a file`);
    }
    const read = async (offset: number, length: number): Promise<Uint8Array> => {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, stat.size - offset)));
      for (let filled = 0; filled < bytes.length;) {
        const place = { offset: filled, position: offset + filled };
        const { bytesRead } = await attempt(`${file}: cannot be read`, () => handle.read(bytes, place));
        if (bytesRead === 0) return bytes.subarray(0, filled);
        filled += bytesRead;
      }
      return bytes;
    };
    return { name: file, size: stat.size, read, close: () => handle.close() };
  });
}

const causes: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EEXIST: 'a part of the path is a file, not a folder',
  EMFILE: 'too many files are open',
};

/** What went wrong with a file, in words. @since 28 */
export function fileCause(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return causes[code] ?? (error instanceof Error ? error.message : String(error));
}

async function attempt<T>(failure: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError(`${failure}: ${fileCause(error)}`);
  }
}
