import { existsSync, readFileSync } from 'node:fs';
import { GraphError, variable, type Variable } from 'dezero';
import * as F from 'dezero/functions';
import { expect, test } from 'vitest';
import { derivatives, f, gradient, main, newton, penalty } from '../steps/step32';
import { captured } from './captured';

let running: Promise<string[]> | undefined;
/** What main prints; it runs once. */
const printed = () => (running ??= captured(main));

/** The first n derivatives of a function at a place, as numbers. */
function at(g: (x: Variable) => Variable, place: number, n: number): number[] {
  const x = variable(place);
  return derivatives(g(x), x, n).map((v) => v.item());
}

test('x⁴ − 2x² has at 2 the first derivative 24 and the second 44', () => {
  const x = variable(2);
  f(x).backward({ createGraph: true });
  const gx = x.grad;
  expect(gx?.item(), 'the first derivative is 4x³ − 4x').toBe(24);
  expect(gx?.creator, 'with createGraph the gradient has a creator: is the graph recorded during backward?').not.toBeNull(); // prettier-ignore
  x.clearGrad();
  gx?.backward();
  expect(x.grad?.item(), 'the second derivative is 12x² − 4: does backward compute with variables?').toBe(44);
});

test('without createGraph a gradient has no creator, and cannot be differentiated', () => {
  const x = variable(2);
  f(x).backward();
  expect(x.grad?.item()).toBe(24);
  expect(x.grad?.creator, 'without createGraph there is no graph of the gradient: what would it cost?').toBeNull();
  expect(() => x.grad?.backward()).toThrow(GraphError);
});

test('a second backward without clearing adds up: 24 + 44', () => {
  const x = variable(2);
  f(x).backward({ createGraph: true });
  x.grad?.backward();
  expect(x.grad?.item(), 'a second backward adds up with what is in grad, as in step 14: is grad overwritten?').toBe(
    68,
  );
});

test('a graph of the gradient is not asked for by the next backward too', () => {
  const x = variable(2);
  const gx = gradient(f(x), x);
  x.clearGrad();
  gx.backward();
  expect(x.grad?.creator, 'without createGraph there is no graph of the second gradient').toBeNull();
});

test("Newton's method finds both derivatives, and takes 7 iterations from 2 to 1, on the way of plain numbers", () => {
  const path = [2];
  for (let x = 2; path.length <= 7; path.push(x)) x -= (4 * x ** 3 - 4 * x) / (12 * x ** 2 - 4);
  const found = newton(f, 2);
  expect(found, 'the path with two derivatives from backward is the path with two derivatives by hand').toEqual(path);
  expect(found.at(-1)).toBe(1);
  expect(newton((x) => x.add(-3).pow(2), 10), 'on a parabola, one iteration: is the second derivative in use?').toEqual([10, 3]); // prettier-ignore
});

test('sin, differentiated four times, is cos, −sin, −cos and sin again', () => {
  for (const x of [-7, -1, 0, 0.5, 3]) {
    const expected = [Math.cos(x), -Math.sin(x), -Math.cos(x), Math.sin(x)];
    expect(at(F.sin, x, 4), 'a derivative of sin is off').toBeAllClose(expected, { rtol: 1e-14 });
  }
});

test('the derivatives of log are 1/x, −1/x², 2/x³, −6/x⁴', () => {
  expect(at(F.log, 2, 4)).toBeAllClose([0.5, -0.25, 0.25, -0.375]);
});

test('the derivatives of tanh begin with 1 − y² and −2y(1 − y²): is y a variable in backward, or only its number?', () => {
  const y = Math.tanh(0.5);
  const d = 1 - y * y;
  expect(at(F.tanh, 0.5, 4)).toBeAllClose([d, -2 * y * d, (6 * y * y - 2) * d, (16 * y - 24 * y ** 3) * d], {
    rtol: 1e-12,
  });
});

test('a gradient can be part of a loss: z = gx³ + y with y = x² has at 2 the gradient 100', () => {
  const x = variable(2);
  const z = penalty(x);
  expect(z.item(), 'gx = 4 and y = 4').toBe(68);
  x.clearGrad();
  z.backward();
  expect(x.grad?.item(), 'z = (2x)³ + x², so 24x² + 2x: does the way through the gradient count too?').toBe(100);
});

test('main prints these numbers', async () => {
  const lines = await printed();
  const text = lines.join('\n');
  expect(text).toMatch(/without createGraph: gx = 24, made by nobody\n/);
  expect(text).toMatch(/with createGraph: +gx = 24, made by \w+\n/);
  expect(text).toContain('x.grad is 68 = 24 + 44');
  expect(text).toMatch(/cleared before, x\.grad is +44\n/);
  expect(text).toMatch(/from 2 to 1 in 7 iterations/);
  expect(lines.at(-1)).toMatch(/gradient at 2 is 100$/);
});

test('main draws the derivatives of sin and the graphs of those of tanh, and each graph is larger', async () => {
  const lines = await printed();
  const boxes = ['tanh1', 'tanh2', 'tanh5'].map((name) => {
    expect(lines, 'where the graph is drawn').toContain(`  out/step32/${name}.svg`);
    return readFileSync(`out/step32/${name}.svg`, 'utf8').split('>Mul<').length - 1;
  });
  expect(
    boxes.toSorted((a, b) => a - b),
    'a derivative has a larger graph than the one before',
  ).toEqual(boxes);
  expect(boxes[2], 'the graph of the fifth derivative of tanh').toBeGreaterThan(30);
  expect(lines).toContain('  out/step32/sin.svg');
  expect(existsSync('out/step32/sin.svg'), 'the curves are drawn').toBe(true);
});
