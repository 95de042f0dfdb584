import { constant, cosine, stepDecay, withWarmup, type Schedule } from '../../dezero/optimizers/schedules';
import { curve, svg, text } from './svg';

const STEPS = 120;
const WIDE = 150;
const HIGH = 90;

/** The package's learning-rate schedules, side by side, drawn by calling them. */
export function draw(): string {
  const all: [string, Schedule][] = [
    ['constant', constant()],
    ['stepDecay', stepDecay({ every: 45, factor: 0.5 })],
    ['withWarmup', withWarmup(20, constant())],
    ['cosine', cosine({ steps: STEPS, warmup: 20 })],
  ];
  const parts = all.flatMap(([name, schedule], i) => {
    const left = 20 + i * (WIDE + 25);
    const points = Array.from({ length: STEPS + 1 }, (_, step) => [left + (step / STEPS) * WIDE, 20 + HIGH * (1 - schedule(step))] as const); // prettier-ignore
    return [
      curve([[left, 15], [left, 20 + HIGH], [left + WIDE, 20 + HIGH]]), // prettier-ignore
      curve(points, { class: 'accent', 'stroke-width': 2 }),
      text(left + WIDE / 2, 40 + HIGH, name),
    ];
  });
  return svg(20 + all.length * (WIDE + 25), 50 + HIGH, ...parts);
}
