import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, expect, test } from 'vitest';
import { DataError, ValueError } from '../../dezero/backends/errors';
import { plot, plotSvg } from '../../dezero/utils/plot';
import type { BarChart, Diagram } from '../../dezero/utils/chart';

const folder = mkdtempSync(join(tmpdir(), 'dezero-plot-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const chart = (more: Partial<Diagram> = {}): Diagram => ({
  title: 'Loss',
  x: { label: 'epoch' },
  y: { label: 'mean loss' },
  series: [
    { name: 'training', points: [[1, 0.9], [2, 0.4], [3, 0.2]], dashed: true }, // prettier-ignore
    { name: 'validation', points: [[1, 0.8], [2, 0.5], [3, 0.4]] }, // prettier-ignore
  ],
  ...more,
});
const ramp = (n: number) => Array.from({ length: n }, (_, i) => [i, i * i] as const);
const count = (svg: string, part: RegExp) => [...svg.matchAll(part)].length;
const dots = (svg: string) => count(svg, /A2\.345,2\.345,0,1,1,-2\.345,0/g); // a circle of vega's: half of it, twice
const lines = (svg: string) => count(svg, /<path d="M[^"]*L[^"]*" stroke="#[^"]*" stroke-width="2"/g);
const sizeOf = (svg: string) => [/width="(\d+)"/, /height="(\d+)"/].map((part) => Number(part.exec(svg)?.[1]));

test('a chart shows its title, both axis labels, its legend and its rules', async () => {
  const svg = await plotSvg(chart({ rules: [{ x: 1.5, label: 'all layers' }] }));
  for (const word of ['Loss', 'epoch', 'mean loss', 'training', 'validation', 'all layers']) {
    expect(svg, word).toContain(`>${word}</text>`);
  }
});

test('the same chart gives the same text', async () => {
  expect(await plotSvg(chart())).toBe(await plotSvg(chart()));
});

test('titles and names are shown as they are, < and & too', async () => {
  const svg = await plotSvg(chart({ title: 'a < b & c' }));
  expect(svg).toContain('>a &lt; b &amp; c</text>');
});

/** The contrast of two colours as WCAG 2 defines it: 1 (none) to 21 (black on white). */
function contrast(a: string, b: string): number {
  const luminance = (color: string) => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5]
      .map((at) => parseInt(color.slice(at, at + 2), 16) / 255)
      .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

