import { expect, test } from 'vitest';
import { array, broadcastShapes, main, nd, NDArray, ShapeError } from '../steps/step21';
import { captured } from './captured';

const table = () => array([[1, 2, 3], [4, 5, 6]]); // prettier-ignore
const elements = (x: NDArray) => Array.from(x.values);

test('the step shows the rule shape by shape, and the error', async () => {
  const printed = (await captured(main)).join('\n');
  expect(printed).toContain('  (2, 3)         2   3\n  (3,)               3\n  together       2   3\n');
  expect(printed).toContain('  (2, 1)         2   1\n  (3,)               3\n  together       2   3\n');
  expect(printed).toContain('  (4, 1, 3)      4   1   3\n  (2, 1)             2   1\n  together       4   2   3\n');
  expect(printed, 'the error gives both shapes').toMatch(/ShapeError: add: shapes \(2, 3\) and \(2,\) do not fit/);
  expect(printed).toContain('array([[11 22 33]\n       [14 25 36]])');
  expect(printed).toContain('array([[110 120 130]\n       [210 220 230]])');
});

test.each<[number[], number[], number[]]>([
  [
    [2, 3],
    [2, 3],
    [2, 3],
  ],
  [[2, 3], [3], [2, 3]],
  [
    [2, 3],
    [2, 1],
    [2, 3],
  ],
  [[2, 1], [3], [2, 3]],
  [
    [4, 1, 3],
    [2, 1],
    [4, 2, 3],
  ],
  [[2, 3], [], [2, 3]],
  [[1, 1], [1], [1, 1]],
])('shapes %j and %j, aligned at the right, make %j', (a, b, together) => {
  const why = 'shapes are aligned at the right; sizes are equal, or one of them is 1';
  expect(broadcastShapes('add', a, b), why).toEqual(together);
  expect(broadcastShapes('add', b, a), 'the rule is the same the other way round').toEqual(together);
});

test.each<[number[], number[]]>([
  [[2, 3], [2]],
  [
    [2, 3],
    [3, 2],
  ],
  [[2], [3]],
])('shapes %j and %j do not fit', (a, b) => {
  const fit = () => broadcastShapes('mul', a, b);
  expect(fit, 'sizes that differ, neither of them 1, do not fit').toThrow(ShapeError);
  const shape = (list: number[]) => `(${list.join(', ')}${list.length === 1 ? ',' : ''})`;
  expect(fit, 'the error names the operation and both shapes').toThrow(`mul: shapes ${shape(a)} and ${shape(b)}`);
});

test('operations go element by element', () => {
  const [x, y] = [array([6, 8]), array([3, 2])];
  expect(elements(nd.add(x, y)), 'add').toEqual([9, 10]);
  expect(elements(nd.sub(x, y)), 'sub is left minus right').toEqual([3, 6]);
  expect(elements(nd.mul(x, y)), 'mul').toEqual([18, 16]);
  expect(elements(nd.div(x, y)), 'div is left over right').toEqual([2, 4]);
  expect(elements(nd.square(x)), 'square').toEqual([36, 64]);
  expect(elements(nd.exp(array([0, 1]))), 'exp').toEqual([1, Math.E]);
  expect(elements(x), 'an operation makes a new array and leaves x alone').toEqual([6, 8]);
});

test('rows, columns and numbers are repeated', () => {
  const x = table();
  expect(elements(nd.add(x, array([10, 20, 30]))), 'a row is added to each row').toEqual([11, 22, 33, 14, 25, 36]);
  expect(elements(nd.mul(x, array([[1], [-1]]))), 'a column meets each column').toEqual([1, 2, 3, -4, -5, -6]);
  expect(elements(nd.sub(10, x)), 'a number on the left').toEqual([9, 8, 7, 6, 5, 4]);
  expect(nd.add(array([[1], [2]]), array([10, 20, 30])).shape, 'a column and a row make a table').toEqual([2, 3]);
});

test('broadcasting repeats by a stride of 0, without a copy', () => {
  const row = array([10, 20, 30]);
  const repeated = row.broadcastTo([2, 3]);
  expect(repeated.strides, 'a repeated axis has stride 0: a step along it goes nowhere').toEqual([0, 1]);
  expect(array([[1], [2]]).broadcastTo([2, 3]).strides, 'a repeated axis has stride 0').toEqual([1, 0]);
  expect(repeated.buffer, 'broadcastTo is a view: was the buffer copied?').toBe(row.buffer);
  expect(elements(repeated)).toEqual([10, 20, 30, 10, 20, 30]);
  expect(() => table().broadcastTo([3]), 'broadcasting cannot drop an axis').toThrow(ShapeError);
  expect(() => table().broadcastTo([2, 1]), 'broadcasting cannot shrink an axis').toThrow(ShapeError);
});

test('operations read views in the order of their elements', () => {
  const down = new NDArray(Float64Array.of(1, 2, 3, 4), [2, 2], [1, 2]); // [[1 3] [2 4]]
  expect(elements(nd.add(down, array([0, 10]))), 'a view is read through its strides').toEqual([1, 13, 2, 14]);
});
