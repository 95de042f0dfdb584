/** The page "train in your browser" of the built book (`npm run docs:build`): networks learn in it, in WebAssembly and through WebGPU. */
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import type Axe from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { executablePath, listen, root } from './browser';

const folder = path.join(root, 'docs/.vitepress/dist');
const base = process.env['DOCS_BASE'] ?? '/'; // as it was built
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' }; // prettier-ignore
const waits = { timeout: 120_000 };

const server = createServer((request, response) => {
  const at = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
  const file = path.join(folder, at.replace(base, ''));
  if (!at.startsWith(base) || !existsSync(file)) return void response.writeHead(404).end();
  response.setHeader('content-type', TYPES[path.extname(file)] ?? 'application/octet-stream').end(readFileSync(file));
});

let address = '';
const browsers: Record<'withGpu' | 'without', Browser | null> = { withGpu: null, without: null };
beforeAll(async () => {
  if (!existsSync(path.join(folder, 'play/train.html'))) throw new Error('there is no built book: npm run docs:build');
  address = `${await listen(server)}${base.slice(1)}play/train.html`;
  const software = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];
  browsers.withGpu = await chromium.launch({ executablePath, args: ['--no-sandbox', ...software] });
  browsers.without = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-features=WebGPU'] });
}, waits.timeout);
afterAll(async () => {
  await browsers.withGpu?.close();
  await browsers.without?.close();
  server.close();
});

let page: Page;
let errors: string[] = [];
beforeEach(() => {
  errors = [];
});
afterEach(async () => {
  await page.close();
  expect(errors, 'nothing is said in the console').toEqual([]);
});

/** Opens the page, and chooses. */
async function open(task: 'Spiral' | 'Digits', where: 'auto' | 'gpu' | 'wasm', browser = browsers.withGpu): Promise<void> {
  page = (await browser?.newPage({ viewport: { width: 1280, height: 900 } })) ?? page;
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && errors.push(message.text()));
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('response', (response) => response.status() >= 400 && errors.push(`${response.url()}: ${response.status()}`));
  await page.goto(address);
  await page.getByRole('radio', { name: task }).check();
  await page.getByLabel('Where to compute').selectOption(where);
} // prettier-ignore

const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
const status = () => page.getByRole('status').innerText();
const figure = (name: string) => page.locator('.train dl > div').filter({ has: page.getByText(name, { exact: true }) }).locator('dd').innerText(); // prettier-ignore
const numberOf = async (name: string) => Number.parseFloat((await figure(name)).replace(',', ''));
/** The points of a curve, as they stand in the drawing: from the left, and from the top. */
async function curve(which: 'loss' | 'accuracy'): Promise<{ x: number; y: number }[]> {
  const path = (await page.locator(`.train-curve.${which} .train-line`).getAttribute('d')) ?? '';
  return [...path.matchAll(/[ML]([\d.]+) ([\d.]+)/g)].map(([, x, y]) => ({ x: Number(x), y: Number(y) }));
}
const mean = (numbers: readonly number[]) => numbers.reduce((sum, n) => sum + n, 0) / numbers.length;

test('in WebAssembly the spiral is learned: nine of ten that it has never seen, and more', waits, async () => {
  await open('Spiral', 'wasm');
  await press('Start');
  await expect.poll(() => numberOf('right'), waits).toBeGreaterThan(90);
  expect(await figure('device')).toBe('WebAssembly');
  const loss = await curve('loss');
  expect(loss.length).toBeGreaterThan(5);
  expect(loss.at(-1)?.y, 'the curve ends lower than it began').toBeGreaterThan((loss[0]?.y ?? 0) + 20);
  expect((await curve('accuracy')).length).toBeGreaterThan(2);
  const colours = await page.locator('.train-plane canvas').evaluate((canvas: HTMLCanvasElement) => {
    const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
    return [...new Set(Array.from({ length: data.length / 4 }, (_, i) => data[4 * i] ?? 0).map((red) => Math.round(red / 40)))].length; // prettier-ignore
  });
  expect(colours, 'the plane is coloured').toBeGreaterThan(2);
  expect(await page.locator('.train-plane svg > *').count()).toBe(300);
});

test('by itself it takes no gpu made of software', waits, async () => {
  await open('Spiral', 'auto');
  await press('Start');
  await expect.poll(() => figure('device'), waits).toBe('WebAssembly');
});

test('through WebGPU, asked for by name, the spiral has the losses of WebAssembly', waits, async () => {
  const first: number[] = [];
  for (const where of ['wasm', 'gpu'] as const) {
    if (where === 'gpu') await page.close();
    await open('Spiral', where);
    await press('Start');
    await expect.poll(async () => (await curve('loss')).length, waits).toBeGreaterThan(8);
    if (where === 'gpu') expect(await figure('device')).toMatch(/^WebGPU \(.*swiftshader.*\)$/);
    first.push((await curve('loss'))[0]?.y ?? NaN, (await curve('loss'))[6]?.y ?? NaN);
  }
  // Both axes are of the same height when both curves have the same largest loss
  expect(Math.abs((first[0] ?? 0) - (first[2] ?? 99))).toBeLessThan(0.5);
  expect(Math.abs((first[1] ?? 0) - (first[3] ?? 99))).toBeLessThan(2);
});

