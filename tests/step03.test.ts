import { expect, test } from 'vitest';
import { composite, Exp, main, Square, Variable } from '../steps/step03';
import { captured } from './captured';

test('exp raises e to its input', () => {
  expect(new Exp().call(new Variable(0)).data, 'exp of 0 is 1').toBe(1);
  expect(new Exp().call(new Variable(1)).data, 'exp of 1 is e: does forward return Math.exp(x)?').toBe(Math.E);
});

test('functions chain: square, exp, square at 0.5', () => {
  const a = new Square().call(new Variable(0.5));
  const b = new Exp().call(a);
  const y = new Square().call(b);
  expect(y.data, 'what one function returns the next one takes').toBe(1.648721270700128);
});

test('a chain is a function itself', () => {
  const y = composite(new Variable(0.5));
  expect(y, 'a chain returns a Variable, as its last function does').toBeInstanceOf(Variable);
  expect(y.data, 'composite chains all three: square, exp, then square again').toBe(1.648721270700128);
});

test('the step prints 1.648721270700128', async () => {
  expect((await captured(main)).join('\n')).toContain('1.648721270700128');
});
