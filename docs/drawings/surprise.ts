/** The surprise −ln p at a class of probability p; on it the three scores of the step's first lines, and what knowing nothing costs. */
import { Field } from './curves';
import { curve, element, svg, text } from './svg';

const surprise = (p: number) => -Math.log(p);
const scores = [1, 2, 3];
const whole = scores.reduce((sum, score) => sum + Math.exp(score), 0);
const marks = [
  ...scores.map((score) => ({ p: Math.exp(score) / whole, says: `score ${score}` })),
  { p: 1 / 3, says: 'knowing nothing' },
];

export function draw(): string {
  const [left, top, width, height] = [50, 20, 520, 200];
  const field = new Field({ left, top, width, height, x: { from: 0, to: 1 }, y: { from: 0, to: 4 } });
  const drawn = marks.map(({ p, says }) => {
    const [x, y] = [field.across(p), field.down(surprise(p))];
    const words = `${says}: ${surprise(p).toFixed(2)}`;
    return [
      curve([[x, y], [x, field.down(0)]], { 'stroke-dasharray': '3 3' }), // prettier-ignore
      element('circle', { cx: x, cy: y, r: 4, class: 'variable' }),
      text(x + 9, y - 7, words, { 'text-anchor': 'start' }),
    ].join('');
  });
  return svg(
    left + width + 40,
    top + height + 45,
    field.axes([0, 0.5, 1], [1, 2, 3, 4]),
    field.plot(surprise, { class: 'accent', 'stroke-width': 2.5 }),
    ...drawn,
    text(left + width / 2, top + height + 38, 'p, the probability of the right class', { class: 'soft' }),
  );
}
