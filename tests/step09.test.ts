import { expect, test } from 'vitest';
import { exp, main, square, Variable } from '../steps/step09';
import { captured } from './captured';

test('functions are called plainly', () => {
  expect(square(new Variable(3)).data, 'square(x) calls a Square').toBe(9);
  expect(exp(new Variable(1)).data, 'exp(x) calls an Exp').toBe(Math.E);
});

test('each call makes a function of its own', () => {
  const [a, b] = [square(new Variable(1)), square(new Variable(2))];
  expect(a.creator, 'a function of its own for each call: a shared one would forget its first input').not.toBe(
    b.creator,
  );
});

test('backward starts from 1 by itself', () => {
  const x = new Variable(0.5);
  const y = square(exp(square(x)));
  y.backward();
  expect(y.grad, 'the seed gradient dy/dy is 1').toBe(1);
  expect(x.grad, 'the seed gradient is passed on').toBe(3.297442541400256);
});

test('a gradient that is already there is the start', () => {
  const x = new Variable(3);
  const y = square(x);
  y.grad = 10;
  y.backward();
  expect(x.grad, 'the seed gradient is only set where there is none').toBe(60);
});

test('a wrong input type is refused with a message that says what to do', () => {
  const text: unknown = '0.5';
  expect(() => new Variable(text as number), 'a text is refused: does the constructor check its input?').toThrow(
    /number.*string.*convert/,
  );
  expect(() => new Variable(null as unknown as number), 'null is refused').toThrow(TypeError);
  expect(() => square(3 as unknown as Variable), 'a bare number is refused: does call check its input?').toThrow(
    /Variable.*number.*new Variable/,
  );
});

test('the step shows a plain call and two refusals', async () => {
  const lines = await captured(main);
  expect(lines.join('\n')).toContain('3.297442541400256');
  expect(
    lines.filter((line) => line.includes('TypeError')),
    'both wrong inputs are refused',
  ).toHaveLength(2);
});
