import type { Data, Mark } from 'vega';
import { ValueError } from '../ndarray';
import type { Axis, Contours, Diagram } from './chart';

const PIXELS = 2; // between two places where the function of contour lines is asked for
const LEVELS = 10;

/** A function's values on a grid, rows from the top down, with one more place beyond each edge. */
interface Grid {
  readonly width: number;
  readonly height: number;
  readonly values: readonly number[];
}

/** What lies below the series of a diagram: data and marks for vega, and a line that says what it shows. @since 28 */
export interface Surface {
  readonly data: Data[];
  readonly marks: Mark[];
  readonly caption: string;
}

/** Contour lines and regions of a diagram of this size. @throws ValueError if a function gives what is no number. @since 28 */
export function surface(
  { title, x, y, contours, regions }: Diagram,
  { width, height, ink, colors }: { width: number; height: number; ink: string; colors: readonly string[] },
): Surface {
  const data: Data[] = [];
  const marks: Mark[] = [];
  const draw = (name: string, grid: Grid, thresholds: readonly number[], look: Readonly<Record<string, unknown>>) => {
    // A grid's value stands in the middle of a unit square, and the first row and column lie beyond the edge.
    const scale = [width / (grid.width - 3), height / (grid.height - 3)];
    const translate = scale.map((unit) => -1.5 * unit);
    const transform = {
      type: 'isocontour' as const,
      field: { expr: 'datum' },
      thresholds: [...thresholds],
      scale,
      translate,
    };
    data.push({ name, values: [grid], transform: [transform as never] });
    marks.push({
      type: 'path',
      from: { data: name },
      encode: { update: Object.fromEntries(Object.entries(look).map(([key, value]) => [key, { value }])) },
      transform: [{ type: 'geopath', field: 'datum.contour' }],
    });
  };
  if (regions) {
    const rows = regions.toReversed();
    const grid = padded(rows.length, rows[0]?.length ?? 0, (row, column) => rows[row]?.[column] ?? 0);
    for (const one of new Set(regions.flat())) {
      const mask = { ...grid, values: grid.values.map((value) => (value === one ? 1 : 0)) };
      draw(`region${one}`, mask, [0.5], { fill: colors[one % colors.length], fillOpacity: 0.25 });
    }
  }
  if (!contours) return { data, marks, caption: '' };
  const grid = sample(title, contours, [x, y], [width, height]);
  const levels = (contours.levels ?? spread(grid.values)).toSorted((a, b) => a - b);
  draw('contours', grid, levels, { fill: ink, fillOpacity: 0.07, stroke: ink, strokeOpacity: 0.7, strokeWidth: 0.75 });
  return { data, marks, caption: `lines at ${levels.length > 8 ? `${levels[0]}, ${levels[1]} … ${levels.at(-1)}` : levels.join(', ')}` }; // prettier-ignore
}

/** The grid with its edges repeated once around it, so that no line is drawn along the edge itself. */
function padded(rows: number, columns: number, at: (row: number, column: number) => number): Grid {
  const [width, height] = [columns + 2, rows + 2];
  const inside = (i: number, n: number) => Math.min(Math.max(i - 1, 0), n - 1);
  const values = Array.from({ length: width * height }, (_, i) =>
    at(inside(Math.floor(i / width), rows), inside(i % width, columns)),
  );
  return { width, height, values };
}

function sample(title: string, { of }: Contours, [x, y]: [Axis, Axis], [width, height]: [number, number]): Grid {
  const [xs, ys] = [placesAlong(x, width), placesAlong(y, height).reverse()];
  const rows = ys.map((py) =>
    xs.map((px) => {
      const value = of(px, py);
      if (!Number.isFinite(value)) {
        throw new ValueError(
          `plot '${title}': at (${px}, ${py}) the function of the contour lines is ${value}; choose ranges where it is a finite number`,
        );
      }
      return value;
    }),
  );
  return padded(ys.length, xs.length, (row, column) => rows[row]?.[column] ?? 0);
}

function placesAlong({ range: [from, to] = [0, 1], log = false }: Axis, pixels: number): number[] {
  const steps = Math.max(2, Math.round(pixels / PIXELS));
  return Array.from({ length: steps + 1 }, (_, i) => {
    const t = i / steps;
    return log ? from * (to / from) ** t : from + (to - from) * t;
  });
}

/** Levels that leave equally many places between them, as numbers of two digits. */
function spread(values: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b);
  const levels = Array.from(
    { length: LEVELS },
    (_, i) => sorted[Math.floor(((i + 0.5) / LEVELS) * sorted.length)] ?? 0,
  );
  return [...new Set(levels.map((level) => Number(level.toPrecision(2))))];
}
