import { existsSync, readFileSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { composite, errorsByEps, main, numericalDiff, Square, Variable } from '../steps/step04';
import { captured } from './captured';

const square = (x: Variable) => new Square().call(x);

test('the central difference finds the slope of square at 2', () => {
  const slope = numericalDiff(square, new Variable(2));
  expect(slope, 'central difference: (f(x + eps) − f(x − eps)) / (2 · eps) with eps = 1e-4').toBe(4.000000000004);
});

test('the central difference finds the slope of a chain', () => {
  const slope = numericalDiff(composite, new Variable(0.5));
  expect(slope, 'central difference of the chain: is f called on both sides of x?').toBe(3.2974426293297388);
});

test('the input keeps its value', () => {
  const x = new Variable(2);
  numericalDiff(square, x);
  expect(x.data, 'numericalDiff makes new boxes beside x and leaves x alone').toBe(2);
});

test('a smaller eps helps only until rounding takes over', () => {
  const errors = errorsByEps(new Variable(0.5));
  const near = (way: string, eps: number) =>
    errors.find((row) => row.way === way && Math.abs(row.eps / eps - 1) < 0.01)?.error ?? NaN;
  expect(near('both sides', 1e-2), 'truncation: a hundredth of eps, a ten-thousandth of the error').toBeGreaterThan(
    1000 * near('both sides', 1e-4),
  );
  expect(near('both sides', 1e-12), 'rounding: below 1e-8 the error grows again').toBeGreaterThan(
    1000 * near('both sides', 1e-5),
  );
  expect(near('one side', 1e-4), 'one side only is less exact').toBeGreaterThan(1000 * near('both sides', 1e-4));
});

test('the step prints both slopes and draws the error against eps', async () => {
  const pictures = ['out/step04/errors.svg', 'out/step04/errors.png'];
  for (const picture of pictures) rmSync(picture, { force: true });
  const output = (await captured(main)).join('\n');
  expect(output).toContain('4.000000000004');
  expect(output).toContain('3.2974426293297388');
  for (const picture of pictures) {
    expect(output, 'the step says where its pictures are').toContain(`  ${picture}`);
    expect(existsSync(picture), `${picture} was not written`).toBe(true);
  }
  expect(readFileSync('out/step04/errors.svg', 'utf8'), 'the picture tells both kinds of error').toMatch(
    /rounding.*truncation/s,
  );
});
