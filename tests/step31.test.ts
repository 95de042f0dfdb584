import { existsSync } from 'node:fs';
import { variable } from 'dezero';
import { expect, test } from 'vitest';
import {
  descend,
  gradientAt,
  heightAt,
  main,
  newton,
  rosenbrock,
  secondDerivative,
  twoValleys,
  type Place,
} from '../steps/step31';
import { captured } from './captured';

/** The same descent in plain numbers, with Rosenbrock's gradient from pencil and paper. */
function plainDescent(iterations: number, lr: number): Place[] {
  const path: Place[] = [[0, 2]];
  for (let [x0, x1] = [0, 2]; path.length <= iterations; path.push([x0, x1])) {
    const g0 = -400 * x0 * (x1 - x0 ** 2) - 2 * (1 - x0);
    const g1 = 200 * (x1 - x0 ** 2);
    [x0, x1] = [x0 - lr * g0, x1 - lr * g1];
  }
  return path;
}

/** Newton's way to the flat places of x⁴ − 2x² in plain numbers. */
function plainNewton(start: number, iterations: number): number[] {
  const path = [start];
  for (let x = start; path.length <= iterations; path.push(x)) x -= (4 * x ** 3 - 4 * x) / (12 * x ** 2 - 4);
  return path;
}

test("Rosenbrock's valley is 0 at (1, 1), and its gradient at (0, 2) is −2, 400", () => {
  expect(rosenbrock(variable(1), variable(1)).item(), '100(x1 − x0²)² + (1 − x0)²').toBe(0);
  expect(heightAt(rosenbrock, [0, 2])).toBe(401);
  expect(gradientAt(rosenbrock, [0, 2]), 'the gradient at (0, 2)').toEqual([-2, 400]);
  expect(gradientAt(rosenbrock, [1, 1]).map(Math.abs), 'at the lowest point the surface is flat').toEqual([0, 0]);
});

test('descent goes against the gradient', () => {
  const [start, next] = descend(rosenbrock, [0, 2], { lr: 0.001, iterations: 1 });
  expect(start, 'the path begins at the start').toEqual([0, 2]);
  expect(next?.[0], 'x ← x − lr · gx: a step against the gradient is a minus').toBeCloseTo(0.002, 12);
  expect(next?.[1], 'x ← x − lr · gx: a step against the gradient is a minus').toBeCloseTo(1.6, 12);
});

test('each step follows its own gradient alone: the path is that of a run in plain numbers', () => {
  const path = descend(rosenbrock, [0, 2], { lr: 0.001, iterations: 1000 });
  const plain = plainDescent(1000, 0.001);
  expect(path.length, 'the start and a place for each iteration').toBe(1001);
  path.forEach((place, i) => {
    const far = Math.hypot(...place.map((x, axis) => x - (plain[i]?.[axis] ?? NaN)));
    expect(far, `iteration ${i}: does clearGrad run before each backward, or are old gradients added?`).toBeLessThan(
      1e-9,
    );
  });
});

test("the hand-written second derivative of x⁴ − 2x² fits its slope's slope", () => {
  for (const x of [-1.5, 0.25, 2]) {
    const [low = NaN, high = NaN] = [x - 1e-5, x + 1e-5].map((at) => gradientAt(twoValleys, [at])[0]);
    expect(secondDerivative(x), 'the second derivative of x⁴ − 2x² is 12x² − 4').toBeCloseTo((high - low) / 2e-5, 4);
  }
});

test('Newton goes from 2 to 1 in 7 iterations, as in plain numbers', () => {
  const path = newton(2, 10);
  plainNewton(2, 10).forEach((x, i) => {
    expect(path[i], `Newton, iteration ${i}: x ← x − f′(x) / f″(x)`).toBeCloseTo(x, 12);
  });
  expect(path.indexOf(1), 'Newton reaches 1, to the last digit, in 7 iterations').toBe(7);
  expect(newton(0.1, 5).at(-1), 'from 0.1 the flat place is the hill at 0').toBeCloseTo(0, 12);
});

test('main prints the gradient, both ends of the path, the seven iterations, and where the pictures are', async () => {
  const lines = await captured(main);
  const text = lines.join('\n');
  expect(text).toContain('gradient at (0, 2): -2, 400');
  const ends = [1_000, 10_000].map((iterations) => plainDescent(iterations, 0.001).at(-1) ?? []);
  ends.forEach((place, i) => {
    const end = place.map((x) => x.toFixed(6)).join(', ');
    expect(text, `after ${1_000 * 10 ** i} iterations`).toMatch(
      new RegExp(` ${1_000 * 10 ** i} iterations \\(${end}\\)`),
    );
  });
  expect(text, '70 iterations of descent').toContain('within 0.001 of 1 in 70 iterations');
  const steps = lines.filter((line) => /^ {2}\d {2}\d/.test(line));
  expect(steps[0]).toBe('  0  2');
  expect(steps.at(-1)).toBe('  7  1');
  for (const file of ['rosenbrock', 'newton'].map((name) => `out/step31/${name}.svg`)) {
    expect(lines).toContain(`  ${file}`);
    expect(existsSync(file), `${file} is drawn`).toBe(true);
  }
});
