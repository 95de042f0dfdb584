import { expect, test } from 'vitest';
import { Add, backwardInOrder, isTopological, main, ordersOf, Square, Variable } from '../steps/step15';
import { captured } from './captured';

/** y = (x²)² + (x²)² at 2, whose slope is 8x³ = 64. */
function forked() {
  const [A, B, C, D] = [new Square(), new Square(), new Square(), new Add()];
  const x = new Variable(2);
  const a = A.call(x);
  const y = D.call(B.call(a), C.call(a));
  return { A, B, C, D, x, y };
}

test('a function comes after all that use what it made', () => {
  const { A, B, C, D } = forked();
  expect(isTopological([D, B, C, A]), 'topological: y first, then b and c, then a').toBe(true);
  expect(isTopological([D, C, B, A]), 'topological: b and c may change places').toBe(true);
  expect(isTopological([D, B, A, C]), 'not topological: A comes before C, which uses a').toBe(false);
  expect(isTopological([A, B, C, D]), 'not topological: the order of the way forward').toBe(false);
});

test('exactly the topological orders give the right gradient', () => {
  const { A, B, C, D, x, y } = forked();
  const orders = ordersOf([A, B, C, D]);
  expect(new Set(orders.map(String)).size + orders.length, 'four things have 24 orders').toBeGreaterThanOrEqual(24);
  expect(orders).toHaveLength(24);
  const right = orders.filter((order) => {
    backwardInOrder(y, order);
    return x.grad === 64;
  });
  expect(right, 'two orders are right: are gradients added, and is each run begun without old ones?').toHaveLength(2);
  for (const order of right) expect(isTopological(order), 'a right order is topological').toBe(true);
});

test('all orders are tried, each once', () => {
  expect(
    ordersOf(['a', 'b', 'c'])
      .map((order) => order.join(''))
      .sort(),
  ).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba']);
});

test('the step shows the wrong 96, then 64 for the topological orders', async () => {
  const lines = await captured(main);
  expect(
    lines.find((line) => line.includes('step 14')),
    'first the wrong answer',
  ).toContain('dy/dx = 96');
  const right = lines.filter((line) => line.includes('dy/dx = 64  '));
  expect(right).toHaveLength(2);
  for (const line of right) expect(line).toContain('topological');
});
