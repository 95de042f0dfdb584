import { readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Draw } from '../../docs/site/drawings';
import { bookOf } from '../../docs/site/prepare';

const root = process.cwd();
const folder = path.join(root, 'docs/drawings');
const files = readdirSync(folder).filter((file) => file.endsWith('.ts'));
const loaded = await Promise.all(files.map(async (file) => [file, ((await import(path.join(folder, file))) as { draw?: Draw }).draw] as const)); // prettier-ignore
const drawings = loaded.flatMap(([file, draw]) => (draw ? [{ file, draw }] : []));
const book = bookOf(root, { lenient: true });

test.each(drawings)('$file draws an SVG that takes its colours from the page, the same each time', ({ draw }) => {
  const svg = draw(book);
  expect(svg).toMatch(/^<svg[^>]* viewBox="[^"]+".*<\/svg>$/s);
  expect(svg, 'a page would run it, or apply it to everything').not.toMatch(/<(script|style)\b/);
  expect(svg, 'dark pages and light ones: say colours by class').not.toMatch(/(fill|stroke)="(#|black|white|rgb)/);
  expect(svg, 'nothing is without a number').not.toMatch(/NaN|undefined|Infinity/);
  expect(draw(book)).toBe(svg);
});
