/** The ways of a table and of its transpose through the same six cells of a buffer: one element read after the other, from top to bottom. */
import { CELL, cells } from './cells';
import { curve, element, svg, text } from './svg';

const NUMBERS = [10, 20, 30, 40, 50, 60];
const [TOP, STEP] = [64, 24]; // STEP: from one element to the next, downwards
const WIDE = NUMBERS.length * CELL;
const BOTTOM = TOP + CELL + NUMBERS.length * STEP;

/** The buffer, and below it at which place each element of the array is found. */
function walk(left: number, name: string, layout: string, places: readonly number[], kind: string): string {
  const at = (place: number, k: number) => [left + (place + 0.5) * CELL, TOP + CELL + 14 + k * STEP] as const;
  const dots = places.map((place, k) => {
    const [cx, cy] = at(place, k);
    return element('circle', { cx, cy, r: 3.5, class: 'soft' });
  });
  return [
    text(left + WIDE / 2, 18, name),
    text(left + WIDE / 2, 36, layout, { class: 'soft', 'font-size': 12 }),
    ...NUMBERS.map((_, place) => text(at(place, 0)[0], TOP - 7, String(place), { class: 'soft', 'font-size': 11 })),
    cells(left, TOP, [NUMBERS]),
    curve(places.map(at), { class: kind, 'stroke-width': 1.5 }),
    ...dots,
  ].join('');
}

export function draw(): string {
  const right = 16 + WIDE + 56;
  return svg(
    right + WIDE + 16,
    BOTTOM + 4,
    walk(16, 'x', 'shape (2, 3), strides (3, 1)', [0, 1, 2, 3, 4, 5], 'accent'),
    walk(right, 'x.transpose()', 'shape (3, 2), strides (1, 3)', [0, 3, 1, 4, 2, 5], 'back'),
  );
}
