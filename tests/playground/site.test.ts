/** The built book in a browser: `npm run docs:build` makes it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type Axe from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { crawl, HEAVIEST } from '../../docs/site/crawl';
import { executablePath, listen, root } from './browser';

const folder = path.resolve(root, process.env['DOCS_DIST'] ?? 'docs/.vitepress/dist');
const base = process.env['DOCS_BASE'] ?? '/'; // as it was built
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.json': 'application/json', '.png': 'image/png', '.webp': 'image/webp', '.woff2': 'font/woff2' }; // prettier-ignore
const PACKED = ['.html', '.js', '.css', '.svg', '.json'];
const TABS = 2;

if (!existsSync(folder)) throw new Error('there is no built book to look at: npm run docs:build');
const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((at) => at.endsWith('.html')).map((at) => at.split(path.sep).join('/')).sort(); // prettier-ignore

/** What a page has come to. */
interface Seen {
  /** Bytes that came over the network, fonts apart. */
  weight: number;
  /** Errors in the console, and files that are not there. */
  readonly errors: string[];
  /** What axe finds serious, in light and dark. */
  readonly findings: string[];
  /** Elements that make a narrow page scroll sideways. */
  wide: readonly string[];
}

const seen = new Map<string, Seen>();
const ready = new Map<string, Buffer>();
let browser: Browser;
let url = ''; // of the book's first page
const server = createServer((request, response) => {
  const at = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
  const file = path.join(folder, at.replace(base, '').replace(/(^|\/)$/, '$1index.html'));
  const type = path.extname(file);
  if (!at.startsWith(base) || !existsSync(file)) return void response.writeHead(404).end();
  const bytes = ready.get(file) ?? (PACKED.includes(type) ? gzipSync(readFileSync(file)) : readFileSync(file));
  ready.set(file, bytes);
  if (PACKED.includes(type)) response.setHeader('content-encoding', 'gzip');
  response.setHeader('content-length', bytes.length);
  response.setHeader('content-type', TYPES[type] ?? 'application/octet-stream').end(bytes);
});

beforeAll(async () => {
  url = `${await listen(server)}${base.slice(1)}`;
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  const queue = [...pages];
  const work = async () => {
    const page = await (await browser.newContext()).newPage();
    for (let next = queue.shift(); next; next = queue.shift()) seen.set(next, await look(page, next));
  };
  await Promise.all(Array.from({ length: TABS }, work));
}, 600_000);
afterAll(async () => {
  await browser.close();
  server.close();
});

const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const STILL = '*, ::before, ::after { transition: none !important; animation: none !important; }'; // colours, once they are there

async function look(page: Page, at: string): Promise<Seen> {
  const found: Seen = { weight: 0, errors: [], findings: [], wide: [] };
  page.on('console', (message) => message.type() === 'error' && found.errors.push(message.text()));
  page.on('pageerror', (error) => found.errors.push(error.message));
  page.on('response', (response) => {
    if (response.status() >= 400) found.errors.push(`${response.url()}: ${response.status()}`);
    else if (!response.url().endsWith('.woff2')) found.weight += Number(response.headers()['content-length'] ?? 0);
  });
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(url + at);
  await page.addStyleTag({ content: STILL });
  await page.evaluate(async () => {
    const images = Array.from(document.querySelectorAll('img'));
    for (const image of images) image.loading = 'eager'; // what one would see on the way down
    await Promise.all(images.map((image) => image.decode()));
  });
  await page.waitForLoadState('load');
  await page.evaluate(axe);
  // All pages have one frame around them: looked at where it is all there is, and once
  const own = /^(step(?!01)|reference\/(?!index))/.test(at);
  const part = own ? '.VPDoc' : 'html';
  found.findings.push(...(await findingsOf(page, part, null)));
  await page.evaluate(() => document.documentElement.classList.add('dark'));
  found.findings.push(...(await findingsOf(page, part, 'color-contrast')).map((line) => `dark: ${line}`));
  await page.setViewportSize({ width: 390, height: 800 });
  found.wide = await page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const wide = Array.from(document.querySelectorAll('.vp-doc *')).filter((one) => one.getBoundingClientRect().right > clientWidth); // prettier-ignore
    return [`${scrollWidth} pixels`, ...wide.slice(0, 3).map((one) => one.outerHTML.slice(0, 80))];
  });
  page.removeAllListeners();
  return found;
}

/** What axe finds in a part of a page, with one rule or all. */
function findingsOf(page: Page, part: string, rule: string | null): Promise<string[]> {
  return page.evaluate(
    async ({ part, rule }) => {
      const { axe } = globalThis as unknown as { axe: typeof Axe };
      const { violations } = await axe.run(part, {
        resultTypes: ['violations'],
        ...(rule && { runOnly: { type: 'rule', values: [rule] } }),
      });
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      return serious.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html, failureSummary }) => `${html.slice(0, 100)} ${failureSummary}`).join('\n')}`); // prettier-ignore
    },
    { part, rule },
  );
}

/** The pages of which something is to be said. */
function said<T>(what: (page: Seen) => T, isFine: (one: T) => boolean): [string, T][] {
  return [...seen].map(([at, one]): [string, T] => [at, what(one)]).filter(([, one]) => !isFine(one));
}
const isEmpty = (list: readonly unknown[]) => list.length === 0;

test('all pages are there', () => {
  expect(pages.filter((at) => at.startsWith('step'))).toHaveLength(53);
  expect(seen.size).toBe(pages.length);
});

test('no page has a serious obstacle for anybody, in light or dark', () => {
  expect(said(({ findings }) => findings, isEmpty)).toEqual([]);
});

test('no page has an error in its console, or asks for a file that is not there', () => {
  expect(said(({ errors }) => errors, isEmpty)).toEqual([]);
});

test('no page scrolls sideways on a narrow screen', () => {
  expect(said(({ wide }) => wide, isEmpty)).toEqual([]);
});

test(`no lesson weighs more than ${HEAVIEST / 1000} KB on the way, fonts apart`, () => {
  const lessons = [...seen].filter(([at]) => at.startsWith('step'));
  expect(lessons.filter(([, { weight }]) => weight > HEAVIEST).map(([at, { weight }]) => `${at}: ${weight}`)).toEqual(
    [],
  );
  for (const [at, { weight }] of lessons) expect(weight, at).toBeGreaterThan(50_000); // it was measured
});

test('an open playground, too, has no serious obstacle', { timeout: 120_000 }, async () => {
  const page = await browser.newPage();
  await page.goto(`${url}step01.html`);
  await page.addStyleTag({ content: STILL });
  await page.getByRole('button', { name: 'Run it here' }).first().click();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect.poll(() => page.locator('.playground-status').innerText(), { timeout: 60_000 }).toMatch(/^ended/);
  await page.evaluate(axe);
  expect(await findingsOf(page, '.playground', null)).toEqual([]);
  await page.evaluate(() => document.documentElement.classList.add('dark'));
  expect(await findingsOf(page, '.playground', 'color-contrast')).toEqual([]);
});

test('every link leads somewhere', () => {
  expect(crawl(folder, base).dead).toEqual([]);
});
