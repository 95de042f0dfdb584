/** The slope of a curve at x from one side, from both, and as it is: the chain of step 4 around 0.5, with an eps large enough to see. */
import { curve, element, svg, text } from './svg';

const X = 0.5;
const EPS = 0.3;
const AXIS = 280;

const f = (x: number) => Math.exp(2 * x ** 2);

type Point = readonly [number, number];

/** Where a point of the curve's plane lies in the drawing. */
const at = (x: number, y: number): Point => [50 + (x - 0.05) * 390, 270 - (y - 0.2) * 62];

/** A straight line of this slope through the point of the curve at `through`. */
function straight(
  through: number,
  slope: number,
  from: number,
  to: number,
  look: Readonly<Record<string, string>>,
): string {
  const point = (x: number) => at(x, f(through) + slope * (x - through));
  return curve([point(from), point(to)], { 'stroke-width': 2, ...look });
}

/** A point of the curve, its foot on the axis, and what it is called. */
function foot(x: number, name: string): string {
  const [across, down] = at(x, f(x));
  return [
    curve([[across, down], [across, AXIS]], { 'stroke-dasharray': '2 4' }),
    element('circle', { class: 'ink', cx: across, cy: down, r: 4 }),
    text(across, AXIS + 20, name),
  ].join(''); // prettier-ignore
}

function label(y: number, words: string, slope: number): string {
  const [across, down] = at(0.89, y);
  return text(across, down, `${words}: ${slope.toFixed(1)}`, { 'text-anchor': 'start' });
}

export function draw(): string {
  const points = Array.from({ length: 61 }, (_, i) => 0.08 + (i / 60) * 0.76).map((x) => at(x, f(x)));
  const exact = 4 * X * f(X);
  const oneSide = (f(X + EPS) - f(X)) / EPS;
  const bothSides = (f(X + EPS) - f(X - EPS)) / (2 * EPS);
  return svg(
    510,
    310,
    curve([[30, AXIS], [400, AXIS]]),
    curve(points, { 'stroke-width': 3, opacity: 0.6 }),
    straight(X, oneSide, 0.3, 0.87, { class: 'back' }),
    straight(X - EPS, bothSides, 0.1, 0.87, { class: 'accent' }),
    straight(X, exact, 0.16, 0.87, { 'stroke-dasharray': '6 4' }),
    foot(X - EPS, 'x − eps'),
    foot(X, 'x'),
    foot(X + EPS, 'x + eps'),
    label(4.15, 'one side', oneSide),
    label(3.7, 'both sides', bothSides),
    label(2.8, 'the slope', exact),
  ); // prettier-ignore
}
