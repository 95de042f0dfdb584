import { expect, test } from 'vitest';
import { add, deepChain, heldBy, main, memoryOf, noGrad, square, Variable } from '../steps/step18';
import { captured } from './captured';

function forked() {
  const x = new Variable(2);
  const a = square(x);
  return { x, a, y: add(square(a), square(a)) };
}

test('backward forgets the gradients in between, and keeps that of the input', () => {
  const { x, a, y } = forked();
  y.backward();
  expect(x.grad, 'the input keeps its gradient').toBe(64);
  expect(a.grad, 'without retainGrad nothing stays in between').toBeNull();
  expect(y.grad, 'without retainGrad nothing stays in between').toBeNull();
});

test('retainGrad keeps them', () => {
  const { x, a, y } = forked();
  y.backward({ retainGrad: true });
  expect(x.grad).toBe(64);
  expect(a.grad, 'retainGrad keeps the gradients in between').toBe(16);
  expect(y.grad, 'retainGrad keeps the gradients in between').toBe(1);
});

test('a second backward adds the same gradient once more', () => {
  const { x, y } = forked();
  y.backward();
  y.backward();
  expect(x.grad, 'a second backward adds the same once more: are old gradients left in between?').toBe(128);
});

test('noGrad computes without a graph', () => {
  const { result, inner } = noGrad(() => ({ result: square(new Variable(3)), inner: square(new Variable(4)) }));
  expect(result.data, 'noGrad computes, and returns what its function returns').toBe(9);
  expect(result.creator, 'noGrad makes no links').toBeNull();
  expect(inner.creator, 'noGrad makes no links').toBeNull();
  expect(square(new Variable(3)).creator, 'after noGrad links are made again').not.toBeNull();
});

test('noGrad restores the setting, nested and after an error', () => {
  noGrad(() => {
    noGrad(() => square(new Variable(1)));
    expect(square(new Variable(1)).creator, 'noGrad restores what was: the outer one still holds').toBeNull();
  });
  expect(() =>
    noGrad(() => {
      throw new Error('on purpose');
    }),
  ).toThrow('on purpose');
  expect(square(new Variable(1)).creator, 'noGrad restores the setting even after an error').not.toBeNull();
});

// Older garbage may go while one mode is measured: then it is measured again.
test('each mode holds less memory than the one before', { retry: 3 }, () => {
  const all = memoryOf({ retainGrad: true });
  const some = memoryOf({ retainGrad: false });
  const none = heldBy(() => noGrad(() => deepChain(new Variable(1), 100_000)));
  expect(all.kept, 'retainGrad keeps a gradient for each of 100,000 results').toBe(100_000);
  expect(some.kept, 'without retainGrad nothing stays in between').toBe(0);
  expect(all.gradients, 'gradients that are kept take memory').toBeGreaterThan(3 * some.gradients);
  expect(none, 'noGrad holds no graph: are links still made?').toBeLessThan(some.graph / 5);
});

test('the step prints the memory of each mode', async () => {
  const output = (await captured(main)).join('\n');
  expect(output).toMatch(/dy\/dx = 64; in between nothing is left/);
  expect(output).toMatch(/retainGrad: true, gradients left: 100000\n +graph ~\d+\.\d MB, backward adds ~\d+\.\d MB/);
  expect(output).toMatch(/retainGrad: false, gradients left: 0\n +graph ~\d+\.\d MB, backward adds ~\d+\.\d MB/);
  expect(output).toMatch(/noGrad: ~\d+\.\d MB/);
});
