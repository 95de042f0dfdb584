import { expect, test } from 'vitest';
import { array, main, nd, NDArray } from '../steps/step22';
import { captured } from './captured';

const table = () => array([[1, 2, 3], [4, 5, 9]]); // prettier-ignore
const elements = (x: NDArray) => Array.from(x.values);

test('the step reduces down, across and in all', async () => {
  const printed = (await captured(main)).join('\n');
  const lines = printed.split('\n').map((line) => line.replace(/\s+/g, ' '));
  const results = ['sum of all: 24', 'mean of all: 4', 'max of all: 9'];
  for (const result of results) expect(lines).toContain(result);
  for (const down of ['[ 5 7 12]', '[2.5 3.5 6]', '[4 5 9]']) expect(lines).toContain(` axis 0, down: ${down}`);
  for (const across of ['[ 6 18]', '[2 6]', '[3 9]']) expect(lines).toContain(` axis 1, across: ${across}`);
  expect(printed, 'without keepdims the means do not fit').toContain('ShapeError: sub: shapes (2, 3) and (2,)');
  expect(printed, 'with keepdims they do').toContain('array([[-1  0  1]\n       [-2 -1  3]])');
});

test('a sum along an axis takes that axis away', () => {
  const x = table();
  const down = nd.sum(x, { axis: 0 });
  expect(elements(down), 'a sum along axis 0 goes down: one number a column').toEqual([5, 7, 12]);
  expect(down.shape, 'the reduced axis is gone').toEqual([3]);
  expect(elements(nd.sum(x, { axis: 1 })), 'a sum along axis 1 goes across: one number a row').toEqual([6, 18]);
  expect(elements(nd.sum(x, { axis: -1 })), 'axis -1 is the last').toEqual([6, 18]);
  expect(nd.sum(x).shape, 'the sum of all is a number').toEqual([]);
  expect(elements(nd.sum(x))).toEqual([24]);
});

test('keepdims leaves the reduced axis there, with size 1', () => {
  const x = table();
  const keeps = 'keepdims leaves the axis there, so that the result fits beside x again';
  expect(nd.sum(x, { axis: 1, keepdims: true }).shape, keeps).toEqual([2, 1]);
  expect(nd.mean(x, { axis: 0, keepdims: true }).shape, keeps).toEqual([1, 3]);
  expect(nd.max(x, { keepdims: true }).shape, keeps).toEqual([1, 1]);
  const spread = nd.sub(x, nd.mean(x, { axis: 1, keepdims: true }));
  expect(elements(nd.sum(spread, { axis: 1 })), 'what is left after the mean adds up to nothing').toEqual([0, 0]);
});

test('a mean divides by how many numbers went into it', () => {
  const x = table();
  expect(elements(nd.mean(x)), 'a mean of all divides by the size').toEqual([4]);
  expect(elements(nd.mean(x, { axis: 0 })), 'a mean along axis 0 divides by the number of rows').toEqual([2.5, 3.5, 6]);
  expect(elements(nd.mean(x, { axis: 1 })), 'a mean along axis 1 divides by the number of columns').toEqual([2, 6]);
});

test('the largest of negative numbers is negative', () => {
  const x = array([[-3, -1], [-2, -5]]); // prettier-ignore
  const start = 'the largest of negative numbers is negative: does max start below every number, not at 0?';
  expect(elements(nd.max(x)), start).toEqual([-1]);
  expect(elements(nd.max(x, { axis: 0 })), start).toEqual([-2, -1]);
});

test('several axes are reduced at once', () => {
  const cube = array([[[1, 2], [3, 4]], [[5, 6], [7, 8]]]); // prettier-ignore
  expect(elements(nd.sum(cube, { axis: [0, 2] })), 'axes 0 and 2 go, axis 1 stays').toEqual([14, 22]);
  expect(nd.max(cube, { axis: [0, 2], keepdims: true }).shape).toEqual([1, 2, 1]);
});

test('a view is reduced through its strides', () => {
  const down = new NDArray(Float64Array.of(1, 2, 3, 4), [2, 2], [1, 2]); // [[1 3] [2 4]]
  expect(elements(nd.sum(down, { axis: 1 }))).toEqual([4, 6]);
  const repeated = array([1, 2]).broadcastTo([3, 2]);
  expect(elements(nd.sum(repeated, { axis: 0 })), 'a row repeated three times counts three times').toEqual([3, 6]);
});

test('an axis that does not exist is refused', () => {
  expect(() => nd.sum(table(), { axis: 2 }), 'the message names axis and shape').toThrow(/sum: axis 2 .*\(2, 3\)/);
  expect(() => nd.max(table(), { axis: -3 })).toThrow(RangeError);
});
