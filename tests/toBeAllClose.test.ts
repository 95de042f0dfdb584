import { expect, test } from 'vitest';
import { variable } from '../dezero/core';
import { array, zeros } from '../dezero/ndarray';

test('toBeAllClose takes variables, arrays and nested numbers', () => {
  expect(variable([[1, 2]])).toBeAllClose([[1, 2 + 1e-9]]);
  expect(array([NaN, Infinity])).toBeAllClose([NaN, Infinity]);
  expect(1).not.toBeAllClose(1.1);
  expect(1).toBeAllClose(1.1, { atol: 0.2 });
});

test('toBeAllClose names the worst element with both values', () => {
  const check = () => expect([[1, 2], [3, 4]]).toBeAllClose([[1, 2.1], [9, 4]]); // prettier-ignore
  expect(check).toThrow('2 of 4 elements are not close (rtol 1e-7, atol 1e-9); the worst is [1, 0]: 3, expected 9');
  expect(() => expect([1, NaN]).toBeAllClose([2, 3])).toThrow('the worst is [1]: NaN, expected 3');
});

test('toBeAllClose does not take one shape for another', () => {
  expect(() => expect(zeros([2, 3])).toBeAllClose(zeros([3, 2]))).toThrow('shape (2, 3) is not the expected (3, 2)');
});
