import { existsSync } from 'node:fs';
import { variable, type Variable } from 'dezero';
import * as F from 'dezero/functions';
import { beforeAll, expect, test } from 'vitest';
import { main, taylorSin, taylorTerms } from '../steps/step30';
import { captured } from './captured';

let lines: string[];
beforeAll(async () => {
  lines = await captured(main);
});

function differentiate(f: (x: Variable) => Variable, at: number): [number, number | undefined] {
  const x = variable(at);
  const y = f(x);
  y.backward();
  return [y.item(), x.grad?.item()];
}

/** The distance of two numbers of one size, in units of the last place of the first. */
function lastPlaces(a: number, b: number): number {
  const exponent = Math.floor(Math.log2(Math.abs(a)));
  return Math.abs(a - b) / 2 ** (exponent - 52);
}

test('sin has the derivative cos, cos has −sin', () => {
  expect(differentiate(F.sin, Math.PI / 4), 'at π/4: is sin backward gy · cos x?').toEqual([0.7071067811865475, 0.7071067811865476]); // prettier-ignore
  for (const at of [-2, 0, 0.3, 5]) {
    expect(differentiate(F.sin, at), 'the derivative of sin is cos: is sin backward gy · cos x?').toEqual([Math.sin(at), Math.cos(at)]); // prettier-ignore
    const [value, gx] = differentiate((x) => x.cos(), at);
    expect(value).toBe(Math.cos(at));
    expect(gx, 'the derivative of cos is −sin: is the sign lost?').toBeCloseTo(-Math.sin(at), 15);
  }
});

test('the series to 1e-4 has 4 terms; value and derivative are those of this polynomial', () => {
  expect(taylorTerms(variable(Math.PI / 4), 1e-4), 'the first term below the threshold is the last one').toHaveLength(
    4,
  );
  expect(
    differentiate((x) => taylorSin(x, 1e-4), Math.PI / 4),
    'x − x³/3! + x⁵/5! − x⁷/7!: do the signs of the series alternate?',
  ).toEqual([0.7071064695751781, 0.7071032148228457]);
});

test('the series to 1e-150 has 47 terms; value and derivative are right to 2 units in the last place', () => {
  expect(taylorTerms(variable(Math.PI / 4), 1e-150)).toHaveLength(47);
  const [y, gx] = differentiate((x) => taylorSin(x, 1e-150), Math.PI / 4);
  expect(lastPlaces(Math.sin(Math.PI / 4), y), 'does the series sum up to sin?').toBeLessThanOrEqual(2);
  expect(lastPlaces(Math.cos(Math.PI / 4), gx ?? NaN), 'is the derivative of the series cos?').toBeLessThanOrEqual(2);
});

test('a derivative is less exact than its value', () => {
  const [y, gx] = differentiate((x) => taylorSin(x, 1e-4), Math.PI / 4);
  expect(Math.abs((gx ?? NaN) - Math.cos(Math.PI / 4))).toBeGreaterThan(10 * Math.abs(y - Math.sin(Math.PI / 4)));
});

test('main prints these values, and where the graphs are', () => {
  const text = lines.join('\n');
  expect(text).toMatch(/F\.sin +y = 0\.7071067811865475 +gx = 0\.7071067811865476\n/);
  expect(text).toMatch(/4 terms +y = 0\.7071064695751781 +gx = 0\.7071032148228457\n/);
  expect(text).toMatch(/1e-150, 47 terms +y = 0\.70710678118654\d+ +gx = 0\.70710678118654\d+\n/);
  for (const name of ['taylor4', 'taylor47', 'sin']) {
    expect(lines).toContain(`  out/step30/${name}.svg`);
    expect(existsSync(`out/step30/${name}.svg`), 'the graph is drawn').toBe(true);
  }
});
