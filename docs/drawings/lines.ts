/** Which lines of memory are fetched, and which of their numbers are used, on a walk down a column and on one along a row. */
import { box, svg, text } from './svg';

const [ROWS, COLUMNS, SIDE] = [8, 8, 24];
const TOP = 40;

/** A table, each row of it a line of memory: fetched if a number in it is used. */
function table(left: number, name: string, isUsed: (i: number, j: number) => boolean): string {
  const rows = Array.from({ length: ROWS }, (_, i) => Array.from({ length: COLUMNS }, (_, j) => isUsed(i, j)));
  const used = rows.flat().filter(Boolean).length;
  const lines = rows.filter((row) => row.includes(true)).length;
  const cell = (i: number, j: number, kind: string) =>
    box(left + j * SIDE, TOP + i * SIDE, SIDE, SIDE, { rx: 0, class: kind });
  const drawn = rows.map((row, i) =>
    row.map((is, j) => cell(i, j, row.includes(true) ? 'variable' : 'box') + (is ? cell(i, j, 'hot') : '')).join(''),
  );
  const middle = left + (COLUMNS * SIDE) / 2;
  const says = `${lines} line${lines > 1 ? 's' : ''} fetched for ${used} numbers`;
  return [text(middle, TOP - 14, name), ...drawn, text(middle, TOP + ROWS * SIDE + 22, says, { class: 'soft' })].join(
    '',
  );
}

export function draw(): string {
  const column = table(20, 'down a column', (_, j) => j === 2);
  const row = table(20 + COLUMNS * SIDE + 70, 'along a row', (i) => i === 2);
  return svg(2 * (20 + COLUMNS * SIDE) + 70, TOP + ROWS * SIDE + 36, column, row);
}
