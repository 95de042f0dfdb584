import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { crawl } from '../../docs/site/crawl';

const folder = mkdtempSync(path.join(tmpdir(), 'dezero-site-'));
beforeAll(() => {
  mkdirSync(path.join(folder, 'reference'));
  const write = (at: string, text: string) => writeFileSync(path.join(folder, at), text);
  write(
    'index.html',
    '<a href="/book/step01.html">1</a><a href="/book/reference/">R</a><a href="https://x.org/nothing">x</a>',
  );
  write('step01.html', '<link rel="preload stylesheet" href="/book/style.css"><h2 id="here">Here</h2><img src="/book/curve.svg"><a href="#here">h</a><a href="./step02.html">2</a>'); // prettier-ignore
  write(
    'reference/index.html',
    '<a href="../step01.html#here">1</a><a href="../step01.html#there">no</a><img src="/book/none.svg">',
  );
  write('style.css', '/* a style */');
  write('curve.svg', `<svg>${'<path d="M0 0"/>'.repeat(1000)}</svg>`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('links, anchors and pictures that lead nowhere are named with their page', () => {
  expect(crawl(folder, '/book/').dead).toEqual([
    'reference/index.html: ../step01.html#there',
    'reference/index.html: /book/none.svg',
    'step01.html: ./step02.html',
  ]);
});

test('a page that is awaited may be missing', () => {
  expect(crawl(folder, '/book/', (page) => page === 'step02.md').dead).not.toContain('step01.html: ./step02.html');
});

test('a page weighs what it loads, packed', () => {
  const { weights } = crawl(folder, '/book/');
  expect(weights.get('step01.html')).toBeGreaterThan(weights.get('index.html') ?? Infinity);
  expect(weights.get('step01.html'), 'packed').toBeLessThan(1000);
});
