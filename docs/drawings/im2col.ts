import { arrow, CELL, cells } from './cells';
import { element, svg, text } from './svg';

const TOP = 40;
const X = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]; // prettier-ignore
const WINDOWS = [[1, 2, 4, 5], [2, 3, 5, 6], [4, 5, 7, 8], [5, 6, 8, 9]]; // prettier-ignore
const FILTERS = [['1', '¼'], ['0', '¼'], ['0', '¼'], ['−1', '¼']] as const; // prettier-ignore
const Y = [['−4', '3'], ['−4', '4'], ['−4', '6'], ['−4', '7']] as const; // prettier-ignore

/** The windows of a picture as the rows of a matrix, times two filters as columns: one window and what becomes of it stand out. */
export function draw(): string {
  const [picture, windows, filters, y] = [16, 186, 366, 474];
  const hot = (x: number, row: number, columns: number, rows = 1) =>
    element('rect', { x, y: TOP + row * CELL, width: columns * CELL, height: rows * CELL, class: 'hot' });
  const [middle, under] = [TOP + 2 * CELL, TOP + 4 * CELL + 22];
  const soft = { class: 'soft', 'font-size': 12 };
  return svg(
    562,
    TOP + 4 * CELL + 32,
    text(picture + 1.5 * CELL, 26 + CELL / 2, 'x'),
    text(windows + 2 * CELL, 26, 'im2col(x)'),
    text(filters + CELL, 26, 'W'),
    text(y + CELL, 26, 'y'),
    cells(picture, TOP + CELL / 2, X),
    cells(windows, TOP, WINDOWS),
    cells(filters, TOP, FILTERS),
    cells(y, TOP, Y),
    hot(picture + CELL, 0.5, 2, 2),
    hot(windows, 1, 4),
    hot(y, 1, 2),
    arrow([picture + 3 * CELL + 12, middle], [windows - 12, middle], 'line'),
    text(windows + 4 * CELL + 18, middle + 5, '·'),
    text(filters + 2 * CELL + 18, middle + 5, '='),
    text(windows + 2 * CELL, under, 'a window a row', soft),
    text(filters + CELL, under, 'a filter a column', soft),
  );
}
