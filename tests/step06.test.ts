import { expect, test } from 'vitest';
import { Exp, main, Square, Variable } from '../steps/step06';
import { captured } from './captured';

test('a variable has no gradient until it is known', () => {
  expect(new Variable(1).grad, 'grad starts as null').toBeNull();
});

test('each function knows its own slope', () => {
  const square = new Square();
  square.call(new Variable(3));
  expect(square.backward(1), 'the slope of square is 2x: does call remember the input?').toBe(6);
  const exp = new Exp();
  exp.call(new Variable(0.25));
  expect(exp.backward(1), 'the slope of exp is exp itself').toBe(Math.exp(0.25));
});

test('backward multiplies by the gradient that arrives', () => {
  const square = new Square();
  square.call(new Variable(3));
  expect(square.backward(10), 'chain rule: the slope times gy, the gradient of the output').toBe(60);
  const exp = new Exp();
  exp.call(new Variable(0));
  expect(exp.backward(10), 'chain rule: the slope times gy, the gradient of the output').toBe(10);
});

test('called by hand, from the last function to the first, backward gives the gradient of a chain', () => {
  const [A, B, C] = [new Square(), new Exp(), new Square()];
  C.call(B.call(A.call(new Variable(0.5))));
  const gradient = A.backward(B.backward(C.backward(1)));
  expect(gradient, 'the product of the three slopes').toBe(3.297442541400256);
});

test('the step prints 3.297442541400256', async () => {
  expect((await captured(main)).join('\n')).toMatch(/dy\/dx = 3\.297442541400256$/m);
});
