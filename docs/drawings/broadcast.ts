/** A row added to a table, and a column to a row: what is read again, without being there again, is drawn with broken lines. */
import { CELL, cells } from './cells';
import { svg, text } from './svg';

type Rows = readonly (readonly number[])[];
const WIDE = 3 * CELL;
const [LEFT, STEP] = [24, WIDE + 44]; // STEP: from one table to the next
const THERE = { kind: 'variable', words: 'on-variable' };
const AGAIN = { words: 'soft', dashed: true };

/** Two rows of three numbers; of a shape with an axis of size 1, only the first of them are there. */
function table(
  place: number,
  top: number,
  rows: Rows,
  [down, across]: readonly [number, number],
  shape: string,
): string {
  const left = LEFT + place * STEP;
  const cell = (value: number, i: number, j: number) =>
    cells(left + j * CELL, top + i * CELL, [[value]], i < down && j < across ? THERE : AGAIN);
  return [
    ...rows.flatMap((row, i) => row.map((value, j) => cell(value, i, j))).reverse(), // whole lines lie on broken ones
    text(left + WIDE / 2, top + 2 * CELL + 20, shape, { class: 'soft' }),
  ].join('');
}

/** One sum, from top on. */
function sum(top: number, ...tables: readonly (readonly [Rows, readonly [number, number], string])[]): string {
  const sign = (place: number, word: string) =>
    text(LEFT + place * STEP - 22, top + CELL + 6, word, { 'font-size': 17 });
  const drawn = tables.map(([rows, there, shape], place) => table(place, top, rows, there, shape));
  return [...drawn, sign(1, '+'), sign(2, '=')].join('');
}

export function draw(): string {
  const [x, row, column] = [[[1, 2, 3], [4, 5, 6]], [10, 20, 30], [100, 200]]; // prettier-ignore
  const added = (a: Rows, b: Rows) => a.map((values, i) => values.map((value, j) => value + (b[i]?.[j] ?? 0)));
  const rows = [row, row];
  const columns = column.map((value) => [value, value, value]);
  const result = (a: Rows) => [added(a, rows), [2, 3], '(2, 3)'] as const;
  return svg(
    LEFT + 3 * STEP - 20,
    260,
    sum(12, [x, [2, 3], '(2, 3)'], [rows, [1, 3], '(3,)'], result(x)),
    sum(142, [columns, [2, 1], '(2, 1)'], [rows, [1, 3], '(3,)'], result(columns)),
  );
}
