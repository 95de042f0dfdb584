import { createHash } from 'node:crypto';
import { createReadStream, promises as fs } from 'node:fs';
import { homedir } from 'node:os';
import * as path from 'node:path';
import { DataError } from '../backends/errors';
import { exists, fileCause } from './files.node';
import type { CachedOptions, DownloadOptions } from './progress';

/**
 * Where downloads are kept: `DEZERO_CACHE`, or the user's cache folder of this system, plus `dezero`.
 * @example
 * cacheFolder().endsWith('dezero'); // → true
 * @since 41
 */
export function cacheFolder(): string {
  const { DEZERO_CACHE, XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (DEZERO_CACHE) return path.resolve(DEZERO_CACHE);
  if (process.platform === 'win32')
    return path.join(LOCALAPPDATA ?? path.join(homedir(), 'AppData', 'Local'), 'dezero');
  if (process.platform === 'darwin') return path.join(homedir(), 'Library', 'Caches', 'dezero');
  return path.join(XDG_CACHE_HOME ? XDG_CACHE_HOME : path.join(homedir(), '.cache'), 'dezero');
}

/**
 * The path of a file in the cache: as it is if it passes its check, else fetched.
 * @throws DataError, in one line, if it is not there and cannot be fetched.
 * @example
 * const check = (file: string) =>
 *   checkMd5(file, 'd41d8cd98f00b204e9800998ecf8427e');
 * // its path in the cache
 * await cached({ file: 'set.zip', url: 'https://example.org/set.zip', check });
 * @since 41
 */
export async function cached({ file, url, check, onProgress }: CachedOptions): Promise<string> {
  const place = path.join(cacheFolder(), file);
  let complaint = '';
  if (await exists(place)) {
    try {
      await check(place);
      return place;
    } catch (error) {
      complaint = `; the copy at hand is damaged (${messageOf(error)})`;
    }
  }
  try {
    return await download({ path: place, url, check, onProgress });
  } catch (error) {
    throw new DataError(`${messageOf(error)}${complaint}`);
  }
}

/**
 * The path of a file if it is in the cache, else null; nothing is fetched. @throws DataError if it does not pass its check.
 * @example
 * const check = (file: string) =>
 *   checkMd5(file, 'd41d8cd98f00b204e9800998ecf8427e');
 * await inCache({
 *   file: 'nothing.zip',
 *   url: 'https://example.org/nothing.zip',
 *   check,
 * });
 * // → null
 * @since 41
 */
export async function inCache({ file, check }: CachedOptions): Promise<string | null> {
  const place = path.join(cacheFolder(), file);
  if (!(await exists(place))) return null;
  await check(place);
  return place;
}

/**
 * Fetches a file and gives its path. What an earlier try left in `path.part` is continued where the server can; a cut
 * connection is resumed; only what passes `check` takes the final name. `DEZERO_MIRROR` replaces scheme and host of the
 * address. Default timeout: 5000 ms without a byte.
 * @throws DataError naming file, address and cause.
 * @example
 * await download({ path: 'data/set.zip', url: 'https://example.org/set.zip' });
 * // → data/set.zip
 * @since 41
 */
export async function download({
  path: place,
  url,
  check,
  onProgress,
  timeout = 5000,
}: DownloadOptions): Promise<string> {
  const job: Job = { place, part: `${place}.part`, url: mirrored(url), onProgress, timeout };
  await onDisk(place, () => fs.mkdir(path.dirname(place), { recursive: true }));
  const resumed = (await sizeOf(job.part)) > 0;
  await fetchAll(job);
  try {
    await check?.(job.part);
  } catch (error) {
    await fs.rm(job.part, { force: true });
    // What was continued may have been another file: once more, from its start.
    if (resumed) return download({ path: place, url, check, onProgress, timeout });
    throw new DataError(`${job.url}: what the server sends is not the expected file: ${messageOf(error)}`);
  }
  await onDisk(place, () => fs.rename(job.part, place));
  return place;
}

interface Job {
  readonly place: string;
  readonly part: string;
  readonly url: string;
  readonly onProgress: DownloadOptions['onProgress'];
  readonly timeout: number;
}

/** Tries until all is there, or three times in a row nothing came, or nothing came for `timeout`. */
async function fetchAll(job: Job): Promise<void> {
  let failures = 0;
  for (let since = Date.now(); ;) {
    const before = await sizeOf(job.part);
    try {
      await fetchRest(job, before);
      return;
    } catch (error) {
      if (error instanceof DataError) throw error;
      const advanced = (await sizeOf(job.part)) > before;
      if (advanced) since = Date.now();
      failures = advanced ? 1 : failures + 1;
      if (failures >= 3 || Date.now() - since >= job.timeout) {
        throw new DataError(
          `${path.basename(job.place)} cannot be fetched from ${job.url}: ${networkCause(error)}; ` +
            `set DEZERO_MIRROR to another server, or put the file at ${job.place}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 200 * failures));
    }
  }
}

/** One request for what is missing after the first `have` bytes. */
async function fetchRest({ place, part, url, onProgress, timeout }: Job, have: number): Promise<void> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(new Error(`nothing came for ${timeout / 1000} s`)), timeout);
  try {
    const headers: Record<string, string> = { 'accept-encoding': 'identity' };
    if (have > 0) headers['range'] = `bytes=${have}-`;
    const response = await fetch(url, { headers, signal: stop.signal });
    const range = /^bytes (?:(\d+)-\d+|\*)\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
    if (response.status === 416 && Number(range?.[2]) === have) return; // all was there already
    const append = response.status === 206 && Number(range?.[1]) === have;
    if (response.status === 416 || (response.status === 206 && !append)) {
      await fs.rm(part, { force: true });
      throw new Error('the server does not continue where the download stopped');
    }
    if (response.status >= 500 || response.status === 429) throw new Error(`the server answers ${response.status}`);
    if (!response.ok || !response.body) {
      throw new DataError(`${path.basename(place)} cannot be fetched: ${url}: the server answers ${response.status}`);
    }
    const length = response.headers.get('content-length');
    const total = append ? Number(range?.[2]) : length === null ? undefined : Number(length);
    let received = append ? have : 0;
    const file = await onDisk(place, () => fs.open(part, append ? 'a' : 'w'));
    try {
      const reader = response.body.getReader();
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
        const chunk = piece.value;
        await onDisk(place, () => file.writeFile(chunk));
        received += chunk.length;
        onProgress?.({ name: path.basename(place), received, total });
        timer.refresh();
      }
    } finally {
      await file.close();
    }
    if (total !== undefined && received !== total)
      throw new Error(`the connection was cut after ${received} of ${total} bytes`);
  } finally {
    clearTimeout(timer);
    stop.abort(); // ends what may still be under way
  }
}

function mirrored(url: string): string {
  const mirror = process.env['DEZERO_MIRROR'];
  if (!mirror) return url;
  if (!URL.canParse(mirror))
    throw new DataError(`DEZERO_MIRROR is '${mirror}', no address; use one such as http://localhost:8080`);
  const { pathname, search } = new URL(url);
  return `${mirror.replace(/\/+$/, '')}${pathname}${search}`;
}

/**
 * Whether the SHA-256 of a file begins with these hexadecimal digits. @throws DataError if not.
 * @example
 * await writeFileSafely('empty.txt', new Uint8Array());
 * await checkSha256Prefix('empty.txt', 'e3b0c442'); // all is well: no error
 * @since 50
 */
export function checkSha256Prefix(file: string, prefix: string): Promise<void> {
  return checkHash(file, 'sha256', prefix);
}

/**
 * Whether a file has this MD5, in hexadecimal digits. @throws DataError if not.
 * @example
 * await writeFileSafely('empty.txt', new Uint8Array());
 * // all is well: no error
 * await checkMd5('empty.txt', 'd41d8cd98f00b204e9800998ecf8427e');
 * @since 41
 */
export function checkMd5(file: string, md5: string): Promise<void> {
  return checkHash(file, 'md5', md5);
}

async function checkHash(file: string, kind: 'sha256' | 'md5', expected: string): Promise<void> {
  const hash = createHash(kind);
  await onDisk(file, async () => {
    for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  });
  const found = hash.digest('hex');
  if (found.startsWith(expected.toLowerCase())) return;
  throw new DataError(
    `${path.basename(file, '.part')} has the ${kind} ${found.slice(0, expected.length)}, not ${expected}`,
  );
}

async function sizeOf(file: string): Promise<number> {
  return fs.stat(file).then(
    (stat) => stat.size,
    () => 0,
  );
}

async function onDisk<T>(place: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw new DataError(`${place}: ${fileCause(error)}`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function networkCause(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `its host is not found (${code}); is this machine online?`;
  if (code === 'ECONNREFUSED') return `the connection is refused (${code})`;
  return messageOf(cause) || code;
}
