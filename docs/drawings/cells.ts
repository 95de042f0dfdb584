/** Tables of numbers, drawn as cells. */
import { box, curve, text } from './svg';

/** How wide and high a cell is. */
export const CELL = 36;

/** How a table looks: the class of its cells, that of its words, and whether its lines are broken. */
export interface CellLook {
  readonly kind?: string;
  readonly words?: string;
  readonly dashed?: boolean;
}

/** Rows of cells with words in them, the first at (left, top). */
export function cells(
  left: number,
  top: number,
  rows: readonly (readonly (string | number)[])[],
  { kind = 'box', words = 'ink', dashed = false }: CellLook = {},
): string {
  const look = { rx: 0, class: kind, ...(dashed ? { 'stroke-dasharray': '3 3' } : {}) };
  const cell = (word: string | number, i: number, j: number) => {
    const [x, y] = [left + j * CELL, top + i * CELL];
    return box(x, y, CELL, CELL, look) + text(x + CELL / 2, y + CELL / 2 + 5, String(word), { class: words });
  };
  return rows.flatMap((row, i) => row.map((word, j) => cell(word, i, j))).join('');
}

/** A straight arrow. */
export function arrow(from: readonly [number, number], to: readonly [number, number], kind = 'accent'): string {
  const angle = Math.atan2(to[1] - from[1], to[0] - from[0]);
  return curve([from, to], { class: kind }) + tip(to, angle, kind);
}

/** The two strokes at an arrow's end, for one that comes in at an angle. */
export function tip([x, y]: readonly [number, number], angle: number, kind = 'accent'): string {
  const back = (turn: number) => [x - 7 * Math.cos(angle + turn), y - 7 * Math.sin(angle + turn)] as const;
  return curve([back(0.45), [x, y], back(-0.45)], { class: kind });
}
