import { DataError } from '../backends/errors';
import { bytesSource, type Source } from './source';

// The browser's twin of files.node.ts: a path is an address, read with fetch; there are no folders and nothing is written.

/** A whole file, by its address. @throws DataError naming it. @since 41 */
export async function readFile(file: string): Promise<Uint8Array> {
  const response = await fetch(file).catch((error: unknown) => {
    throw new DataError(`${file}: cannot be fetched: ${error instanceof Error ? error.message : String(error)}`);
  });
  if (!response.ok) throw new DataError(`${file}: cannot be fetched: the server answers ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** A browser writes no files. @throws DataError always. @since 28 */
export function writeFileSafely(file: string): Promise<void> {
  return Promise.reject(new DataError(`${file}: a browser cannot write files; offer the bytes as a download instead`));
}

/** A browser removes no files. @throws DataError always. @since 53 */
export function removeFile(file: string): Promise<void> {
  return Promise.reject(new DataError(`${file}: a browser cannot remove files`));
}

/** True if the address answers. @since 41 */
export async function exists(file: string): Promise<boolean> {
  return fetch(file, { method: 'HEAD' }).then(
    (response) => response.ok,
    () => false,
  );
}

/** There are no folders in a browser. @since 41 */
export function isFolder(): Promise<boolean> {
  return Promise.resolve(false);
}

/** A browser lists no folders. @throws DataError always. @since 41 */
export function listFiles(folder: string): Promise<string[]> {
  return Promise.reject(new DataError(`${folder}: a browser cannot list folders; use a zip instead`));
}

/** Fetches a file for reading at any place. @throws DataError. @since 41 */
export async function openFile(file: string): Promise<Source> {
  return bytesSource(await readFile(file), file);
}

/** What went wrong with a file, in words. @since 28 */
export function fileCause(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
