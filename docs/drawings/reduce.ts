/** A table of two rows and three columns, with its sums along either axis. */
import { arrow, CELL, cells } from './cells';
import { svg, text } from './svg';

const [LEFT, TOP] = [30, 40];
const [RIGHT, BOTTOM] = [LEFT + 3 * CELL, TOP + 2 * CELL];
const WAY = 54; // from the table to its sums

export function draw(): string {
  const x = [[1, 2, 3], [4, 5, 9]]; // prettier-ignore
  const down = [0, 1, 2].map((j) => x.reduce((sum, row) => sum + (row[j] ?? 0), 0));
  const across = x.map((row) => row.reduce((sum, value) => sum + value, 0));
  const sums = { kind: 'variable', words: 'on-variable' };
  return svg(
    440,
    220,
    text(LEFT + 1.5 * CELL, TOP - 14, 'x, (2, 3)', { class: 'soft' }),
    cells(LEFT, TOP, x),
    ...down.map((_, j) => arrow([LEFT + (j + 0.5) * CELL, BOTTOM + 6], [LEFT + (j + 0.5) * CELL, BOTTOM + WAY - 6])),
    cells(LEFT, BOTTOM + WAY, [down], sums),
    text(RIGHT + 14, BOTTOM + WAY + CELL / 2 + 5, 'axis 0, down: (3,)', { 'text-anchor': 'start' }),
    ...across.map((_, i) => arrow([RIGHT + 6, TOP + (i + 0.5) * CELL], [RIGHT + WAY - 6, TOP + (i + 0.5) * CELL], 'back')),
    cells(RIGHT + WAY, TOP, across.map((value) => [value]), sums),
    text(RIGHT + WAY + CELL + 14, TOP + CELL + 5, 'axis 1, across: (2,)', { 'text-anchor': 'start' }),
  ); // prettier-ignore
}
