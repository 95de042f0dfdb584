import { afterAll, beforeAll, expect, test } from 'vitest';
import { Func } from '../../dezero/core';
import * as F from '../../dezero/functions';
import { gradientCheck } from '../../dezero/utils/gradientCheck';
import { cases } from './cases';

/** What has no gradient to check, and why. */
const exempt: Record<string, string> = {
  accuracy: 'a share of right answers, constant almost everywhere; its result needs no gradient',
  windowOf: 'reads options',
  oneHot: 'labels into an array',
};

const seen = new Set<unknown>();
const callAll = Reflect.get(Func.prototype, 'callAll');
beforeAll(() => {
  Func.prototype.callAll = function (this: Func, ...operands) {
    seen.add(this.constructor);
    return callAll.apply(this, operands);
  };
});
afterAll(() => {
  Func.prototype.callAll = callAll;
});

const rows = Object.entries(cases).flatMap(([name, its]) =>
  Object.entries(its).map(([when, one]) => ({ name, when, one })),
);

test.each(rows)('$name $when has the right first and second gradient', ({ one: [f, ...inputs] }) => {
  expect(gradientCheck(f, inputs, { tolerance: 1e-6 })).toMatchObject({ ok: true });
});

test('every case calls the function it is named after', () => {
  const others = rows.filter(({ name, one: [f] }) => !new RegExp(`\\b${name}\\b`).test(String(f)));
  expect(others.map(({ name, when }) => `${name} ${when}`)).toEqual([]);
});

const isClass = (value: unknown): value is new () => unknown =>
  typeof value === 'function' && value.prototype instanceof Func;

test('every exported function has its gradients checked', () => {
  const functions = Object.entries(F).filter(([, value]) => typeof value === 'function' && !isClass(value));
  const missing = functions.map(([name]) => name).filter((name) => !(name in cases) && !(name in exempt));
  expect(missing).toEqual([]);
  const gone = [...Object.keys(cases), ...Object.keys(exempt)].filter((name) => !(name in F));
  expect(gone).toEqual([]);
});

test('every exported Func has been part of a checked graph', () => {
  // A change of dtype is no change of value, so that differences see nothing; values.test.ts checks it.
  const classes = Object.entries(F).filter(([name, value]) => isClass(value) && name !== 'AsType');
  expect(classes.length).toBeGreaterThan(30);
  expect(classes.filter(([, value]) => !seen.has(value)).map(([name]) => name)).toEqual([]);
});
