import type { Axis, Mark, Scale, Spec } from 'vega';
import { ValueError } from '../ndarray';

/** Points joined by a line. @since 28 */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly dashed?: boolean;
}

/** A diagram of lines. @since 28 */
export interface Chart {
  readonly title: string;
  readonly x: { readonly label: string };
  readonly y: { readonly label: string };
  readonly series: readonly Series[];
  /** Vertical lines with a word beside them. @since 28 */
  readonly rules?: readonly { readonly x: number; readonly label: string }[];
}

// Mid tones: they can be read on white and on black.
const INK = '#80868f';
const COLORS = ['#3b82d6', '#e07b39', '#2f9e73', '#b65fcf', '#c9a227', '#d64f6a'];
const FONT = 'DejaVu Sans, Verdana, sans-serif';
const [WIDTH, HEIGHT] = [340, 240];

/** One diagram as SVG text: the same input gives the same text. @since 28 */
export function lineChart(chart: Chart): Promise<string> {
  return panels([chart]);
}

/** Diagrams side by side as SVG text. @throws ValueError if there is nothing to draw. @since 28 */
export async function panels(charts: readonly Chart[]): Promise<string> {
  for (const { title, series } of charts) {
    if (!series.some(({ points }) => points.length > 0)) throw new ValueError(`plot '${title}': there are no points to draw`);
  }
  const vega = await import('vega'); // takes a third of a second: only who plots pays for it
  const spec: Spec = {
    $schema: 'https://vega.github.io/schema/vega/v6.json',
    padding: 12,
    layout: { columns: charts.length, padding: 36, bounds: 'full', align: 'each' },
    marks: charts.map(panel),
    config: {
      axis: { labelColor: INK, titleColor: INK, domainColor: INK, tickColor: INK, gridColor: INK, gridOpacity: 0.25 },
      title: { color: INK, font: FONT, fontSize: 15 },
      legend: { labelColor: INK },
      style: { 'guide-label': { font: FONT, fontSize: 11 }, 'guide-title': { font: FONT, fontSize: 12, fontWeight: 'normal' } },
    },
  };
  const view = new vega.View(vega.parse(spec), { renderer: 'none' });
  const svg = await view.toSVG();
  view.finalize();
  return svg;
}

function panel({ title, x, y, series, rules = [] }: Chart): Mark {
  const names = series.map(({ name }) => name);
  const rows = series.flatMap(({ name, points, dashed = false }) => points.map(([px, py]) => ({ name, x: px, y: py, dashed })));
  const whole = rows.every((row) => Number.isInteger(row.x));
  const scales: Scale[] = [
    { name: 'x', type: 'linear', domain: { data: 'rows', field: 'x' }, range: [0, WIDTH], zero: false },
    { name: 'y', type: 'linear', domain: { data: 'rows', field: 'y' }, range: [HEIGHT, 0], zero: false, nice: true },
    { name: 'color', type: 'ordinal', domain: names, range: COLORS },
  ];
  const axes: Axis[] = [
    { scale: 'x', orient: 'bottom', title: x.label, tickCount: 8, ...(whole && { tickMinStep: 1, format: 'd' }) },
    { scale: 'y', orient: 'left', title: y.label, tickCount: 6, grid: true },
  ];
  const at = { x: { scale: 'x', field: 'x' }, y: { scale: 'y', field: 'y' } };
  const color = { scale: 'color', field: 'name' };
  return {
    type: 'group',
    title: { text: title, anchor: 'start', offset: 10 },
    encode: { update: { width: { value: WIDTH }, height: { value: HEIGHT } } },
    data: [
      { name: 'rows', values: rows },
      { name: 'rules', values: rules.map((rule) => ({ ...rule })) },
    ],
    scales,
    axes,
    legends: [{ stroke: 'color', orient: 'bottom', direction: 'horizontal', symbolType: 'stroke', symbolStrokeWidth: 3 }],
    marks: [
      {
        type: 'rule',
        from: { data: 'rules' },
        encode: { update: { x: at.x, y: { value: 0 }, y2: { value: HEIGHT }, stroke: { value: INK }, strokeDash: { value: [3, 3] } } },
      },
      {
        type: 'text',
        from: { data: 'rules' },
        encode: { update: { x: { ...at.x, offset: 5 }, y: { value: 10 }, text: { field: 'label' }, fill: { value: INK }, font: { value: FONT }, fontSize: { value: 11 } } }, // prettier-ignore
      },
      {
        type: 'group',
        from: { facet: { name: 'line', data: 'rows', groupby: 'name' } },
        marks: [
          {
            type: 'line',
            from: { data: 'line' },
            encode: {
              update: { ...at, stroke: color, strokeWidth: { value: 2 }, strokeDash: { signal: 'datum.dashed ? [6, 4] : [1, 0]' } },
            },
          },
          { type: 'symbol', from: { data: 'line' }, encode: { update: { ...at, fill: color, size: { value: 22 } } } },
        ],
      },
    ],
  };
}
