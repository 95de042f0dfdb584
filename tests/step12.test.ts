import { expect, test } from 'vitest';
import { add, Func, main, SumAndDifference, Variable } from '../steps/step12';
import { captured } from './captured';

test('add(2, 3) is 5, without lists', () => {
  expect(add(new Variable(2), new Variable(3)).data, 'add(2, 3) passes on both arguments').toBe(5);
});

test('a function with several results returns them as a list', () => {
  const outputs = new SumAndDifference().callAll(new Variable(2), new Variable(3));
  expect(
    outputs.map((y) => y.data),
    'several results, in order',
  ).toEqual([5, -1]);
  for (const y of outputs) expect(y.creator).toBeInstanceOf(SumAndDifference);
});

test('who writes a function sees plain arguments too', () => {
  class Mean extends Func {
    forward(x0: number, x1: number, x2: number): number {
      return (x0 + x1 + x2) / 3;
    }

    backward(): number[] {
      return []; // asked for from step 13 on
    }
  }
  const y = new Mean().call(new Variable(1), new Variable(2), new Variable(6));
  expect(y.data, 'plain arguments: forward(...xs) gets one number an input, and one result needs no list').toBe(3);
});

test('the step prints add(2, 3) = 5', async () => {
  expect(await captured(main)).toContain('add(2, 3) = 5');
});
