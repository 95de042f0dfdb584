import { expect, test } from 'vitest';
import { lineChart, panels, type Chart } from '../../dezero/utils/plot';

const chart = (more: Partial<Chart> = {}): Chart => ({
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
  const svg = await lineChart(chart({ rules: [{ x: 1.5, label: 'all layers' }] }));
  for (const word of ['Loss', 'epoch', 'mean loss', 'training', 'validation', 'all layers']) {
    expect(svg, word).toContain(`>${word}</text>`);
  }
});

test('the same chart gives the same text', async () => {
  expect(await lineChart(chart())).toBe(await lineChart(chart()));
});

test('titles and names are shown as they are, < and & too', async () => {
  const svg = await lineChart(chart({ title: 'a < b & c' }));
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
  const series = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => ({ name, points: ramp(3) }));
  const svg = await lineChart(chart({ series }));
  const found = new Set([...svg.matchAll(/(?:fill|stroke)="([^"]+)"/g)].map(([, color = '']) => color));
  found.delete('none');
  expect(found.size).toBe(7); // six lines and the ink
  const words = [...svg.matchAll(/<text[^>]*fill="([^"]+)"/g)].map(([, color = '']) => color);
  for (const page of ['#ffffff', '#1b1b1f']) {
    for (const color of found) expect(contrast(color, page), `${color} on ${page}`).toBeGreaterThan(3);
    for (const color of words) expect(contrast(color, page), `${color} on ${page}`).toBeGreaterThan(4);
  }
});

test('a dashed series is dashed in the diagram and in the legend', async () => {
  expect(count(await lineChart(chart()), /stroke-dasharray="6,4"/g)).toBe(2);
});

test('the lines of the grid are as long as the diagram is wide', async () => {
  const svg = await lineChart(chart({ size: { width: 500, height: 200 } }));
  expect(count(svg, /x2="500" y2="0"/g)).toBeGreaterThan(3);
});

test('a point of the data stands where its value belongs', async () => {
  const points = [[0, 0], [1, 10], [2, 20]] as const; // prettier-ignore
  const svg = await lineChart(chart({ size: { width: 200, height: 100 }, series: [{ name: 'y', points }] }));
  expect(svg).toContain('d="M0,100L100,50L200,0"');
});

test('long lines show no dots, points are only dots', async () => {
  const drawn = async (n: number, as: 'line' | 'points') => {
    const svg = await lineChart(chart({ series: [{ name: 'one', points: ramp(n), as }] }));
    return { dots: dots(svg), lines: lines(svg) };
  };
  expect(await drawn(30, 'line')).toEqual({ dots: 30, lines: 1 });
  expect(await drawn(31, 'line')).toEqual({ dots: 0, lines: 1 });
  expect(await drawn(50, 'points')).toEqual({ dots: 50, lines: 0 });
});

test('epochs are whole numbers on the axis', async () => {
  const svg = await lineChart(chart());
  expect(svg).toContain('>2</text>');
  expect(svg).not.toContain('>1.5</text>');
});

test('panels stand side by side, their titles on one line', async () => {
  const svg = await panels([chart(), chart({ title: 'Accuracy', series: [{ name: 'a', points: [[1, 1000], [2, 0]] }] })]); // prettier-ignore
  const [width = 0, height = 0] = sizeOf(svg);
  expect(width).toBeGreaterThan(2 * 340);
  expect(height).toBeLessThan(2 * 240);
  const y = (title: string) => new RegExp(`translate\\(0,(-?\\d+)\\)"[^>]*>${title}<`).exec(svg)?.[1];
  expect(y('Loss')).toBeDefined();
  expect(y('Accuracy')).toBe(y('Loss'));
});

test('a legend of many names stays below its diagram', async () => {
  const names = ['SGD', 'MomentumSGD', 'NesterovSGD', 'AdaGrad', 'RMSprop', 'Adam'];
  const [width = 0] = sizeOf(await lineChart(chart({ series: names.map((name) => ({ name, points: ramp(3) })) })));
  expect(width).toBeLessThan(340 + 90);
});

test('what cannot be drawn is named', async () => {
  await expect(panels([])).rejects.toThrow('there are no charts');
  await expect(lineChart(chart({ series: [] }))).rejects.toThrow("plot 'Loss': there are no points to draw");
  const nan = chart({ series: [{ name: 'validation', points: [[1, 0.5], [2, NaN]] }] }); // prettier-ignore
  await expect(lineChart(nan)).rejects.toThrow("'validation' has the point (2, NaN)");
  const twins = chart({ series: [{ name: 'a', points: ramp(2) }, { name: 'a', points: ramp(2) }] }); // prettier-ignore
  await expect(lineChart(twins)).rejects.toThrow("two series are called 'a'");
});
