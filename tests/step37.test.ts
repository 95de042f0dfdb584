import { expect, test } from 'vitest';
import * as O from 'dezero/optimizers';
import { main, oneStep, race, racers, Valley } from '../steps/step37';
import { captured } from './captured';

/** The rules of the papers for one number p with gradient p/10, three steps from −7: what each optimizer must do along x. */
const g = (p: number) => p / 10;
const rules: Readonly<Record<string, (p: number) => number[]>> = {
  SGD: (p) => [0, 1, 2].map(() => (p -= 0.9 * g(p))),
  MomentumSGD: (p) => {
    let v = 0;
    return [0, 1, 2].map(() => (p += v = 0.9 * v - 0.1 * g(p)));
  },
  NesterovSGD: (p) => {
    let v = 0;
    return [0, 1, 2].map(() => {
      const slope = g(p);
      v = 0.9 * v - 0.1 * slope;
      return (p += 0.9 * v - 0.1 * slope);
    });
  },
  AdaGrad: (p) => {
    let h = 0;
    return [0, 1, 2].map(() => {
      const slope = g(p);
      h += slope ** 2;
      return (p -= (1.5 * slope) / (Math.sqrt(h) + 1e-8));
    });
  },
  RMSprop: (p) => {
    let s = 0;
    return [0, 1, 2].map(() => {
      const slope = g(p);
      s = 0.9 * s + 0.1 * slope ** 2;
      return (p -= (0.3 * slope) / (Math.sqrt(s) + 1e-8));
    });
  },
  AdaDelta: (p) => {
    let [s, u] = [0, 0];
    return [0, 1, 2].map(() => {
      const slope = g(p);
      s = 0.9 * s + 0.1 * slope ** 2;
      const d = (Math.sqrt(u + 1e-3) / Math.sqrt(s + 1e-3)) * slope;
      u = 0.9 * u + 0.1 * d ** 2;
      return (p -= 3 * d);
    });
  },
};
const adam = (p: number, decay: number): number[] => {
  let [m, v] = [0, 0];
  return [1, 2, 3].map((t) => {
    const slope = g(p);
    m = 0.9 * m + 0.1 * slope;
    v = 0.999 * v + 0.001 * slope ** 2;
    return (p = p * (1 - 0.4 * decay) - (0.4 * (m / (1 - 0.9 ** t))) / (Math.sqrt(v / (1 - 0.999 ** t)) + 1e-8));
  });
};

test.each(Object.entries(racers))('%s follows its rule: three steps from (-7, 2) along x', (name, make) => {
  const expected = name === 'Adam' ? adam(-7, 0) : name === 'AdamW' ? adam(-7, 0.1) : rules[name]?.(-7);
  const { places } = race(make(), 3);
  const message = `${name} takes other steps than its rule: is each sign right, and is its memory kept from step to step?`;
  places.slice(1).forEach(([x], i) => expect(x, message).toBeCloseTo(expected?.[i] ?? NaN, 10));
});

test.each(Object.entries(racers))('%s comes down the valley', (name, make) => {
  const { heights } = race(make(), 60);
  expect(heights[0]).toBeCloseTo(6.45, 12);
  expect(heights.at(-1), `${name} does not come down`).toBeLessThan(0.05);
});

test('clipGrads keeps the direction and shortens the step; weightDecay pulls towards 0 where the ground is flat', () => {
  expect(oneStep(1000)).toBeCloseTo(-99, 10);
  expect(oneStep(1000, O.clipGrads(1)), 'clipGrads(1) lets a gradient of length 1 through').toBeCloseTo(0.9, 6);
  expect(oneStep(0)).toBe(1);
  expect(oneStep(0, O.weightDecay(0.5)), 'weightDecay adds rate · p to the gradient').toBeCloseTo(0.95, 12);
});

test('a schedule is a factor on the rate: cosine falls from 1 to 0, stepDecay in steps, a warm-up rises', () => {
  const factors = (schedule: O.Schedule, steps: readonly number[]) => steps.map(schedule);
  const half = 'cosine is 1 at the start, one half in the middle, 0 at the end';
  expect(factors(O.cosine({ steps: 10 }), [0, 5, 10])[1], half).toBeCloseTo(0.5, 12);
  expect(factors(O.cosine({ steps: 10 }), [0, 10, 20])).toEqual([1, 0, 0]);
  expect(factors(O.stepDecay({ every: 3, factor: 0.5 }), [0, 2, 3, 6])).toEqual([1, 1, 0.5, 0.25]);
  expect(factors(O.withWarmup(3, O.constant()), [0, 1, 2, 3])).toEqual([0.25, 0.5, 0.75, 1]);
  const steady = race(new O.SGD({ lr: 1.02 }), 60).heights.at(-1) ?? 0;
  const falling = race(new O.SGD({ lr: 1.02, schedule: O.cosine({ steps: 60 }) }), 60).heights.at(-1) ?? 0;
  expect(steady).toBeGreaterThan(100);
  expect(falling, 'a falling rate saves SGD: does the optimizer ask its schedule?').toBeLessThan(0.1);
});

test('an update needs gradients, and the error names the parameter', () => {
  const optimizer = new O.Adam().setup(new Valley());
  expect(() => optimizer.update()).toThrow("parameter 'place' has no gradient");
});

test('a run that ends at infinity is stopped, and the operation that made it is named', () => {
  const runaway = () => race(new O.SGD({ lr: 50 }), 200);
  expect(runaway).toThrow(/checkFinite: Square is the first to make Infinity \(element \d of 2\), of 'place'/);
});

test('the step prints the race and what it drew', async () => {
  const lines = await captured(main);
  expect(lines.filter((line) => /^ {2}\w+ +(\d\.\de[-+]\d *){3}$/.test(line))).toHaveLength(8);
  expect(lines.some((line) => line.includes('out/step37/race.svg'))).toBe(true);
});
