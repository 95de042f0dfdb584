/** sigmoid and relu, and under each its slope: what a gradient is multiplied by on its way through. */
import { Field } from './curves';
import { svg, text } from './svg';

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

const columns = [
  { name: 'sigmoid', f: sigmoid, slope: (x: number) => sigmoid(x) * (1 - sigmoid(x)), ticks: [0.25, 1] },
  { name: 'relu', f: (x: number) => Math.max(x, 0), slope: (x: number) => (x > 0 ? 1 : 0), ticks: [1] },
];

export function draw(): string {
  const drawn = columns.flatMap(({ name, f, slope, ticks }, i) => {
    const left = 30 + i * 310;
    const place = { left, width: 250, height: 100, x: { from: -4, to: 4 }, y: { from: -0.1, to: 1.6 } };
    const [upper, lower] = [new Field({ ...place, top: 30 }), new Field({ ...place, top: 170 })];
    return [
      text(left + 60, 22, name),
      upper.axes([-4, 4], [1]),
      upper.plot(f, { class: 'accent', 'stroke-width': 2.5 }),
      text(left + 60, 166, 'its slope'),
      lower.axes([-4, 4], ticks),
      lower.plot(slope, { class: 'back', 'stroke-width': 2.5 }),
    ];
  });
  return svg(620, 300, ...drawn);
}
