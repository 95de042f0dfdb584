import { expect, test } from 'vitest';
import { add, Func, main, mul, square, Variable } from '../steps/step16';
import { captured } from './captured';

test('a value from outside has generation 0, what is made of it is one later', () => {
  const x = new Variable(2);
  const a = square(x);
  const y = add(square(a), a);
  expect(x.generation, 'generation of a value from outside').toBe(0);
  expect(a.generation, 'generation of a result: one more than its creator').toBe(1);
  expect(y.creator?.generation, 'generation of a function: that of its latest input').toBe(2);
  expect(y.generation, 'generation of a result: one more than its creator').toBe(3);
});

test('2(x²)² at 2 is 32, with the gradient 64', () => {
  const x = new Variable(2);
  const a = square(x);
  const y = add(square(a), square(a));
  y.backward();
  expect(y.data).toBe(32);
  expect(x.grad, 'backward goes by generations, the highest first: step 14 gave 96').toBe(64);
});

test('ways of different length meet', () => {
  const x = new Variable(2);
  const far = square(square(x));
  square(add(far, x)).backward(); // (x⁴ + x)²: 2(x⁴ + x)(4x³ + 1)
  expect(x.grad, "by generations: a function's is that of its latest input, not of its earliest").toBe(2 * 18 * 33);

  const z = new Variable(3);
  const b = square(z);
  mul(b, add(b, z)).backward(); // z²(z² + z): 4z³ + 3z²
  expect(z.grad, 'by generations: the gradient of b is complete before it is passed on').toBe(135);
});

test('each function is visited once, however many ways lead through it', () => {
  const x = new Variable(1);
  let y = x;
  for (let i = 0; i < 16; i++) y = add(y, y);
  y.backward();
  expect(x.grad, 'each function once: is a function that was found before found again?').toBe(2 ** 16);
});

test('a function with two outputs gets both gradients at once', () => {
  class SumAndProduct extends Func {
    forward(x0: number, x1: number): number[] {
      return [x0 + x1, x0 * x1];
    }

    backward(gsum: number, gproduct: number): number[] {
      return [gsum + gproduct * this.input(1).data, gsum + gproduct * this.input(0).data];
    }
  }
  const [x0, x1] = [new Variable(2), new Variable(3)];
  const [sum, product] = new SumAndProduct().callAll(x0, x1);
  if (!sum || !product) throw new Error('callAll returns one box a result');
  add(square(sum), product).backward(); // (x0 + x1)² + x0·x1
  expect([x0.grad, x1.grad], 'both outputs are complete before their creator is asked').toEqual([13, 12]);
});

test('the step prints 32 and 64', async () => {
  const output = (await captured(main)).join('\n');
  expect(output).toMatch(/at 2: 32$/m);
  expect(output).toMatch(/dy\/dx = 64/);
});
