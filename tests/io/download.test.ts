import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import * as download from '../../dezero/io/download.node';
import * as downloadInBrowser from '../../dezero/io/download.browser';
import { hymenoptera } from '../../dezero/io/hymenoptera';
import {
  cached, checkMd5, checkSha256Prefix, checkZip, fetchPhotos, fetchWeights, findPhotos, findWeights, formatManifest, openZip, parseManifest, readFile, weightFiles, writeFileSafely, writeZip,
} from '../../dezero/io'; // prettier-ignore
import { expectDataError, temporaryFolder, testData } from './helpers';

const folder = temporaryFolder();
const body = Uint8Array.from({ length: 200_000 }, (_, i) => (i * 7919) >> 3);
const sha256 = createHash('sha256').update(body).digest('hex');

/** What the server does to a request; each test sets it. */
let serve: (request: IncomingMessage, response: ServerResponse) => void;
let requests: { path: string; range: string | undefined }[] = [];
let server: Server;
let address = '';

beforeAll(async () => {
  server = createServer((request, response) => {
    requests.push({ path: request.url ?? '', range: request.headers.range });
    serve(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  requests = [];
  serve = sendRange;
});
afterEach(() => vi.unstubAllEnvs());

function sendRange(request: IncomingMessage, response: ServerResponse): void {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  if (from >= body.length) return void response.writeHead(416, { 'content-range': `bytes */${body.length}` }).end();
  const range = from > 0 ? { 'content-range': `bytes ${from}-${body.length - 1}/${body.length}` } : {};
  response.writeHead(from > 0 ? 206 : 200, { 'content-length': body.length - from, ...range }).end(body.subarray(from));
}

/** Sends the first half of what is asked for, then cuts the connection. */
function cut(request: IncomingMessage, response: ServerResponse): void {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const range = from > 0 ? { 'content-range': `bytes ${from}-${body.length - 1}/${body.length}` } : {};
  response.writeHead(from > 0 ? 206 : 200, { 'content-length': body.length - from, ...range });
  response.write(body.subarray(from, (from + body.length) >> 1), () => setTimeout(() => response.destroy(), 500));
}

const expectBody = (path: string): void => expect(readFileSync(path).equals(body)).toBe(true);

let count = 0;
const newPlace = (): string => join(folder, `case${count++}`, 'file.bin');
const check = (file: string): Promise<void> => checkSha256Prefix(file, sha256.slice(0, 8));
const fetchTo = (path: string, more: object = {}): Promise<string> =>
  download.download({ path, url: `${address}/models/file.bin`, check, ...more });

test('a file is fetched with progress, checked, and takes its name at the end', async () => {
  const path = newPlace();
  const seen: number[] = [];
  await fetchTo(path, {
    onProgress: ({ name, received, total }: { name: string; received: number; total: number }) => {
      expect([name, total, existsSync(path)]).toEqual(['file.bin', body.length, false]);
      seen.push(received);
    },
  });
  expectBody(path);
  expect(seen.at(-1)).toBe(body.length);
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(existsSync(`${path}.part`)).toBe(false);
});

test('a cut connection is resumed where it stopped', async () => {
  const path = newPlace();
  serve = (request, response) => (requests.length <= 2 ? cut : sendRange)(request, response);
  await fetchTo(path);
  expectBody(path);
  expect(requests.map(({ range }) => range)).toEqual([undefined, 'bytes=100000-', 'bytes=150000-']);
});

test('what an earlier run left is continued, and a finished part is not fetched again', async () => {
  for (const length of [120_000, body.length]) {
    const path = newPlace();
    requests = [];
    await writeFileSafely(`${path}.part`, body.subarray(0, length));
    await fetchTo(path);
    expectBody(path);
    expect(requests.map(({ range }) => range)).toEqual([`bytes=${length}-`]);
  }
});

test('a part of another file is dropped, and all is fetched from the start', async () => {
  for (const length of [1000, body.length + 5]) {
    const path = newPlace();
    await writeFileSafely(`${path}.part`, new Uint8Array(length).fill(9));
    await fetchTo(path);
    expectBody(path);
  }
});

test('a server without ranges starts again', async () => {
  const path = newPlace();
  serve = (_request, response) => {
    response.writeHead(200, { 'content-length': body.length });
    if (requests.length > 1) response.end(body);
    else response.write(body.subarray(0, 5000), () => setTimeout(() => response.destroy(), 500));
  };
  await fetchTo(path);
  expectBody(path);
});

test('a wrong checksum leaves neither file nor part, and says both sums', async () => {
  const path = newPlace();
  serve = (_request, response) => void response.end('a login page');
  await expectDataError(
    () => fetchTo(path),
    new RegExp(`not the expected file: file\\.bin has the sha256 \\w{8}, not ${sha256.slice(0, 8)}$`),
  );
  expect([existsSync(path), existsSync(`${path}.part`)]).toEqual([false, false]);
});

test('404 fails at once; 503 is tried again', async () => {
  serve = (_request, response) => void response.writeHead(404).end('no');
  await expectDataError(() => fetchTo(newPlace()), /file\.bin cannot be fetched: http.*: the server answers 404$/);
  expect(requests).toHaveLength(1);
  serve = (request, response) =>
    requests.length < 4 ? void response.writeHead(503).end() : sendRange(request, response);
  const path = newPlace();
  await fetchTo(path);
  expect(existsSync(path)).toBe(true);
});

test('a server that breaks off again and again, and one that goes silent, are given up; what came is kept', async () => {
  const path = newPlace();
  serve = (_request, response) => void response.destroy();
  await expectDataError(() => fetchTo(path), /file\.bin cannot be fetched from/);
  expect(requests).toHaveLength(3);
  serve = (_request, response) => void response.writeHead(200, { 'content-length': 10 }).write('silent');
  const start = Date.now();
  await expectDataError(() => fetchTo(path, { timeout: 300 }), /nothing came for 0\.3 s/);
  expect(Date.now() - start).toBeLessThan(4000);
  expect(readFileSync(`${path}.part`, 'utf8')).toBe('silent');
});

test('an unreachable server fails within 5 seconds, in one line that says what to do', async () => {
  const start = Date.now();
  const path = newPlace();
  const message =
    /cannot be fetched from http:\/\/127\.0\.0\.1:1\/x: .*set DEZERO_MIRROR to another server, or put the file at /;
  await expectDataError(() => download.download({ path, url: 'http://127.0.0.1:1/x' }), message);
  await expectDataError(
    () => download.download({ path, url: 'http://host.invalid/x' }),
    /host is not found|nothing came for/,
  );
  expect(Date.now() - start).toBeLessThan(10_000);
});

test('DEZERO_MIRROR replaces scheme and host and keeps the path', async () => {
  vi.stubEnv('DEZERO_MIRROR', `${address}/`);
  await download.download({ path: newPlace(), url: 'https://download.pytorch.org/models/a.pth?x=1' });
  expect(requests[0]?.path).toBe('/models/a.pth?x=1');
  vi.stubEnv('DEZERO_MIRROR', 'no address');
  await expectDataError(() => fetchTo(newPlace()), /DEZERO_MIRROR is 'no address'/);
});

test('a place that cannot be written is named', async () => {
  writeFileSync(join(folder, 'plain'), '');
  await expectDataError(() => fetchTo(join(folder, 'plain', 'a')), /plain\/a: .*file, not a folder/);
});

test('the cache folder is DEZERO_CACHE, or a folder dezero of the system', () => {
  vi.stubEnv('DEZERO_CACHE', folder);
  expect(download.cacheFolder()).toBe(folder);
  vi.stubEnv('DEZERO_CACHE', '');
  expect(download.cacheFolder()).toMatch(/dezero$/);
});

test('a good file in the cache is used without the network; a damaged one is fetched again, or named', async () => {
  vi.stubEnv('DEZERO_CACHE', join(folder, 'cache'));
  const get = () => cached({ file: 'a.bin', url: `${address}/a.bin`, check });
  const path = await get();
  expect(await get()).toBe(path);
  expect(requests).toHaveLength(1);
  writeFileSync(path, 'damaged');
  await get();
  expectBody(path);
  writeFileSync(path, 'damaged');
  serve = (_request, response) => void response.writeHead(404).end();
  await expectDataError(get, /answers 404; the copy at hand is damaged \(a\.bin has the sha256/);
  expect(readFileSync(path, 'utf8')).toBe('damaged');
});

test('MD5 is checked', async () => {
  const path = newPlace();
  await writeFileSafely(path, new TextEncoder().encode('ants'));
  await checkMd5(path, createHash('md5').update('ants').digest('hex').toUpperCase());
  await expectDataError(() => checkMd5(path, '0'.repeat(32)), /file\.bin has the md5 \w{32}, not 0{32}/);
  await expectDataError(() => checkMd5(`${path}x`, '0'), /there is no such file/);
});

test('weights are asked for at their published address, checked by the digits in their name', async () => {
  vi.stubEnv('DEZERO_CACHE', join(folder, 'weights'));
  vi.stubEnv('DEZERO_MIRROR', address);
  await expectDataError(() => fetchWeights('resnet18'), /has the sha256 \w{8}, not f37072fd/);
  expect(requests[0]?.path).toBe('/models/resnet18-f37072fd.pth');
  for (const { file, sha256: digits } of Object.values(weightFiles)) expect(file).toContain(digits);
  await expect(fetchWeights('alexnet' as 'vgg16')).rejects.toThrow(
    /no weights for 'alexnet'; there are for squeezenet1_0/,
  );
});

test('what is not in the cache is not fetched when it is only looked for; what is there is checked', async () => {
  vi.stubEnv('DEZERO_CACHE', join(folder, 'looked-for'));
  vi.stubEnv('DEZERO_MIRROR', address);
  expect([await findWeights('vgg16'), await findPhotos()]).toEqual([null, null]);
  expect(requests).toEqual([]);
  const place = join(folder, 'looked-for', weightFiles.vgg16.file);
  await writeFileSafely(place, new TextEncoder().encode('ants'));
  await expectDataError(() => findWeights('vgg16'), /has the sha256 \w{8}, not 397923af/);
  await expect(findWeights('alexnet' as 'vgg16')).rejects.toThrow("no weights for 'alexnet'");
});

test('a manifest lists the files of a zip, and finds what is missing, other or damaged', async () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const files = [['top.txt', bytes('x')], ['train/ants/1.jpg', bytes('one')], ['train/ants/2 a.jpg', bytes('two')], ['val/bees/3.jpg', bytes('three')]] as const; // prettier-ignore
  const path = newPlace();
  await writeFileSafely(path, await writeZip(files));
  const zip = await openZip(path);
  const { entries } = zip;
  await zip.close();
  expect(parseManifest(formatManifest(entries))).toEqual(entries);
  expect(formatManifest(entries)).toMatch(/^top\.txt 1 8cdc1683\|train\/ants\/\|1\.jpg 3 \w{8}\|2 a\.jpg 3 \w{8}\|val/);
  await checkZip(path, entries.slice(1)); // more than listed is no harm
  await writeFileSafely(path, await writeZip(files.slice(0, 2)));
  await expectDataError(
    () => checkZip(path, entries),
    /2 of 4 files are missing or other, first train\/ants\/2 a\.jpg/,
  );
  const damaged = await readFile(path);
  damaged[Buffer.from(damaged).indexOf('one')] = 0;
  await writeFileSafely(path, damaged);
  await expectDataError(() => checkZip(path, entries.slice(0, 2)), /train\/ants\/1\.jpg in it cannot be read/);
  expect(() => formatManifest([{ name: 'a|b', size: 1, crc32: 1 }])).toThrow(/does not fit/);
  expect(() => parseManifest('a/|b')).toThrow(/cannot hold 'b'/);
});

test('the list of the photos is that of the tutorial: 244 to train with a placeholder, 153 to validate', () => {
  const counts = new Map<string, number>();
  for (const { name, size, crc32 } of parseManifest(hymenoptera)) {
    const where = name.slice(0, name.lastIndexOf('/'));
    counts.set(where, (counts.get(where) ?? 0) + 1);
    expect([size > 0, Number.isSafeInteger(crc32)]).toEqual([true, true]);
  }
  expect(Object.fromEntries(counts)).toEqual({
    'hymenoptera_data/train/ants': 124,
    'hymenoptera_data/train/bees': 121,
    'hymenoptera_data/val/ants': 70,
    'hymenoptera_data/val/bees': 83,
  });
});

test('the photos are fetched in full from a mirror and pass their list', async () => {
  const file = testData('hymenoptera_data.zip');
  if (!file) return;
  vi.stubEnv('DEZERO_CACHE', join(folder, 'photos'));
  vi.stubEnv('DEZERO_MIRROR', address);
  serve = (_request, response) => void response.end(readFileSync(file));
  const path = await fetchPhotos();
  expect(requests.map((request) => request.path)).toEqual(['/tutorial/hymenoptera_data.zip']);
  expect(await fetchPhotos()).toBe(path);
  expect(await findPhotos()).toBe(path);
  expect(requests).toHaveLength(1);
}, 60_000);

test("the browser's twin has the same names; it keeps what it fetched in memory, checked", async () => {
  const twin: typeof download = downloadInBrowser;
  expect(Object.keys(twin).sort()).toEqual(Object.keys(download).sort());
  expect(() => twin.cacheFolder()).toThrow(/no cache folder/);
  expect(await twin.inCache({ file: 'a', url: 'b', check: () => Promise.resolve() })).toBeNull();
  await expectDataError(() => twin.checkMd5('a', ''), /cannot check an MD5/);
  const sum = createHash('sha256').update('ants').digest('hex').slice(0, 8);
  const get = (prefix: string) =>
    twin.cached({ file: 'a', url: 'data:,ants', check: (path) => twin.checkSha256Prefix(path, prefix) });
  expect(await get(sum)).toMatch(/^blob:/);
  await expectDataError(() => get('00000000'), /has the sha256/);
});
