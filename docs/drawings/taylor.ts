/** A sine, and the sums of the first one to four terms of its series. */
import { Field } from './curves';
import { svg, text } from './svg';

const field = new Field({
  left: 40,
  top: 20,
  width: 560,
  height: 240,
  x: { from: 0, to: 7.6 },
  y: { from: -2, to: 2 },
});

export function draw(): string {
  const counts = [1, 2, 3, 4];
  return svg(
    620,
    290,
    field.axes([], [-1, 1]),
    ...counts.map((n) =>
      field.plot((x) => sum(x, n), { class: 'back', 'stroke-width': 1.5, 'stroke-dasharray': '5 4' }),
    ),
    field.plot(Math.sin, { class: 'accent', 'stroke-width': 3 }),
    ...counts.map(label),
    text(field.across(7.3), field.down(1) - 6, 'sin x'),
  );
}

/** x − x³/3! + x⁵/5! − …, n terms of it. */
function sum(x: number, n: number): number {
  let [total, term] = [0, x];
  for (let i = 0; i < n; i++) {
    total += term;
    term *= -(x * x) / ((2 * i + 2) * (2 * i + 3));
  }
  return total;
}

/** Where n terms leave the field, above or below. */
function label(n: number): string {
  let x = 0;
  while (Math.abs(sum(x, n)) <= 2) x += 0.01;
  const y = sum(x, n) > 0 ? field.down(2) - 6 : field.down(-2) + 16;
  return text(field.across(x), y, n === 1 ? '1 term' : `${n} terms`);
}
