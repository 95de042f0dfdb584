import { DataError } from '../backends/errors';
import { readFile } from './files.browser';
import type { CachedOptions, DownloadOptions } from './progress';

// The browser's twin of download.node.ts: what is fetched stays in memory, under an address of its own (`blob:…`).

/** A browser has no cache folder. @throws DataError always. @since 41 */
export function cacheFolder(): string {
  throw new DataError('a browser has no cache folder');
}

/** Fetches a file and gives the address of the checked copy in memory. @throws DataError. @since 41 */
export function cached({ file, url, check, onProgress }: CachedOptions): Promise<string> {
  return download({ path: file, url, check, onProgress });
}

/** A browser has no cache: null. @since 41 */
export function inCache(_options: CachedOptions): Promise<string | null> {
  return Promise.resolve(null);
}

/** Fetches a file and gives the address of the checked copy in memory. @throws DataError. @since 41 */
export async function download({ path, url, check, onProgress }: DownloadOptions): Promise<string> {
  const bytes = await readFile(url);
  const copy = URL.createObjectURL(new Blob([new Uint8Array(bytes)]));
  try {
    await check?.(copy);
  } catch (error) {
    URL.revokeObjectURL(copy);
    throw error;
  }
  onProgress?.({ name: path, received: bytes.length, total: bytes.length });
  return copy;
}

/** Whether the SHA-256 of a file begins with these hexadecimal digits. @throws DataError if not. @since 50 */
export async function checkSha256Prefix(file: string, prefix: string): Promise<void> {
  const hash = await crypto.subtle.digest('SHA-256', new Uint8Array(await readFile(file)));
  const found = Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (!found.startsWith(prefix)) {
    throw new DataError(`${file} has the sha256 ${found.slice(0, prefix.length)}, not ${prefix}`);
  }
}

/** Browsers do not compute MD5. @throws DataError always. @since 41 */
export function checkMd5(file: string): Promise<void> {
  return Promise.reject(new DataError(`${file}: a browser cannot check an MD5`));
}
