import type { Axis, Legend, Mark, Scale, Signal, Spec } from 'vega';
import { ValueError } from '../ndarray';

/** Points joined by a line, or points alone. @since 28 */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** A broken line; default false. @since 28 */
  readonly dashed?: boolean;
  /** Default 'line'. @since 28 */
  readonly as?: 'line' | 'points';
}

/** A diagram of lines and points. @since 28 */
export interface Chart {
  readonly title: string;
  readonly x: { readonly label: string };
  readonly y: { readonly label: string };
  readonly series: readonly Series[];
  /** Vertical lines with a word beside them. @since 28 */
  readonly rules?: readonly { readonly x: number; readonly label: string }[];
  /** Of the area between the axes, in pixels; default 340 × 240. @since 28 */
  readonly size?: { readonly width: number; readonly height: number };
}

// Mid tones: at least 3 : 1 against white and against a dark page (#1b1b1f), words 4 : 1.
const INK = '#777d86';
const COLORS = ['#3b82d6', '#d9722f', '#2f9e73', '#b65fcf', '#a8861c', '#d64f6a'];
const FONT = 'DejaVu Sans, Verdana, sans-serif';
const TICKS = 6; // rounds the range of y and divides it
const DOT = 'M-0.09,0a0.09,0.09 0 1,0 0.18,0a0.09,0.09 0 1,0 -0.18,0'; // in a legend: so small that its outline fills it
const MOST_DOTS = 30; // a longer line shows no dots, which would hide it

/** One diagram as SVG text: the same input gives the same text. @throws ValueError as `panels` does. @since 28 */
export function lineChart(chart: Chart): Promise<string> {
  return panels([chart]);
}

/** Diagrams side by side as SVG text. @throws ValueError if there is nothing to draw, or what is no number. @since 28 */
export async function panels(charts: readonly Chart[]): Promise<string> {
  if (charts.length === 0) throw new ValueError('plot: there are no charts to draw');
  charts.forEach(check);
  const vega = await import('vega'); // takes a third of a second: only who plots pays for it
  const spec: Spec = {
    $schema: 'https://vega.github.io/schema/vega/v6.json',
    padding: 12,
    layout: { columns: charts.length, padding: 36, bounds: 'full', align: 'each' },
    marks: charts.map(panel),
    config: {
      axis: { labelColor: INK, titleColor: INK, domainColor: INK, tickColor: INK, gridColor: INK, gridOpacity: 0.2 },
      legend: { labelColor: INK },
      style: {
        'guide-label': { font: FONT, fontSize: 11 },
        'guide-title': { font: FONT, fontSize: 12, fontWeight: 'normal' },
      },
    },
  };
  const view = new vega.View(vega.parse(spec), { renderer: 'none' });
  const svg = await view.toSVG();
  view.finalize();
  return svg;
}

/** At the door: vega would draw a wrong picture in silence. */
function check({ title, series }: Chart): void {
  const points = series.flatMap((one) => one.points.map((point) => ({ name: one.name, point })));
  if (points.length === 0) throw new ValueError(`plot '${title}': there are no points to draw`);
  const twice = series.find(({ name }, i) => series.findIndex((other) => other.name === name) !== i);
  if (twice) throw new ValueError(`plot '${title}': two series are called '${twice.name}'; give each its own name`);
  const bad = points.find(({ point }) => !point.every(Number.isFinite));
  if (bad) throw new ValueError(`plot '${title}': '${bad.name}' has the point (${bad.point.join(', ')}); leave out what is no finite number`); // prettier-ignore
}

