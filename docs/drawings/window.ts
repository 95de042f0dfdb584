import { box, element, svg, text } from './svg';

const CELL = 26;
const INPUT = 5;
const KERNEL = 3;
const OUTPUT = INPUT - KERNEL + 1;

/** A 3×3 window goes over a 5×5 picture with stride 1: nine places, nine numbers. */
export function draw(): string {
  const [left, top] = [20, 34];
  const right = left + INPUT * CELL + 110;
  const cells = (x: number, y: number, size: number) =>
    Array.from({ length: size * size }, (_, i) => box(x + (i % size) * CELL, y + Math.floor(i / size) * CELL, CELL, CELL, { rx: 0 })); // prettier-ignore
  const down = top + ((INPUT - OUTPUT) * CELL) / 2;
  return svg(
    right + OUTPUT * CELL + 20,
    top + INPUT * CELL + 20,
    text(left + (INPUT * CELL) / 2, 20, `x, ${INPUT}×${INPUT}`),
    text(right + (OUTPUT * CELL) / 2, 20, `y, ${OUTPUT}×${OUTPUT}`),
    ...cells(left, top, INPUT),
    ...cells(right, down, OUTPUT),
    text((left + INPUT * CELL + right) / 2, top + (INPUT * CELL) / 2 + 5, '· W →', { class: 'soft' }),
    element('rect', { x: left, y: top, width: KERNEL * CELL, height: KERNEL * CELL, class: 'hot walk' }),
    element('rect', { x: right, y: down, width: CELL, height: CELL, class: 'hot walk' }),
  );
}
