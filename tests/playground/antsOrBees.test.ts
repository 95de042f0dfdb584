import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { DataLoader, Drawn } from 'dezero/data';
import { createBackbone, evaluate } from 'dezero/models';
import type * as Page from '../../docs/playground/antsOrBees/page';
import { openPage, root, type Opened } from './browser';

let opened: Opened;
let base = '';
beforeAll(async () => {
  opened = await openPage();
  base = `${opened.url}playground/`;
}, 300_000);
afterAll(() => opened.close());

const status = () => opened.page.getByRole('status').innerText();
const answer = () => opened.page.locator('.ants-answer').innerText();
const asset = (name: string) => readFileSync(path.join(root, 'docs/public/playground/assets', name));
const waits = { timeout: 60_000 };

beforeEach(async () => {
  await opened.page.goto(opened.url);
  const content = `globalThis.ants = await import('/playground/antsOrBees.js')`;
  await opened.page.addScriptTag({ type: 'module', content });
  await opened.page.waitForFunction(() => 'ants' in globalThis);
  await opened.page.evaluate((base) => {
    const host = document.getElementById('host');
    if (host) (globalThis as unknown as { ants: typeof Page }).ants.openAntsOrBees(host, base);
  }, base);
});

const drop = (...files: { name: string; buffer: Buffer; mimeType?: string }[]) =>
  opened.page.locator('input[type=file]').setInputFiles(files.map((file) => ({ mimeType: '', ...file })));

test('of six drawings that it has not seen, the built-in network knows at least five', waits, async () => {
  const names = ['ants', 'ants', 'ants', 'bees', 'bees', 'bees'];
  const right: boolean[] = [];
  for (const [i, name] of names.entries()) {
    await opened.page.evaluate(() => document.querySelector('.ants-answer')?.remove());
    await opened.page.getByRole('button', { name: `Drawing ${i}.png` }).click();
    await expect.poll(answer, waits).toMatch(/^It says: (ants|bees)\.$/);
    right.push((await answer()) === `It says: ${name}.`);
  }
  expect(right.filter(Boolean).length).toBeGreaterThanOrEqual(5);
});

test('the page says of the built-in network what is true', waits, async () => {
  const model = createBackbone('squeezenet_small', 2);
  await model.load(path.join(root, 'docs/playground/antsOrBees/network.safetensors'));
  const val = await Drawn.open({ split: 'val' });
  const { accuracy } = await evaluate(model, new DataLoader(val, { batch: 50 }));
  const page = readFileSync(path.join(root, 'docs/play/antsOrBees.md'), 'utf8');
  expect(page).toContain(`Of ${val.length} other drawings it gets ${Math.round(100 * accuracy)} % right`);
});

test('a photo is shown as the network saw it, and with its heat map', waits, async () => {
  await drop({ name: 'mine.png', buffer: asset('examples/3.png') });
  await expect.poll(answer, waits).toContain('It says');
  const shown = (alt: string) => opened.page.getByAltText(alt).evaluate((image: HTMLImageElement) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 56, height: 56 });
    const pen = canvas.getContext('2d');
    pen?.drawImage(image, 0, 0, 56, 56);
    return [image.naturalWidth, ...(pen?.getImageData(0, 0, 56, 56).data ?? [])];
  }); // prettier-ignore
  const [photo, heat] = [
    await shown('What the network saw'),
    await shown('Where it looked, from blue to bright yellow'),
  ];
  expect(photo[0]).toBe(448);
  const changed = photo.filter((value, i) => Math.abs(value - (heat[i] ?? 0)) > 20).length / photo.length;
  expect(changed).toBeGreaterThan(0.02);
  expect(changed).toBeLessThan(0.9);
});

test('a safetensors file of step 53 takes the network’s place', waits, async () => {
  await drop({ name: 'model.safetensors', buffer: asset('network.safetensors') });
  await expect.poll(status, waits).toBe('a photo, please');
  expect(await opened.page.locator('.ants-about').innerText()).toBe('The network: model.safetensors: squeezenet_small, which tells ants from bees.'); // prettier-ignore
});

test.each([
  ['no photo', 'notes.txt', Buffer.from('no photo at all'), /^notes\.txt/],
  ['a photo that is cut off', 'half.png', 'examples/0.png', /^half\.png/],
  ['an empty file', 'empty.jpg', Buffer.alloc(0), /^empty\.jpg/],
  ['no safetensors', 'model.safetensors', Buffer.from('<!doctype html>'), /^model\.safetensors: /],
  ['weights of something else', 'model.safetensors', 'models/pretrained/squeezenetSmall.safetensors', /^model\.safetensors does not say what network it is for/], // prettier-ignore
  ['a photo of 100 MB', 'huge.png', Buffer.alloc(0), /^huge\.png has 100 MB; a photo may have 20 MB here$/],
  ['a network of 100 MB', 'huge.safetensors', Buffer.alloc(0), /^huge\.safetensors has 100 MB; a network may have 64 MB here$/], // prettier-ignore
])('%s: a clear line, and the page goes on', waits, async (_, name, content, line) => {
  const bytes = typeof content === 'string' ? asset(content) : content;
  if (name.startsWith('huge')) {
    // Too much for Playwright's own way: made in the page
    await opened.page.evaluate((name) => {
      const input = document.querySelector('input');
      const files = new DataTransfer();
      files.items.add(new File([new Uint8Array(100e6)], name));
      if (input) input.files = files.files;
      input?.dispatchEvent(new Event('change'));
    }, name);
  } else await drop({ name, buffer: name.startsWith('half') ? bytes.subarray(0, bytes.length / 2) : bytes });
  await expect.poll(status, waits).toMatch(line);
  expect(await status()).not.toContain('\n');
  await drop({ name: 'mine.png', buffer: asset('examples/0.png') });
  await expect.poll(answer, waits).toContain('It says');
});
