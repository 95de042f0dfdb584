import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Draw } from '../../docs/site/drawings';
import { bookOf } from '../../docs/site/prepare';

const root = process.cwd();
const folder = path.join(root, 'docs/drawings');
const files = readdirSync(folder).filter((file) =>
  readFileSync(path.join(folder, file), 'utf8').includes('export function draw('),
);
const book = bookOf(root, { lenient: true });

test.each(files)('%s draws an SVG that takes its colours from the page, the same each time', async (file) => {
  const { draw } = (await import(path.join(folder, file))) as { draw: Draw };
  const svg = draw(book);
  expect(svg).toMatch(/^<svg[^>]* viewBox="[^"]+".*<\/svg>$/s);
  expect(svg, 'a page would run it, or apply it to everything').not.toMatch(/<(script|style)\b/);
  expect(svg, 'dark pages and light ones: say colours by class').not.toMatch(/(fill|stroke)="(#|black|white|rgb)/);
  expect(svg, 'nothing is without a number').not.toMatch(/NaN|undefined|Infinity/);
  expect(draw(book)).toBe(svg);
});
