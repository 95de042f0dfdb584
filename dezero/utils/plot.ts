import type { Axis as VegaAxis, Legend, Mark, Scale, Signal, Spec } from 'vega';
import { ValueError } from '../ndarray';
import { checkChart, extent, type Axis, type BarChart, type Chart, type Diagram } from './chart';
import { INK, writeDrawing } from './drawing';
import { surface } from './surface';

// Mid tones: at least 3 : 1 against white and against a dark page (#1b1b1f).
const COLORS = ['#3b82d6', '#d9722f', '#2f9e73', '#b65fcf', '#a8861c', '#d64f6a', '#1796ab', '#a06a4c'];
const FONT = 'DejaVu Sans, Verdana, sans-serif';
const TICKS = 6; // rounds the range of y and divides it
const DOT = 'M-0.09,0a0.09,0.09 0 1,0 0.18,0a0.09,0.09 0 1,0 -0.18,0'; // in a legend: so small that its outline fills it
const MOST_DOTS = 30; // a longer line shows no dots, which would hide it

/**
 * Draws a chart, or several side by side, into a file, and makes its folder; returns the path:
 * `await plot({ title, x: { label }, y: { label }, series: [{ name, points }] }, { to: 'out/loss.svg' })`. An SVG has no
 * background and is read on a light page and on a dark one; a PNG is white, with two pixels for each of the chart's.
 * @throws ValueError for another ending than .svg or .png; DataError if the file cannot be written; as `plotSvg`.
 * @example
 * const points: [number, number][] = [
 *   [0, 0],
 *   [1, 1],
 *   [2, 4],
 * ];
 * const chart = {
 *   title: 'A parabola',
 *   x: { label: 'x' },
 *   y: { label: 'y' },
 *   series: [{ name: 'x²', points }],
 * };
 * await plot(chart, { to: 'out/parabola.svg' }); // → out/parabola.svg
 * @since 28
 */
export function plot(charts: Chart | readonly Chart[], { to }: { readonly to: string }): Promise<string> {
  return writeDrawing('plot', to, () => plotSvg(charts));
}

/**
 * A chart, or several side by side, as SVG text: the same input gives the same text.
 * @throws ValueError if there is nothing to draw, or what is no number.
 * @example
 * const points: [number, number][] = [
 *   [0, 0],
 *   [1, 1],
 *   [2, 4],
 * ];
 * const chart = {
 *   title: 'A parabola',
 *   x: { label: 'x' },
 *   y: { label: 'y' },
 *   series: [{ name: 'x²', points }],
 * };
 * (await plotSvg(chart)).startsWith('<svg'); // → true
 * @since 28
 */
