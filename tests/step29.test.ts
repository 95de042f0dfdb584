import { existsSync } from 'node:fs';
import { expr, ShapeError, variable, type Variable } from 'dezero';
import * as F from 'dezero/functions';
import { beforeAll, expect, test } from 'vitest';
import { goldsteinPrice, goldsteinPriceExpr, main, matyas, sphere, type Surface } from '../steps/step29';
import { captured } from './captured';

let lines: string[];
beforeAll(async () => {
  lines = await captured(main);
});

/** Value and gradients of a surface. */
function at(surface: Surface, a: number, b: number): (number | undefined)[] {
  const [x, y] = [variable(a), variable(b)];
  const z = surface(x, y);
  z.backward();
  return [z, x.grad, y.grad].map((v) => v?.item());
}

test.each<[string, (a: Variable, b: Variable, c: Variable) => Variable]>([
  ['methods', (a, b, c) => a.mul(b).add(c)],
  ['expr', (a, b, c) => expr`${a} * ${b} + ${c}`],
])('a·b + c by %s: 7 at (3, 2, 1), and its gradients', (_, formula) => {
  const [a, b, c] = [variable(3), variable(2), variable(1)];
  const y = formula(a, b, c);
  y.backward();
  expect(y.item(), 'a·b + c is 7 at (3, 2, 1): do the methods call Mul and Add?').toBe(7);
  expect([a, b, c].map((v) => v.grad?.item()), 'the gradients of a·b + c are b, a and 1: does Mul give each the other?').toEqual([2, 3, 1]); // prettier-ignore
});

test('Sphere, Matyas and Goldstein–Price have the gradients of the book at (1, 1)', () => {
  expect(at(sphere, 1, 1), 'Sphere: the gradient of x² is 2x: does Pow lower the exponent by one?').toEqual([2, 2, 2]);
  for (const value of at(matyas, 1, 1)) {
    expect(value, 'Matyas: value and gradients are 0.04: does Sub give its second operand −gy?').toBeCloseTo(0.04, 14);
  }
  const expected = [1876, -5376, 8064];
  expect(at(goldsteinPrice, 1, 1), 'Goldstein–Price by methods: is a sign or a factor wrong?').toEqual(expected);
  expect(at(goldsteinPriceExpr, 1, 1), 'Goldstein–Price by expr: is an operator bound to the wrong function?').toEqual(expected); // prettier-ignore
});

test('methods and expr agree to the last bit everywhere', () => {
  for (const [x, y] of [
    [0, -1],
    [0.3, 2],
    [-1.7, 0.25],
  ] as const) {
    expect(at(goldsteinPriceExpr, x, y), `at (${x}, ${y})`).toEqual(at(goldsteinPrice, x, y));
  }
  expect(at(goldsteinPrice, 0, -1), 'the lowest point is (0, −1): value 3, gradients 0').toEqual([3, 0, 0]);
});

test('sub, div, neg and pow know their derivatives', () => {
  const gradients = (f: Surface) => at(f, 3, 2).slice(1);
  expect(
    gradients((x, y) => x.sub(y)),
    'Sub: gradients 1 and −1',
  ).toEqual([1, -1]);
  expect(
    gradients((x, y) => x.div(y)),
    'Div: gradients 1/b and −a/b²',
  ).toEqual([0.5, -0.75]);
  expect(
    gradients((x, y) => x.neg().add(y)),
    'Neg: gradient −1',
  ).toEqual([-1, 1]);
  expect(
    gradients((x, y) => x.pow(3).add(y)),
    'Pow: the gradient of x³ is 3x²: is the exponent one lower?',
  ).toEqual([27, 1]);
});

test('a plain number may stand on either side', () => {
  const x = variable(4);
  const values = [x.add(1), F.add(1, x), x.sub(1), F.sub(1, x), x.mul(3), F.mul(3, x), x.div(2), F.div(2, x), x.pow(2)];
  expect(values.map((v) => v.item()), 'the order counts: sub(1, x) is 1 − x, div(2, x) is 2 / x').toEqual([5, 5, 3, -3, 12, 12, 2, 0.5, 16]); // prettier-ignore
  F.sub(1, x).backward();
  expect(x.grad?.item(), 'the gradient of 1 − x is −1').toBe(-1);
});

test('expr reads a formula as a book does', () => {
  const x = variable(3);
  expect(expr`-${x}^2`.item(), '−x² is −(x²): powers go first').toBe(-9);
  expect(expr`1 - ${x} - 2 * ${x} / 4`.item(), 'from the left, products first').toBe(-3.5);
  expect(expr`2 * (${x} + 1)^2`.item(), 'parentheses first').toBe(32);
});

test('a formula that cannot be read says where', () => {
  const x = variable(3);
  expect(() => expr`2 * (${x} + bb)`, 'an unknown name is pointed at').toThrow(
    'bb is not known; a variable goes in as ${bb}\n  2 * (${...} + bb)\n                ^',
  );
  expect(() => expr`2 * (${x} + 1`).toThrow('parenthesis ) expected');
});

test('shapes that fit in no way are a ShapeError', () => {
  expect(() => variable([1, 2]).add(variable([1, 2, 3]))).toThrow(ShapeError);
});

test('main prints these values, and where the graph is', () => {
  const text = lines.join('\n');
  expect(text).toContain('= NaN');
  expect(lines.filter((line) => line.endsWith('= variable(7)'))).toHaveLength(3);
  expect(text).toMatch(/gradients of a and b +2, 3\n/);
  expect(text).toMatch(/Sphere +2 +gradients 2, 2\n/);
  expect(text).toMatch(/Matyas +0\.04 +gradients 0\.04, 0\.04\n/);
  expect(lines.filter((line) => /^ {2}Goldstein.* 1876 +gradients -5376, 8064$/.test(line))).toHaveLength(2);
  expect(lines).toContain('  out/step29/goldsteinPrice.svg');
  expect(existsSync('out/step29/goldsteinPrice.svg'), 'the graph is drawn').toBe(true);
});
