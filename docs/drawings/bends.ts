/** How bent lines become a hill: a sigmoid, another that rises later, and the difference of the two. */
import { Field } from './curves';
import { svg, text } from './svg';

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const first = (x: number) => sigmoid(20 * x - 6);
const second = (x: number) => sigmoid(20 * x - 14);

const parts = [
  { f: first, says: 'sigmoid(20x − 6)', look: 'accent' },
  { f: second, says: 'sigmoid(20x − 14)', look: 'accent' },
  { f: (x: number) => first(x) - second(x), says: 'the first − the second', look: 'back' },
];

export function draw(): string {
  const drawn = parts.map(({ f, says, look }, i) => {
    const left = 30 + i * 215;
    const field = new Field({ left, top: 30, width: 170, height: 110, x: { from: 0, to: 1 }, y: { from: -0.05, to: 1.05 } });
    return field.axes([0, 1], [0, 1]) + field.plot(f, { class: look, 'stroke-width': 2.5 }) + text(left + 85, 18, says);
  }); // prettier-ignore
  return svg(650, 170, ...drawn);
}
