import { expect, test } from 'vitest';
import { Func, main, Square, Variable } from '../steps/step02';
import { captured } from './captured';

test('square(10) is 100', () => {
  const y = new Square().call(new Variable(10));
  expect(y, 'a function returns a Variable: does call put the result into a box?').toBeInstanceOf(Variable);
  expect(y.data, 'square multiplies a number by itself: does forward return x ** 2?').toBe(100);
});

test('the result is a new box and the input keeps its value', () => {
  const x = new Variable(3);
  const y = new Square().call(x);
  expect(y, 'the result is a new box: call must not refill the one it was given').not.toBe(x);
  expect(x.data, 'the input keeps its value').toBe(3);
});

test('a new function only has to say what forward computes', () => {
  class Half extends Func {
    forward(x: number): number {
      return x / 2;
    }
  }
  expect(new Half().call(new Variable(7)).data, 'call uses the forward of the subclass').toBe(3.5);
});

test('the step prints square(10) = 100', async () => {
  expect(await captured(main)).toContain('square(10) = 100');
});
