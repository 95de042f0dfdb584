import { ValueError } from '../ndarray';
import { extent, type Point } from './chart';

/** How a text plot looks. @since 28 */
export interface TextPlotOptions {
  /** Of the area between the axes, in characters; default 60. @since 28 */
  readonly width?: number;
  /** Of the area between the axes, in lines; default 10. @since 28 */
  readonly height?: number;
  /** A line above it. @since 28 */
  readonly title?: string;
}

// A braille character has 2 × 4 dots, each a bit; U+2800 is the one without dots.
const BLANK = 0x2800;
const BITS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
];

/**
 * A small plot for the terminal: numbers over their positions 0, 1, 2, …, or points, joined by a line of braille dots.
 * `console.log(textPlot(losses, { title: 'loss' }))`.
 * @throws ValueError if there is nothing to draw, what is no finite number, or no room.
 * @example
 * textPlot([0, 1, 4, 9, 16], { width: 20, height: 4 });
 * // → 16 ┤                 ⢀⠔⠊
 * //      │              ⣀⠤⠊⠁
 * //      │         ⢀⣀⠤⠒⠉
 * //    0 ┤⣀⣀⣀⠤⠤⠤⠒⠒⠉⠁
 * //      └────────────────────
 * //       0                  4
 * @since 28
 */
export function textPlot(
  data: ArrayLike<number> | readonly Point[],
  { width = 60, height = 10, title }: TextPlotOptions = {},
): string {
  for (const [name, n] of Object.entries({ width, height })) {
    if (!(Number.isInteger(n) && n >= 2))
      throw new ValueError(`textPlot: ${name} is a whole number from 2 on, not ${n}`);
  }
  const points = Array.from<number | Point, Point>(data, (one, i) => (typeof one === 'number' ? [i, one] : one));
  if (points.length === 0) throw new ValueError('textPlot: there are no points to draw');
  const bad = points.find((point) => !point.every(Number.isFinite));
  if (bad)
    throw new ValueError(`textPlot: the point (${bad.join(', ')}) has no place; leave out what is no finite number`);

  const [left, right] = extent(points.map(([x]) => x));
  const [low, high] = extent(points.map(([, y]) => y));
  const across = scale(left, right, 2 * width - 1);
  const up = scale(low, high, 4 * height - 1);
  const cells = Array.from({ length: height }, () => new Uint8Array(width));
  let [column, row]: Point = [NaN, NaN];
  for (const [x, y] of points) {
    const [toColumn, toRow] = [across(x), 4 * height - 1 - up(y)];
    const steps = Math.max(Math.abs(toColumn - column), Math.abs(toRow - row)) || 1; // NaN: the first point
    for (let step = 1; step <= steps; step++) {
      const along = (from: number, to: number) =>
        step === steps ? to : Math.round(from + ((to - from) * step) / steps);
      const [dotX, dotY] = [along(column, toColumn), along(row, toRow)];
      const line = cells[dotY >> 2];
      if (line) line[dotX >> 1]! |= BITS[dotX & 1]?.[dotY & 3] ?? 0; // !: across() ends inside the line
    }
    [column, row] = [toColumn, toRow];
  }

  const [top, bottom] = [label(high), label(low)];
  const margin = Math.max(top.length, bottom.length);
  const lines = cells.map((line, i) => {
    const name = i === 0 ? top : i === height - 1 ? bottom : '';
    const dots = Array.from(line, (bits) => (bits ? String.fromCharCode(BLANK + bits) : ' ')).join('');
    return `${name.padStart(margin)} ${name ? '┤' : '│'}${dots}`;
  });
  const [first, last] = [label(left), label(right)];
  lines.push(`${' '.repeat(margin)} └${'─'.repeat(width)}`);
  lines.push(`${' '.repeat(margin + 2)}${first}${last.padStart(Math.max(last.length + 1, width - first.length))}`);
  return [...(title ? [title] : []), ...lines].map((line) => line.trimEnd()).join('\n');
}

/** Dots from 0 to `last`; the middle if all values are the same. */
function scale(low: number, high: number, last: number): (value: number) => number {
  return (value) => Math.round(high > low ? ((value - low) / (high - low)) * last : last / 2);
}

function label(value: number): string {
  return String(Number(value.toPrecision(4)));
}
