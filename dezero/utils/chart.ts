import { ValueError } from '../ndarray';

/** A place in a diagram. @since 28 */
export type Point = readonly [x: number, y: number];

/** Points joined by a line, or points alone. @since 28 */
export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
  /** A broken line; default false. @since 28 */
  readonly dashed?: boolean;
  /** Default 'line'. @since 28 */
  readonly as?: 'line' | 'points';
}

/** One of the two axes of a diagram. @since 28 */
export interface Axis {
  readonly label: string;
  /** Equal steps for equal factors: 1, 10, 100, …; default false. @since 28 */
  readonly log?: boolean;
  /** What is shown, the rest is cut off; default: all points. Contour lines and regions fill this range. @since 28 */
  readonly range?: readonly [from: number, to: number];
}

/** Lines along which a function of the place is the same, like those of height on a map; the greyer, the higher. @since 28 */
export interface Contours {
  /** The function. @since 28 */
  readonly of: (x: number, y: number) => number;
  /** Its values on the lines; default: ten that spread the lines over the picture. @since 28 */
  readonly levels?: readonly number[];
}

/** A diagram: lines and points over contour lines or regions. @since 28 */
export interface Diagram {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series?: readonly Series[];
  /** Contour lines below the series. @since 28 */
  readonly contours?: Contours;
  /**
   * The class at each place of a grid, 0, 1, 2, …, in rows from the lowest y up and from the lowest x right, the edges
   * included. Its regions are filled below the series; class i has the colour of series i.
   * @since 28
   */
  readonly regions?: readonly (readonly number[])[];
  /** Vertical lines with a word beside them. @since 28 */
  readonly rules?: readonly { readonly x: number; readonly label: string }[];
  /** Of the area between the axes, in pixels; default 340 × 240. @since 28 */
  readonly size?: { readonly width: number; readonly height: number };
}

/** One bar. @since 28 */
export interface Bar {
  readonly name: string;
  readonly value: number;
  /** In a colour of its own, as the one that matters; default false. @since 28 */
  readonly highlight?: boolean;
}

/** Bars from left to right, one below the other, each with its name and its value to three digits. @since 28 */
export interface BarChart {
  readonly title: string;
  readonly bars: readonly Bar[];
  /** What is measured. @since 28 */
  readonly x: { readonly label: string };
  /** Of the area of the bars, in pixels; default 340 × 30 for each bar. @since 28 */
  readonly size?: { readonly width: number; readonly height: number };
}

/** What `plot` draws. @since 28 */
export type Chart = Diagram | BarChart;

/**
 * At the door: the drawing library would draw a wrong picture in silence.
 * @throws ValueError for a chart with nothing to draw, two things of one name, or what is no number.
 * @since 28
 */
export function checkChart(chart: Chart): void {
  const fail = (message: string): never => {
    throw new ValueError(`plot '${chart.title}': ${message}`);
  };
  const checkNames = (kind: string, names: readonly string[]) => {
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined) fail(`two ${kind} are called '${twice}'; give each its own name`);
  };
  if ('bars' in chart) {
    if (chart.bars.length === 0) fail('there are no bars to draw');
    checkNames('bars', chart.bars.map(({ name }) => name)); // prettier-ignore
    const bad = chart.bars.find(({ value }) => !Number.isFinite(value));
    if (bad) fail(`the bar '${bad.name}' has the value ${bad.value}; leave out what is no finite number`);
    return;
  }
  const { series = [], contours, regions } = chart;
  if (!contours && !regions && series.every(({ points }) => points.length === 0)) fail('there are no points to draw');
  checkNames('series', series.map(({ name }) => name)); // prettier-ignore
  for (const { name, points } of series) {
    const bad = points.find((point) => !point.every(Number.isFinite));
    if (bad) fail(`'${name}' has the point (${bad.join(', ')}); leave out what is no finite number`);
    const low = points.find(([x, y]) => (chart.x.log && x <= 0) || (chart.y.log && y <= 0));
    if (low) fail(`'${name}' has the point (${low.join(', ')}); a log axis has no place for 0 and below`);
  }
  for (const [name, { range, log }] of [
    ['x', chart.x],
    ['y', chart.y],
  ] as const) {
    if (range && !(range.every(Number.isFinite) && range[0] < range[1])) {
      fail(`the range of ${name} is [${range.join(', ')}]; give two finite numbers, the lower first`);
    }
    if (log && range && range[0] <= 0) fail(`the range of ${name} begins at ${range[0]}; a log axis begins above 0`);
    if ((contours || regions) && !range) fail(`contour lines and regions fill a rectangle; give ${name} a range: [from, to]`); // prettier-ignore
  }
  if (contours?.levels && !(contours.levels.length > 0 && contours.levels.every(Number.isFinite))) {
    fail(`the levels are [${contours.levels.join(', ')}]; give finite numbers, at least one`);
  }
  if (regions) checkRegions(regions, fail);
}

function checkRegions(rows: readonly (readonly number[])[], fail: (message: string) => never): void {
  const columns = rows[0]?.length ?? 0;
  if (rows.length < 2 || columns < 2)
    fail(`the grid of regions is ${rows.length} × ${columns}; it has to be 2 × 2 at least`);
  rows.forEach((row, i) => {
    if (row.length !== columns) fail(`row ${i} of the regions has ${row.length} places, row 0 has ${columns}`);
    const bad = row.find((one) => !Number.isInteger(one) || one < 0);
    if (bad !== undefined) fail(`row ${i} of the regions has ${bad}; classes are numbered 0, 1, 2, …`);
  });
}

/** The smallest and the largest of some numbers. @since 28 */
export function extent(values: readonly number[]): [low: number, high: number] {
  return values.reduce<[number, number]>(
    ([low, high], x) => [Math.min(low, x), Math.max(high, x)],
    [Infinity, -Infinity],
  );
}