test('a chart has no background, and all its colours can be read on white and on a dark page', async () => {
  const series = [...'abcdefgh'].map((name) => ({ name, points: ramp(3) }));
  const svg = await plotSvg(chart({ series }));
  const found = new Set([...svg.matchAll(/(?:fill|stroke)="([^"]+)"/g)].map(([, color = '']) => color));
  found.delete('none');
  expect(found.size).toBe(9); // eight lines and the ink
  const words = [...svg.matchAll(/<text[^>]*fill="([^"]+)"/g)].map(([, color = '']) => color);
  for (const page of ['#ffffff', '#1b1b1f']) {
    for (const color of found) expect(contrast(color, page), `${color} on ${page}`).toBeGreaterThan(3);
    for (const color of words) expect(contrast(color, page), `${color} on ${page}`).toBeGreaterThan(4);
  }
});

test('a dashed series is dashed in the diagram and in the legend', async () => {
  expect(count(await plotSvg(chart()), /stroke-dasharray="6,4"/g)).toBe(2);
});

test('the lines of the grid are as long as the diagram is wide', async () => {
  const svg = await plotSvg(chart({ size: { width: 500, height: 200 } }));
  expect(count(svg, /x2="500" y2="0"/g)).toBeGreaterThan(3);
});

test('a point of the data stands where its value belongs', async () => {
  const points = [[0, 0], [1, 10], [2, 20]] as const; // prettier-ignore
  const svg = await plotSvg(chart({ size: { width: 200, height: 100 }, series: [{ name: 'y', points }] }));
  expect(svg).toContain('d="M0,100L100,50L200,0"');
});

test('long lines show no dots, points are only dots', async () => {
  const drawn = async (n: number, as: 'line' | 'points') => {
    const svg = await plotSvg(chart({ series: [{ name: 'one', points: ramp(n), as }] }));
    return { dots: dots(svg), lines: lines(svg) };
  };
  expect(await drawn(30, 'line')).toEqual({ dots: 30, lines: 1 });
  expect(await drawn(31, 'line')).toEqual({ dots: 0, lines: 1 });
  expect(await drawn(50, 'points')).toEqual({ dots: 50, lines: 0 });
});

test('epochs are whole numbers on the axis', async () => {
  const svg = await plotSvg(chart());
  expect(svg).toContain('>2</text>');
  expect(svg).not.toContain('>1.5</text>');
});

test('panels stand side by side, their titles on one line', async () => {
  const svg = await plotSvg([chart(), chart({ title: 'Accuracy', series: [{ name: 'a', points: [[1, 1000], [2, 0]] }] })]); // prettier-ignore
  const [width = 0, height = 0] = sizeOf(svg);
  expect(width).toBeGreaterThan(2 * 340);
  expect(height).toBeLessThan(2 * 240);
  const y = (title: string) => new RegExp(`translate\\(0,(-?\\d+)\\)"[^>]*>${title}<`).exec(svg)?.[1];
  expect(y('Loss')).toBeDefined();
  expect(y('Accuracy')).toBe(y('Loss'));
});

test('a legend of many names stays below its diagram', async () => {
  const names = ['SGD', 'MomentumSGD', 'NesterovSGD', 'AdaGrad', 'RMSprop', 'Adam'];
  const [width = 0] = sizeOf(await plotSvg(chart({ series: names.map((name) => ({ name, points: ramp(3) })) })));
  expect(width).toBeLessThan(340 + 90);
});

/** The corners of the shapes drawn in a colour, each with how much of it shines through. */
const shapes = (svg: string, color: string) =>
  [...svg.matchAll(new RegExp(`<path [^>]*d="(M[^"]*)" fill="${color}" fill-opacity="([^"]+)"`, 'g'))].map(([, d = '', opacity]) => ({
    opacity: Number(opacity),
    corners: [...d.matchAll(/[ML](-?[\d.e-]+),(-?[\d.e-]+)/g)].map(([, x, y]) => [Number(x), Number(y)] as const),
  })); // prettier-ignore
const INK = '#777d86';
const square = { size: { width: 100, height: 100 }, x: { label: 'x', range: [-1, 1] as const }, y: { label: 'y', range: [-1, 1] as const } }; // prettier-ignore

test('contour lines run where the function has their level, and are named', async () => {
  const of = (x: number, y: number) => Math.hypot(x, y);
  const svg = await plotSvg(chart({ ...square, series: [], contours: { of, levels: [0.75, 0.25] } }));
  expect(svg).toContain('>lines at 0.25, 0.75</text>');
  const [inner, outer, ...more] = shapes(svg, INK);
  expect(more).toEqual([]);
  for (const [level, line] of [
    [0.25, inner],
    [0.75, outer],
  ] as const) {
    // 50 pixels are 1; the edge of the picture belongs to what lies above the level
    const radii =
      line?.corners.map(([x, y]) => Math.hypot(x - 50, y - 50) / 50).filter((radius) => radius < 0.99) ?? [];
    expect(radii.length, `level ${level}`).toBeGreaterThan(30);
    for (const radius of radii) expect(radius, `level ${level}`).toBeCloseTo(level, 2);
  }
});

test('up is up: where y is high the function of the contour lines is asked with a high y', async () => {
  const svg = await plotSvg(chart({ ...square, contours: { of: (_, y) => y, levels: [0.5] } }));
  const inside = shapes(svg, INK)[0]?.corners.filter(([x, y]) => x > 0 && x < 100 && y > 0) ?? [];
  expect(inside.length).toBeGreaterThan(10);
  for (const [, y] of inside) expect(y).toBeCloseTo(25);
});

test('on log axes contour lines stand where the points stand', async () => {
  const axis = { label: '', log: true, range: [1, 100] as const };
  const svg = await plotSvg(chart({ ...square, x: axis, y: axis, contours: { of: (x) => x, levels: [10] } }));
  const inside = shapes(svg, INK)[0]?.corners.filter(([x, y]) => x < 99 && y > 0 && y < 100) ?? [];
  expect(inside.length).toBeGreaterThan(10);
  for (const [x] of inside) expect(x).toBeCloseTo(50, 0);
});

test('levels that nobody chose spread the lines over the picture', async () => {
  const svg = await plotSvg(chart({ ...square, contours: { of: (x, y) => Math.exp(5 * x + y) } }));
  const drawn = shapes(svg, INK);
  expect(drawn.length).toBe(10);
  const lefts = drawn.map(({ corners }) => Math.min(...corners.map(([x]) => x)));
  for (const [i, left] of lefts.slice(1).entries()) expect(left).toBeGreaterThanOrEqual(lefts[i] ?? 0);
  expect(lefts.at(-1)).toBeGreaterThan(75);
});

test('regions have the colours of the series, row 0 lies at the bottom', async () => {
  const points = (name: string) => ({ name, points: [[0, 0]] as const, as: 'points' as const });
  const regions = [[0, 0, 0], [0, 0, 0], [1, 1, 2]]; // prettier-ignore
  const svg = await plotSvg(chart({ ...square, regions, series: [points('a'), points('b'), points('c')] }));
  const colors = ['#3b82d6', '#d9722f', '#2f9e73'];
  const [low, left, right] = colors.map((color) => shapes(svg, color)[0]?.corners ?? []);
  const extent = (corners: readonly (readonly [number, number])[] = [], axis: 0 | 1) =>
    [Math.min, Math.max].map((pick) => Math.min(100, Math.max(0, pick(...corners.map((corner) => corner[axis])))));
  expect(extent(low, 1)).toEqual([25, 100]); // half-way between two places of the grid
  expect(extent(left, 1)).toEqual([0, 25]);
  expect(extent(left, 0)).toEqual([0, 75]);
  expect(extent(right, 0)).toEqual([75, 100]);
  for (const color of colors) expect(dots(svg), color).toBe(3);
});

test('what lies outside a range is cut off, and the cut has an id of its own in every picture', async () => {
  const ids = (svg: string) => [...svg.matchAll(/clipPath id="([^"]+)"/g)].map(([, id]) => id);
  const [one, again, other] = await Promise.all(
    ['one', 'one', 'other'].map((title) => plotSvg(chart({ ...square, title }))),
  );
  expect(ids(one ?? '').length).toBe(1);
  expect(one).toBe(again);
  expect(ids(one ?? '')).not.toEqual(ids(other ?? ''));
  expect(one).toContain(`url(#${ids(one ?? '')[0]})`);
  expect(ids(await plotSvg(chart()))).toEqual([]);
});

test('on a log axis equal factors are equal steps, and powers of ten are marked', async () => {
  const points = [[0, 1e-6], [1, 1e-3], [2, 1]] as const; // prettier-ignore
  const y = { label: 'error', log: true };
  const svg = await plotSvg(chart({ y, size: { width: 200, height: 100 }, series: [{ name: 'y', points }] }));
  expect(svg).toContain('d="M0,100L100,50L200,0"');
  for (const word of ['1e-6', '1e-4', '0.01', '1']) expect(svg).toContain(`>${word}</text>`);
  const short = await plotSvg(chart({ y, series: [{ name: 'y', points: [[0, 1], [1, 40]] }] })); // prettier-ignore
  for (const word of ['1', '2', '5', '10', '20', '50', '100']) expect(short).toContain(`>${word}</text>`);
});

test('bars have their names, their values to three digits and lengths in proportion', async () => {
  const bars: BarChart = {
    title: 'Speed',
    x: { label: 'GFLOP/s' },
    bars: [{ name: 'three loops', value: 5 }, { name: 'kernel', value: 10.0041, highlight: true }, { name: 'loss', value: -2.5 }],
  }; // prettier-ignore
  const svg = await plotSvg(bars);
  for (const word of ['Speed', 'GFLOP/s', 'three loops', 'kernel', '5', '10', '-2.5']) {
    expect(svg).toContain(`>${word}</text>`);
  }
  const drawn = [...svg.matchAll(/<path d="M([\d.]+),[\d.]+h([\d.]+)v[^"]*" fill="(#3b82d6|#d9722f)"/g)];
  const widths = drawn.map(([, , width]) => Number(width));
  expect(drawn.map(([, , , color]) => color)).toEqual(['#3b82d6', '#d9722f', '#3b82d6']);
  expect((widths[1] ?? 0) / (widths[0] ?? 0)).toBeCloseTo(2, 2);
  expect((widths[2] ?? 0) / (widths[0] ?? 0)).toBeCloseTo(0.5);
});

test('plot makes the folder and writes SVG or PNG by the ending, the PNG opaque and white', async () => {
  const svg = join(folder, 'a', 'b', 'loss.svg');
  expect(await plot(chart(), { to: svg })).toBe(svg);
  expect(readFileSync(svg, 'utf8')).toBe(await plotSvg(chart()));

  const png = await plot([chart(), chart({ title: 'Other' })], { to: join(folder, 'two.PNG') });
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  expect(info.channels).toBe(3);
  expect([...data.subarray(0, 3)]).toEqual([255, 255, 255]);
  expect(data.some((value) => value < 128)).toBe(true);
});

test('a file that cannot be is named', async () => {
  await expect(plot(chart(), { to: 'out/loss.jpg' })).rejects.toThrow(ValueError);
  await expect(plot(chart(), { to: 'out/loss.jpg' })).rejects.toThrow("'out/loss.jpg' says no kind of picture; let it end in .svg or .png"); // prettier-ignore
  writeFileSync(join(folder, 'file'), '');
  await expect(plot(chart(), { to: join(folder, 'file', 'loss.svg') })).rejects.toThrow(DataError);
});

test('what cannot be drawn is named', async () => {
  const refused = async (more: Partial<Diagram>, message: string) => {
    const error: unknown = await plotSvg(chart(more)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ValueError);
    expect(String(error)).toContain(`plot 'Loss': ${message}`);
  };
  await expect(plotSvg([])).rejects.toThrow('there are no charts');
  await refused({ series: [] }, 'there are no points to draw');
  await refused({ series: [{ name: 'validation', points: [[1, 0.5], [2, NaN]] }] }, "'validation' has the point (2, NaN)"); // prettier-ignore
  await refused({ series: [{ name: 'a', points: ramp(2) }, { name: 'a', points: ramp(2) }] }, "two series are called 'a'"); // prettier-ignore
  await refused({ y: { label: '', log: true }, series: [{ name: 'a', points: ramp(2) }] }, "'a' has the point (0, 0); a log axis"); // prettier-ignore
  await refused({ x: { label: '', range: [1, 1] } }, 'the range of x is [1, 1]; give two finite numbers');
  await refused({ y: { label: '', log: true, range: [0, 1] } }, 'the range of y begins at 0');

  const of = (x: number) => Math.log(x);
  await refused({ contours: { of } }, 'contour lines and regions fill a rectangle; give x a range');
  await refused({ ...square, contours: { of } }, 'at (-1, 1) the function of the contour lines is NaN');
  await refused({ ...square, contours: { of, levels: [] } }, 'the levels are []');
  await refused({ ...square, contours: { of, levels: [Infinity] } }, 'the levels are [Infinity]');
  await refused({ ...square, regions: [[0, 1]] }, 'the grid of regions is 1 × 2');
  await refused({ ...square, regions: [[0, 1], [0]] }, 'row 1 of the regions has 1 places, row 0 has 2'); // prettier-ignore
  await refused({ ...square, regions: [[0, 1], [0, 0.5]] }, 'row 1 of the regions has 0.5'); // prettier-ignore

  const bars = (...values: number[]): BarChart => ({ title: 'Loss', x: { label: '' }, bars: values.map((value) => ({ name: 'a', value })) }); // prettier-ignore
  await expect(plotSvg(bars())).rejects.toThrow("plot 'Loss': there are no bars to draw");
  await expect(plotSvg(bars(1, 2))).rejects.toThrow("plot 'Loss': two bars are called 'a'");
  await expect(plotSvg(bars(NaN))).rejects.toThrow("plot 'Loss': the bar 'a' has the value NaN");
});