export async function plotSvg(charts: Chart | readonly Chart[]): Promise<string> {
  const list = Array.isArray(charts) ? (charts as readonly Chart[]) : [charts as Chart];
  if (list.length === 0) throw new ValueError('plot: there are no charts to draw');
  list.forEach(checkChart);
  const vega = await import('vega'); // takes a third of a second: only who plots pays for it
  const spec: Spec = {
    $schema: 'https://vega.github.io/schema/vega/v6.json',
    padding: 12,
    layout: { columns: list.length, padding: 36, bounds: 'full', align: 'each' },
    marks: list.map((chart) => ('bars' in chart ? barPanel(chart) : panel(chart))),
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
  return withOwnIds(svg);
}

/** vega counts the ids of clips on through the whole program; here they come from the picture, so that two can share a page. */
function withOwnIds(svg: string): string {
  const found = [...new Set(Array.from(svg.matchAll(/id="(clip\d+)"/g), ([, id]) => id))];
  const order = (text: string, name: (i: number) => string) =>
    text.replace(/(?<=id="|url\(#)clip\d+/g, (id) => name(found.indexOf(id)));
  const plain = order(svg, String);
  let hash = 0;
  for (let i = 0; i < plain.length; i++) hash = (Math.imul(hash, 31) + plain.charCodeAt(i)) >>> 0;
  return order(svg, (i) => `clip${hash.toString(36)}-${i}`);
}

/** The frame of a chart: where it stands, how large it is, and its title. */
function frame({ title }: Chart, { width, height }: { width: number; height: number }, caption = '') {
  const signals: Signal[] = [
    { name: 'width', value: width }, // how long the grid's lines are
    { name: 'height', value: height },
  ];
  // no title of vega's: its height depends on the labels below it, and panels would not align
  return {
    type: 'group' as const,
    signals,
    encode: { update: { width: { value: width }, height: { value: height } } },
    headings: [
      words(title, { y: { value: -22 }, fontSize: { value: 15 }, fontWeight: { value: 'bold' } }),
      ...(caption ? [words(caption, { y: { value: -8 } })] : []),
    ],
  };
}

function words(text: string | { field: string }, look: Readonly<Record<string, unknown>>): Mark {
  const shown = typeof text === 'string' ? { value: text } : text;
  const ink = { fill: { value: INK }, font: { value: FONT }, fontSize: { value: 11 } };
  return { type: 'text', encode: { update: { ...ink, text: shown, ...look } } };
}

function panel(chart: Diagram): Mark {
  const { series = [], rules = [], size = { width: 340, height: 240 } } = chart;
  const { width, height } = size;
  const ground = surface(chart, { ...size, ink: INK, colors: COLORS });
  const { headings, ...group } = frame(chart, size, ground.caption);
  const names = series.map(({ name }) => name);
  const rows = series.flatMap(({ name, points, as = 'line' }) => {
    const line = as === 'line';
    return points.map(([x, y]) => ({ name, x, y, line, dot: !line || points.length <= MOST_DOTS }));
  });
  const dashes = series.map(({ dashed = false }) => (dashed ? [6, 4] : [1, 0]));
  const symbols = series.map(({ as }) => (as === 'points' ? DOT : 'stroke'));
  const scales: Scale[] = [
    scaleOf('x', chart.x, [0, width], false),
    scaleOf('y', chart.y, [height, 0], TICKS),
    { name: 'color', type: 'ordinal', domain: names, range: COLORS },
    { name: 'dash', type: 'ordinal', domain: names, range: dashes },
    { name: 'shape', type: 'ordinal', domain: names, range: symbols },
  ];
  const whole = !chart.x.log && !chart.x.range && rows.every(({ x }) => Number.isInteger(x));
  const axes: VegaAxis[] = [
    {
      scale: 'x',
      orient: 'bottom',
      title: chart.x.label,
      tickCount: Math.round(width / 50),
      ...(whole && { tickMinStep: 1, format: 'd' }),
      ...logTicks(chart.x, rows.map(({ x }) => x)),
    },
    {
      scale: 'y',
      orient: 'left',
      title: chart.y.label,
      tickCount: TICKS,
      grid: ground.marks.length === 0,
      domain: false,
      ticks: false,
      labelPadding: 8,
      ...logTicks(chart.y, rows.map(({ y }) => y)),
    },
  ]; // prettier-ignore
  const at = { x: { scale: 'x', field: 'x' }, y: { scale: 'y', field: 'y' } };
  const color = { scale: 'color', field: 'name' };
  const dash = { scale: 'dash', field: 'name' };
  const lines: Mark = {
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
        encode: { update: { ...at, stroke: color, strokeWidth: { value: 2 }, strokeDash: dash } },
      },
      { type: 'symbol', from: { data: 'dots' }, encode: { update: { ...at, fill: color, size: { value: 22 } } } },
    ],
  };
  return {
    ...group,
    data: [
      { name: 'rows', values: rows },
      { name: 'rules', values: rules.map((rule) => ({ ...rule })) },
      ...ground.data,
    ],
    scales,
    axes,
    legends: names.length > 0 ? [legend(names, width)] : [],
    marks: [
      ...headings,
      {
        type: 'group',
        encode: group.encode,
        clip: chart.x.range !== undefined || chart.y.range !== undefined,
        marks: [
          ...ground.marks,
          {
            type: 'rule',
            from: { data: 'rules' },
            encode: { update: { x: at.x, y: { value: 0 }, y2: { value: height }, stroke: { value: INK }, strokeDash: { value: [3, 3] } } }, // prettier-ignore
          },
          { ...words({ field: 'label' }, { x: { ...at.x, offset: 5 }, y: { value: 10 } }), from: { data: 'rules' } },
          lines,
        ],
      },
    ],
  };
}

function scaleOf(name: 'x' | 'y', { log = false, range }: Axis, pixels: [number, number], nice: number | false): Scale {
  const domain = range ? [...range] : { data: 'rows', field: name };
  const rounded = range ? false : nice;
  return log
    ? { name, type: 'log', domain, range: pixels, nice: !range }
    : { name, type: 'linear', domain, range: pixels, zero: false, nice: rounded };
}

/** Powers of ten, at most eight of them; over a short way also 2, 5, 20, 50, … */
function logTicks({ log = false, range }: Axis, places: readonly number[]): Partial<VegaAxis> {
  if (!log) return {};
  const [from, to] = range ?? extent(places);
  const [low, high] = [Math.floor(Math.log10(from)), Math.ceil(Math.log10(to))];
  const step = Math.max(1, Math.ceil((high - low) / 7));
  const powers = Array.from({ length: high - low + 1 }, (_, i) => low + i).filter((power) => power % step === 0);
  const ticks = powers.flatMap((power) =>
    (high - low > 2 ? [1] : [1, 2, 5]).map((factor) => Number(`${factor}e${power}`)),
  );
  const long = 'datum.value < 0.001 || datum.value >= 10000';
  const values = ticks.filter((tick) => (range ? tick >= from && tick <= to : tick <= 10 ** high));
  return {
    values,
    tickCount: values.length,
    encode: { labels: { update: { text: { signal: `format(datum.value, ${long} ? '.0e' : '~g')` } } } },
  };
}

function legend(names: readonly string[], width: number): Legend {
  const longest = Math.max(...names.map((name) => name.length));
  return {
    stroke: 'color',
    strokeDash: 'dash',
    shape: 'shape',
    orient: 'bottom',
    direction: 'horizontal',
    columns: Math.max(1, Math.floor(width / (longest * 7.5 + 45))), // as many as fit below the diagram
    symbolStrokeWidth: 2,
    symbolSize: 500,
  };
}

function barPanel(chart: BarChart): Mark {
  const { bars, x, size = { width: 340, height: 30 * bars.length } } = chart;
  const { headings, ...group } = frame(chart, size);
  const rows = bars.map(({ name, value, highlight = false }) => {
    const text = String(Number(value.toPrecision(3)));
    return { name, value, text, right: Math.max(0, value), color: COLORS[highlight ? 1 : 0] };
  });
  const place = { y: { scale: 'y', field: 'name' }, height: { scale: 'y', band: 1 } };
  return {
    ...group,
    data: [{ name: 'rows', values: rows }],
    scales: [
      { name: 'x', type: 'linear', domain: { data: 'rows', field: 'value' }, range: [0, size.width], zero: true, nice: true },
      { name: 'y', type: 'band', domain: bars.map(({ name }) => name), range: [0, size.height], padding: 0.25 },
    ],
    axes: [
      { scale: 'x', orient: 'bottom', title: x.label, tickCount: TICKS },
      { scale: 'y', orient: 'left', domain: false, ticks: false, labelPadding: 8 },
    ],
    marks: [
      ...headings,
      {
        type: 'rect',
        from: { data: 'rows' },
        encode: { update: { ...place, x: { scale: 'x', value: 0 }, x2: { scale: 'x', field: 'value' }, fill: { field: 'color' } } },
      },
      {
        ...words({ field: 'text' }, {
          x: { scale: 'x', field: 'right', offset: 5 },
          y: { scale: 'y', field: 'name', band: 0.5 },
          baseline: { value: 'middle' },
        }),
        from: { data: 'rows' },
      },
    ],
  }; // prettier-ignore
}
