import { expect, test } from 'vitest';
import { add, main, mul, square, Variable } from '../steps/step13';
import { captured } from './captured';

test('x² + y² at (2, 3) is 13, with the gradients 4 and 6', () => {
  const x = new Variable(2);
  const y = new Variable(3);
  const z = add(square(x), square(y));
  z.backward();
  expect(z.data).toBe(13);
  expect(x.grad, 'every input gets its gradient: the first').toBe(4);
  expect(y.grad, 'every input gets its gradient: does Add return one each, and does backward go on behind both?').toBe(
    6,
  );
});

test('the gradients of a product are crossed', () => {
  const a = new Variable(2);
  const b = new Variable(3);
  mul(a, b).backward();
  expect(a.grad, 'the gradients of a product are crossed: the first is gy times the second input').toBe(3);
  expect(b.grad, 'the gradients of a product are crossed: the second is gy times the first input').toBe(2);
});

test('the gradient that arrives is passed on', () => {
  const x = new Variable(2);
  const y = new Variable(3);
  mul(square(x), square(y)).backward(); // x²y²: 2xy² and 2x²y
  expect(x.grad, 'each function multiplies by gy').toBe(36);
  expect(y.grad, 'each function multiplies by gy').toBe(24);
});

test('the step prints 13, 4 and 6', async () => {
  const output = (await captured(main)).join('\n');
  expect(output).toMatch(/at \(2, 3\): 13$/m);
  expect(output).toMatch(/dz\/dx = 4$/m);
  expect(output).toMatch(/dz\/dy = 6$/m);
});
