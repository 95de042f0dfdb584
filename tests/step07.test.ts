import { expect, test } from 'vitest';
import { composite, Exp, main, Square, Variable } from '../steps/step07';
import { captured } from './captured';

test('a result remembers its creator, and the creator its input', () => {
  const x = new Variable(0.5);
  const f = new Square();
  const y = f.call(x);
  expect(x.creator, 'a value from outside has no creator').toBeNull();
  expect(y.creator, 'a result remembers its creator: does call use setCreator?').toBe(f);
  expect(y.creator?.input, 'the creator remembers its input').toBe(x);
});

test('backward walks all the way back, without a hand-written order', () => {
  const x = new Variable(0.5);
  const y = composite(x);
  y.grad = 1;
  y.backward();
  expect(x.grad, 'backward walks all the way to x: does it go on from the input of each creator?').toBe(
    3.297442541400256,
  );
});

test('the graph is what was run: it may differ from call to call', () => {
  const through = (x: Variable) => (x.data < 1 ? new Exp().call(x) : new Square().call(new Square().call(x)));
  for (const [start, slope] of [
    [0, 1],
    [2, 32],
  ] as const) {
    const x = new Variable(start);
    const y = through(x);
    y.grad = 1;
    y.backward();
    expect(x.grad, `defined by running: from ${start} the slope is ${slope}`).toBe(slope);
  }
});

test('backward needs a gradient to start from, and says so', () => {
  const y = composite(new Variable(0.5));
  expect(() => y.backward(), 'without y.grad = 1 an error names it').toThrow(/grad = 1/);
});

test('the step prints 3.297442541400256', async () => {
  expect((await captured(main)).join('\n')).toMatch(/dy\/dx = 3\.297442541400256$/m);
});