test.each([
  ['wasm', /^WebAssembly$/, 12],
  ['gpu', /^WebGPU \(/, 4],
] as const)('digits are learned, %s: the loss falls, and digits are named', { timeout: 300_000 }, async (where, device, points) => {
  await open('Digits', where);
  await press('Start');
  await expect.poll(async () => (await curve('loss')).length, { timeout: 280_000 }).toBeGreaterThanOrEqual(points);
  expect(await figure('device')).toMatch(device);
  const loss = (await curve('loss')).map(({ y }) => y);
  expect(mean(loss.slice(-2)), 'lower, which is further down').toBeGreaterThan(mean(loss.slice(0, 2)) + 3);
  expect(await page.locator('.train-digits li').count()).toBe(24);
  expect(await page.locator('.train-digits li').first().innerText()).toMatch(/^\d [✓✗]$/);
  if (where === 'wasm') await expect.poll(() => numberOf('right'), waits).toBeGreaterThan(60);
}); // prettier-ignore

test('it pauses, goes on, begins anew; and all of it by the keyboard', waits, async () => {
  await open('Spiral', 'wasm');
  const focus = () => page.evaluate(() => document.activeElement?.textContent ?? '');
  await page.getByRole('radio', { name: 'Spiral' }).focus();
  await page.keyboard.press('ArrowRight');
  expect(await page.getByRole('radio', { name: 'Digits' }).isChecked()).toBe(true);
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  expect(await focus()).toBe('Start');
  await page.keyboard.press('Enter');
  await expect.poll(() => numberOf('batches'), waits).toBeGreaterThan(20);
  await page.keyboard.press('Enter');
  expect(await status()).toBe('Paused.');
  await page.waitForTimeout(500); // what was on its way
  const batches = await figure('batches');
  await page.waitForTimeout(500);
  expect(await figure('batches')).toBe(batches);
  expect(await focus()).toBe('Go on');
  await page.keyboard.press('Enter');
  await expect.poll(() => figure('batches'), waits).not.toBe(batches);
  await page.keyboard.press('Tab');
  expect(await focus()).toBe('Reset');
  await page.keyboard.press('Enter');
  await page.waitForTimeout(300);
  expect([await figure('batches'), (await curve('loss')).length]).toEqual(['–', 0]);
  expect(await status()).toContain('Press Start');
});

test('a training ends, says so, and begins again', waits, async () => {
  await open('Spiral', 'wasm');
  await press('Start');
  await expect.poll(status, waits).toMatch(/^Done: 9\d\.\d % of what it had never seen\.$/);
  expect(await figure('epoch')).toBe('200 of 200');
  await press('Start again');
  await expect.poll(() => numberOf('batches'), waits).toBeLessThan(1000);
});

test('where there is no WebGPU, it says so when asked for it by name, and goes without otherwise', waits, async () => {
  await open('Spiral', 'gpu', browsers.without);
  await press('Start');
  await expect.poll(status, waits).toMatch(/^no gpu is available here: /);
  await page.getByLabel('Where to compute').selectOption('auto');
  await press('Start');
  await expect.poll(() => figure('device'), waits).toBe('WebAssembly');
});

test('whoever goes to another page ends it', waits, async () => {
  await open('Spiral', 'wasm');
  await press('Start');
  await expect.poll(() => numberOf('batches'), waits).toBeGreaterThan(10);
  expect(page.workers()).toHaveLength(1);
  await page.getByRole('link', { name: 'step 47' }).click();
  await expect.poll(() => page.workers().length, waits).toBe(0);
});

const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

test.each(['Spiral', 'Digits'] as const)('while it learns, no obstacle for anybody, in light and dark, and nothing too wide: %s', waits, async (task) => {
  await open(task, 'wasm');
  await press('Start');
  await expect.poll(async () => (await curve('loss')).length, waits).toBeGreaterThan(1);
  await press('Pause');
  await page.addStyleTag({ content: '*, ::before, ::after { transition: none !important; animation: none !important; }' });
  await page.evaluate(axe);
  for (const dark of [false, true]) {
    const findings = await page.evaluate(async (dark) => {
      document.documentElement.classList.toggle('dark', dark);
      const { axe } = globalThis as unknown as { axe: typeof Axe };
      const { violations } = await axe.run('.train', { resultTypes: ['violations'] });
      return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''} ${nodes[0]?.failureSummary ?? ''}`);
    }, dark);
    expect(findings, dark ? 'dark' : 'light').toEqual([]);
  }
  for (const width of [390, 320]) {
    await page.setViewportSize({ width, height: 800 });
    const { clientWidth, scrollWidth } = await page.evaluate(() => ({ clientWidth: document.documentElement.clientWidth, scrollWidth: document.documentElement.scrollWidth }));
    expect(scrollWidth, `${width} pixels`).toBeLessThanOrEqual(clientWidth);
  }
}); // prettier-ignore
