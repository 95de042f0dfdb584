import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { isGradEnabled, isTraining, noGrad, testMode, variable, withGrad } from '../../dezero/core';
import { dropout, square } from '../../dezero/functions';

const modes = [
  { name: 'noGrad', run: noGrad, on: isGradEnabled },
  { name: 'testMode', run: testMode, on: isTraining },
];

test.each(modes)('$name holds for the call, gives its result back, and is restored', ({ run, on }) => {
  expect(on()).toBe(true);
  expect(run(() => [on(), 7])).toEqual([false, 7]);
  expect(on()).toBe(true);
});

test.each(modes)('$name is restored after an error', async ({ run, on }) => {
  const fail = () => {
    throw new Error('inside');
  };
  expect(() => run(fail)).toThrow('inside');
  expect(on()).toBe(true);
  await expect(run(async () => wait(1).then(fail))).rejects.toThrow('inside');
  expect(on()).toBe(true);
});

test.each(modes)('$name lasts until an async function has ended', async ({ run, on }) => {
  const seen: boolean[] = [];
  const result = await run(async () => {
    await wait(1);
    seen.push(on());
    return 5;
  });
  expect([result, ...seen, on()]).toEqual([5, false, true]);
});

test.each(modes)('$name can be nested, also where async calls end in another order', async ({ run, on }) => {
  run(() => run(() => undefined));
  expect(on()).toBe(true);
  const slow = run(async () => {
    await wait(20);
    return on();
  });
  const fast = run(() => wait(1));
  await fast;
  expect(on()).toBe(false);
  expect(await slow).toBe(false);
  expect(on()).toBe(true);
});

test('withGrad(true) records inside noGrad', () => {
  const x = variable(3);
  const y = noGrad(() => withGrad(true, () => square(x)));
  y.backward();
  expect(x.grad?.item()).toBe(6);
});

test('noGrad records nothing, and what it makes is a constant', () => {
  const x = variable(3);
  const y = noGrad(() => square(x));
  expect(y).toMatchObject({ creator: null, requiresGrad: false });
});

test('testMode lets everything pass a dropout', () => {
  const x = variable([1, 2, 3]);
  expect(testMode(() => dropout(x, 0.9))).toBe(x);
});