function panel({
  title,
  x,
  y,
  series,
  rules = [],
  size: { width, height } = { width: 340, height: 240 },
}: Chart): Mark {
  const names = series.map(({ name }) => name);
  const rows = series.flatMap(({ name, points, as = 'line' }) => {
    const line = as === 'line';
    return points.map(([px, py]) => ({ name, x: px, y: py, line, dot: !line || points.length <= MOST_DOTS }));
  });
  const whole = rows.every((row) => Number.isInteger(row.x));
  const dashes = series.map(({ dashed = false }) => (dashed ? [6, 4] : [1, 0]));
  const scales: Scale[] = [
    { name: 'x', type: 'linear', domain: { data: 'rows', field: 'x' }, range: [0, width], zero: false },
    { name: 'y', type: 'linear', domain: { data: 'rows', field: 'y' }, range: [height, 0], zero: false, nice: TICKS },
    { name: 'color', type: 'ordinal', domain: names, range: COLORS },
    { name: 'dash', type: 'ordinal', domain: names, range: dashes },
    {
      name: 'shape',
      type: 'ordinal',
      domain: names,
      range: series.map(({ as }) => (as === 'points' ? DOT : 'stroke')),
    },
  ];
  const axes: Axis[] = [
    { scale: 'x', orient: 'bottom', title: x.label, tickCount: 8, ...(whole && { tickMinStep: 1, format: 'd' }) },
    {
      scale: 'y',
      orient: 'left',
      title: y.label,
      tickCount: TICKS,
      grid: true,
      domain: false,
      ticks: false,
      labelPadding: 8,
    },
  ];
  const longest = Math.max(...names.map((name) => name.length));
  const legend: Legend = {
    stroke: 'color',
    strokeDash: 'dash',
    shape: 'shape',
    orient: 'bottom',
    direction: 'horizontal',
    columns: Math.max(1, Math.floor(width / (longest * 7.5 + 45))), // as many as fit below the diagram
    symbolStrokeWidth: 2,
    symbolSize: 500,
  };
  const signals: Signal[] = [
    { name: 'width', value: width }, // how long the grid's lines are
    { name: 'height', value: height },
  ];
  const at = { x: { scale: 'x', field: 'x' }, y: { scale: 'y', field: 'y' } };
  const color = { scale: 'color', field: 'name' };
  const ink = { fill: { value: INK }, font: { value: FONT } };
  const heading = {
    text: { value: title },
    y: { value: -22 },
    fontSize: { value: 15 },
    fontWeight: { value: 'bold' as const },
  };
  return {
    type: 'group',
    signals,
    encode: { update: { width: { value: width }, height: { value: height } } },
    data: [
      { name: 'rows', values: rows },
      { name: 'rules', values: rules.map((rule) => ({ ...rule })) },
    ],
    scales,
    axes,
    legends: [legend],
    marks: [
      // no title of vega's: its height depends on the labels below it, and panels would not align
      { type: 'text', encode: { update: { ...heading, ...ink } } },
      {
        type: 'rule',
        from: { data: 'rules' },
        encode: { update: { x: at.x, y: { value: 0 }, y2: { value: height }, stroke: { value: INK }, strokeDash: { value: [3, 3] } } }, // prettier-ignore
      },
      {
        type: 'text',
        from: { data: 'rules' },
        encode: {
          update: {
            x: { ...at.x, offset: 5 },
            y: { value: 10 },
            text: { field: 'label' },
            fontSize: { value: 11 },
            ...ink,
          },
        },
      },
      {
        type: 'group',
        from: { facet: { name: 'one', data: 'rows', groupby: 'name' } },
        data: [
          { name: 'joined', source: 'one', transform: [{ type: 'filter', expr: 'datum.line' }] },
          { name: 'dots', source: 'one', transform: [{ type: 'filter', expr: 'datum.dot' }] },
        ],
        marks: [
          {
            type: 'line',
            from: { data: 'joined' },
            encode: { update: { ...at, stroke: color, strokeWidth: { value: 2 }, strokeDash: { scale: 'dash', field: 'name' } } }, // prettier-ignore
          },
          { type: 'symbol', from: { data: 'dots' }, encode: { update: { ...at, fill: color, size: { value: 22 } } } },
        ],
      },
    ],
  };
}
