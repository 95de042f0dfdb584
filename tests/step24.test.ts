import { expect, test } from 'vitest';
import type { NDArray, Variable } from '../steps/step24';
import { add, array, main, mul, nd, noGrad, ShapeError, square, variable } from '../steps/step24';
import { captured } from './captured';

const elements = (x: NDArray | null) => (x ? Array.from(x.values) : null);
const table = () => variable([[1, 2, 3], [4, 5, 6]], 'x'); // prettier-ignore

test('the step prints a variable, and the gradients of steps 13 and 16 on arrays', async () => {
  const printed = (await captured(main)).join('\n');
  expect(printed, 'a variable prints its array, aligned').toContain('variable([[1 2 3]\n          [4 5 6]])');
  expect(printed).toContain('called x, of shape (2, 3), size 6, dtype float64');
  expect(printed).toContain('z = variable([13 26  1])\ndz/dx = array([4 2 0])\ndz/dy = array([ 6 10 -2])');
  expect(printed).toContain('y = variable([32  2  0  2])\ndy/dx = array([64  8  0 -8])');
  expect(printed).toMatch(/ShapeError: backward: shapes \(2, 3\) and \(3,\)/);
});

test('a variable says what it is', () => {
  const x = table();
  expect(x.name, 'the name it was given').toBe('x');
  expect(x.shape).toEqual([2, 3]);
  expect(x.size).toBe(6);
  expect(x.dtype).toBe('float64');
  expect(variable(1).name, 'without a name it has none').toBeNull();
});

test('a variable prints as its array does, every row below the first', () => {
  const aligned = 'the rows of a variable stand below each other: is every new line moved in by "variable("?';
  expect(table().toString(), aligned).toBe('variable([[1 2 3]\n          [4 5 6]])');
  expect(variable(0.5).toString()).toBe('variable(0.5)');
  expect(variable([1.5, 20]).toString()).toBe('variable([1.5  20])');
});

test('x² + y² at (2, 3) is 13, with gradients 4 and 6, in every place of an array', () => {
  const [x, y] = [variable([[2, 2], [2, 1]]), variable([[3, 3], [3, -1]])]; // prettier-ignore
  const z = add(square(x), square(y));
  z.backward();
  expect(elements(z.data)).toEqual([13, 13, 13, 2]);
  expect(elements(x.grad), 'dz/dx = 2x, element by element: the gradient of square is gy · 2x').toEqual([4, 4, 4, 2]);
  expect(elements(y.grad), 'dz/dy = 2y, element by element').toEqual([6, 6, 6, -2]);
  expect(x.grad?.shape, 'a gradient has the shape of its variable').toEqual([2, 2]);
});

test('2(x²)² at 2 is 32, with gradient 64, in every place of an array', () => {
  const x = variable([2, 1, -1]);
  const a = square(x);
  const y = add(square(a), square(a));
  y.backward();
  expect(elements(y.data)).toEqual([32, 2, 2]);
  expect(elements(x.grad), 'dy/dx = 8x³: is a finished before it passes its gradient on?').toEqual([64, 8, -8]);
  expect(a.grad, 'in between nothing is left').toBeNull();
});

test('a product passes to each factor the other one', () => {
  const [x, y] = [variable([1, 2, 3]), variable([4, 5, 6])];
  mul(x, y).backward();
  expect(elements(x.grad), 'the gradient of a factor is the other factor').toEqual([4, 5, 6]);
  expect(elements(y.grad), 'the gradient of a factor is the other factor').toEqual([1, 2, 3]);
});

test('a variable used twice adds its gradients, as arrays', () => {
  const x = variable([1, 2]);
  add(x, x).backward();
  expect(elements(x.grad), 'a variable used twice adds its gradients: does backward overwrite grad?').toEqual([2, 2]);
  x.clearGrad();
  mul(x, x).backward();
  expect(elements(x.grad), 'after clearGrad it starts anew: x · x has gradient 2x').toEqual([2, 4]);
});

test('the gradient is that of finite differences, in every element', () => {
  const numbers = [0.5, -1.5, 2, 0.1];
  const f = (x: Variable) => mul(square(x), add(x, mul(x, x)));
  const x = variable(numbers);
  f(x).backward();
  const eps = 1e-5;
  const [above, below] = [eps, -eps].map((step) => f(variable(nd.add(array(numbers), step))).data.values);
  x.grad?.values.forEach((slope, i) => {
    const measured = ((above?.[i] ?? NaN) - (below?.[i] ?? NaN)) / (2 * eps);
    expect(slope, `element ${i}: the gradient is the slope`).toBeCloseTo(measured, 6);
  });
  expect(x.grad?.size).toBe(4);
});

test('retainGrad and noGrad work as before', () => {
  const x = variable([1, 2]);
  const a = square(x);
  square(a).backward({ retainGrad: true });
  expect(elements(a.grad), 'retainGrad keeps the gradients in between').toEqual([2, 8]);
  expect(noGrad(() => square(x)).creator, 'noGrad makes no graph').toBeNull();
  expect(square(x).creator, 'after noGrad graphs are made again').not.toBeNull();
});

test('a gradient of another shape is refused', () => {
  const row = variable([10, 20, 30]);
  const y = add(table(), row);
  expect(y.shape, 'values are broadcast').toEqual([2, 3]);
  const refused = 'a gradient of another shape than its variable is refused';
  expect(() => y.backward(), refused).toThrow(ShapeError);
  expect(() => variable([[1, 2], [3]]), 'what is no table is refused').toThrow(ShapeError); // prettier-ignore
  expect(() => variable(JSON.parse('"1"') as number), 'text is refused').toThrow(/expected numbers.*type string/);
});
