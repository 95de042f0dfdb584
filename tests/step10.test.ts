import { expect, test } from 'vitest';
import { checkValue, exp, gradientCheck, main, randomNumbers, runTests, square, WrongSquare } from '../steps/step10';
import { captured } from './captured';

test('an expected value is compared up to rounding', () => {
  expect(checkValue(4, 4).ok).toBe(true);
  expect(checkValue(0.1 + 0.2, 0.3).ok, 'rounding is no failure').toBe(true);
  expect(checkValue(4.001, 4).ok, 'a wrong value is found').toBe(false);
  expect(checkValue(null, 4).ok, 'a gradient that is missing is found').toBe(false);
});

test('random inputs repeat: a test that fails must fail again', () => {
  const numbers = randomNumbers(1000);
  expect(numbers, 'random inputs repeat: the same seed, the same numbers').toEqual(randomNumbers(1000));
  expect(Math.max(...numbers.map(Math.abs)), 'between −1 and 1').toBeLessThanOrEqual(1);
  expect(new Set(numbers).size, 'not all the same').toBeGreaterThan(990);
  expect(randomNumbers(3, 7), 'another seed gives others').not.toEqual(randomNumbers(3));
});

test('the gradient check passes what is right', () => {
  expect(gradientCheck(square), 'the gradient of square is right: is backward 2x · gy?').toMatchObject({ ok: true });
  expect(gradientCheck(exp), 'the gradient of exp is right').toMatchObject({ ok: true });
});

test('the gradient check finds a wrong gradient', () => {
  const { ok, detail } = gradientCheck((x) => new WrongSquare().call(x));
  expect(ok, 'the check finds a wrong gradient: are backward and the differences compared closely?').toBe(false);
  expect(detail, 'it says where').toMatch(/^at -?0\.\d+/);
});

test('the test table counts what passed', async () => {
  let passed = -1;
  const lines = await captured(() => {
    passed = runTests({ good: () => checkValue(1, 1), bad: () => checkValue(1, 2) });
  });
  expect(passed, 'one of two passed').toBe(1);
  expect(lines).toHaveLength(2);
  expect(lines.join('\n'), 'the failed one tells both values').toMatch(/FAILED {2}bad: expected 2, got 1/);
});

test('the step runs its own table: all pass but the bug made on purpose', async () => {
  const lines = await captured(main);
  const failed = lines.filter((line) => line.includes('FAILED'));
  expect(failed, 'only the bug made on purpose fails').toHaveLength(1);
  expect(failed[0]).toContain('with a bug');
  expect(lines.filter((line) => line.startsWith('  ok'))).toHaveLength(5);
});
