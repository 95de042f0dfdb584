import { checkCount, ValueError } from '../ndarray';

/** The factor on every learning rate at update 0, 1, 2, … @since 37 */
export type Schedule = (step: number) => number;

/**
 * Always 1.
 * @example
 * O.constant()(1000); // → 1
 * @since 37
 */
export function constant(): Schedule {
  return () => 1;
}

/**
 * Times `factor` after every `every` updates: factor^⌊step / every⌋.
 * @example
 * const schedule = O.stepDecay({ every: 10, factor: 0.5 });
 * [0, 9, 10, 20].map(schedule); // → [ 1, 1, 0.5, 0.25 ]
 * @since 37
 */
export function stepDecay({ every, factor = 0.1 }: { every: number; factor?: number }): Schedule {
  checkCount('stepDecay: every', every, 1);
  return (step) => factor ** Math.floor(step / every);
}

/**
 * Up in a straight line over `warmup` updates, then down half a cosine to `floor` at update `steps`, where it stays:
 * floor + (1 − floor) · (1 + cos(π·p)) / 2 with p from 0 to 1 (Loshchilov and Hutter, 2017). Defaults: no warm-up, floor 0.
 * @example
 * const schedule = O.cosine({ steps: 100, warmup: 10 });
 * [0, 9, 10, 55, 100].map((step) => Number(schedule(step).toFixed(2)));
 * // → [ 0.09, 0.91, 1, 0.5, 0 ]
 * @since 37
 */
export function cosine({ steps, warmup = 0, floor = 0 }: { steps: number; warmup?: number; floor?: number }): Schedule {
  checkCount('cosine: steps', steps, 1);
  if (!(warmup >= 0 && warmup < steps))
    throw new ValueError(`cosine: warmup ${warmup} must be shorter than the ${steps} steps`);
  return withWarmup(warmup, (step) => {
    const part = Math.min(1, (step - warmup) / (steps - warmup));
    return floor + ((1 - floor) * (1 + Math.cos(Math.PI * part))) / 2;
  });
}

/**
 * Any schedule, after a straight line up over the first `warmup` updates.
 * @example
 * const schedule = O.withWarmup(3, O.constant());
 * [0, 1, 2, 3].map(schedule); // → [ 0.25, 0.5, 0.75, 1 ]
 * @since 37
 */
export function withWarmup(warmup: number, schedule: Schedule): Schedule {
  return (step) => (step < warmup ? (step + 1) / (warmup + 1) : schedule(step));
}
