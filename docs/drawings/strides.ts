/** One buffer of six cells, and the two tables that shapes and strides make of it: how far a step goes, and where element (1, 2) lies. */
import { arrow, CELL, cells } from './cells';
import { box, svg, text } from './svg';

const NUMBERS = [1, 2, 3, 4, 5, 6];
const TABLES = 106; // where the tables begin
const soft = { class: 'soft', 'font-size': 12 };

/** The rows of the buffer, read row by row, with what a step along either axis passes over. */
function table(left: number, columns: number): string {
  const rows = NUMBERS.flatMap((_, i) => (i % columns === 0 ? [NUMBERS.slice(i, i + columns)] : []));
  const wide = columns * CELL;
  return [
    text(left + wide / 2, TABLES - 26, `shape (${rows.length}, ${columns}), strides (${columns}, 1)`, soft),
    cells(left, TABLES, rows),
    arrow([left + CELL / 2, TABLES - 7], [left + 1.5 * CELL, TABLES - 7]),
    text(left + 1.5 * CELL + 16, TABLES - 4, '+1', soft),
    arrow([left - 8, TABLES + CELL / 2], [left - 8, TABLES + 1.5 * CELL]),
    text(left - 24, TABLES + CELL + 4, `+${columns}`, soft),
  ].join('');
}

export function draw(): string {
  const [buffer, left, right] = [112, 80, 310];
  const chosen = (x: number, y: number) => box(x, y, CELL, CELL, { rx: 0, class: 'hot' });
  return svg(
    440,
    TABLES + 3 * CELL + 8,
    ...NUMBERS.map((_, place) => text(buffer + (place + 0.5) * CELL, 14, String(place), { ...soft, 'font-size': 11 })),
    text(buffer - 34, 26 + CELL / 2, 'buffer', soft),
    cells(buffer, 20, [NUMBERS]),
    chosen(buffer + 5 * CELL, 20),
    table(left, 3),
    chosen(left + 2 * CELL, TABLES + CELL),
    table(right, 2),
    chosen(right + CELL, TABLES + 2 * CELL),
  );
}
