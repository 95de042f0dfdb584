import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { variable } from '../../dezero/core';
import { arange, array, zeros } from '../../dezero/ndarray';

const text = (x: Parameters<typeof array>[0]): string => array(x).toString();

test('console.log shows a variable with its rows under each other', () => {
  expect(inspect(variable([[1, 2, 3], [4, 5, 6]]))).toBe('variable([[1 2 3]\n          [4 5 6]])'); // prettier-ignore
  expect(inspect(variable(2))).toBe('variable(2)');
  expect(inspect(array([[1, 2], [3, 4]]))).toBe('array([[1 2]\n       [3 4]])'); // prettier-ignore
});

test('columns are as wide as their widest number', () => {
  expect(text([[1, -20], [300, 4]])).toBe('[[  1 -20]\n [300   4]]'); // prettier-ignore
});

test('blocks are parted by empty lines, as in numpy', () => {
  expect(arange(8).reshape([2, 2, 2]).toString()).toBe('[[[0 1]\n  [2 3]]\n\n [[4 5]\n  [6 7]]]');
});

test('a single number has all its digits, an element of an array eight', () => {
  expect(text(0.1 + 0.2)).toBe('0.30000000000000004');
  expect(text([0.1 + 0.2, 1 / 3])).toBe('[       0.3 0.33333333]');
  expect(text(1e-20)).toBe('1e-20');
});

test('float32 shows the digits it has', () => {
  expect(array([0.1, 16777216], { dtype: 'float32' }).toString()).toBe('[     0.1 16777216]');
  expect(array(0.1, { dtype: 'float32' }).toString()).toBe('0.1');
});

test('whole numbers, booleans, NaN and infinity', () => {
  expect(array([1, 2], { dtype: 'int32' }).toString()).toBe('[1 2]');
  expect(text([true, false])).toBe('[ true false]');
  expect(text([NaN, -Infinity])).toBe('[      NaN -Infinity]');
});

test('large arrays are abbreviated', () => {
  expect(arange(1000).toString()).not.toContain('...');
  expect(arange(1001).toString()).toBe('[   0    1    2 ...  998  999 1000]');
  const lines = zeros([100, 100]).toString().split('\n');
  expect(lines).toHaveLength(7);
  expect(lines[0]).toBe('[[0 0 0 ... 0 0 0]');
  expect(lines[3]).toBe(' ...');
  expect(zeros([4, 1000]).toString().split('\n')).toHaveLength(4);
});

test('an array without elements says its shape', () => {
  expect(zeros([0, 3]).toString()).toBe('[], shape (0, 3)');
});
