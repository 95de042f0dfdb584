import { expect, test } from 'vitest';
import { add, main, mul, Variable } from '../steps/step14';
import { captured } from './captured';

test('a variable used twice adds its gradients', () => {
  const x = new Variable(3);
  add(x, x).backward();
  expect(x.grad, 'a variable used twice adds its gradients: does backward overwrite grad?').toBe(2);
});

test('a variable used three times adds all three', () => {
  const x = new Variable(3);
  add(add(x, x), x).backward();
  expect(x.grad, 'a variable used three times adds its gradients, on ways of different length').toBe(3);
});

test('x · x has the slope 2x', () => {
  const x = new Variable(3);
  mul(x, x).backward();
  expect(x.grad, 'x · x adds the gradients of both factors').toBe(6);
});

test('clearGrad forgets the gradient of an earlier calculation', () => {
  const x = new Variable(3);
  add(x, x).backward();
  add(x, x).backward();
  expect(x.grad, 'without clearGrad the next calculation adds to what is there').toBe(4);
  x.clearGrad();
  expect(x.grad, 'clearGrad sets the gradient back to null').toBeNull();
  add(add(x, x), x).backward();
  expect(x.grad, 'after clearGrad a calculation starts anew').toBe(3);
});

test('the step shows the wrong 1, then 2 and 3', async () => {
  const lines = await captured(main);
  expect(
    lines.find((line) => line.includes('overwriting')),
    'first the wrong answer',
  ).toContain('dy/dx = 1,');
  expect(lines.find((line) => line.includes('adding'))).toMatch(/dy\/dx = 2$/);
  expect(lines.find((line) => line.includes('(x + x) + x'))).toMatch(/dy\/dx = 3$/);
});
