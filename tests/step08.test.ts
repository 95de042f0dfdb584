import { expect, test } from 'vitest';
import { backwardRecursive, composite, deepChain, main, Variable } from '../steps/step08';
import { captured } from './captured';

test('the loop gives the gradient that recursion gave', () => {
  const x = new Variable(0.5);
  const y = composite(x);
  y.grad = 1;
  y.backward();
  expect(x.grad, 'the loop goes on from each input to its creator, up to x').toBe(3.297442541400256);
});

test('recursion overflows the stack on a chain of 100,000 functions', () => {
  const y = deepChain(new Variable(0), 100_000);
  y.grad = 1;
  expect(() => backwardRecursive(y)).toThrow(RangeError);
});

test('the loop does not overflow the stack on a chain of 100,000 functions', () => {
  const x = new Variable(0);
  const y = deepChain(x, 100_000);
  y.grad = 1;
  expect(() => y.backward(), 'no stack overflow: does backward loop, or still call itself?').not.toThrow();
  expect(x.grad, 'the loop reaches the start of a long chain').toBe(1);
});

test('the step shows the overflow, then the loop', async () => {
  const lines = await captured(main);
  expect(lines.find((line) => line.includes('recursion:'))).toContain('RangeError');
  expect(
    lines.find((line) => line.includes('loop:')),
    'the loop reaches the start',
  ).toMatch(/slope 1$/);
});
