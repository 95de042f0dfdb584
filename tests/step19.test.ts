import { expect, test } from 'vitest';
import { array, main, NDArray, rowMajorStrides, ShapeError } from '../steps/step19';
import { captured } from './captured';

test('the step reads one buffer as 6, as 2x3 and as 3x2', async () => {
  const printed = (await captured(main)).join('\n');
  expect(printed).toContain('shape (6,), strides (1,)\narray([1 2 3 4 5 6])');
  expect(printed).toContain('shape (2, 3), strides (3, 1)\narray([[1 2 3]\n       [4 5 6]])');
  expect(printed).toContain('shape (3, 2), strides (2, 1)\narray([[1 2]\n       [3 4]\n       [5 6]])');
  expect(printed, 'rows of different lengths are refused').toContain('ShapeError: array: shapes (2, 3)');
});

test('a stride is how many cells of the buffer one step along its axis goes', () => {
  expect(rowMajorStrides([2, 3, 4]), 'one row of a (2, 3, 4) passes over 4 cells, one table over 3 · 4').toEqual([
    12, 4, 1,
  ]);
  expect(rowMajorStrides([6])).toEqual([1]);
  expect(rowMajorStrides([])).toEqual([]);
});

test('elements are found through the strides', () => {
  const buffer = Float64Array.of(1, 2, 3, 4, 5, 6);
  const down = new NDArray(buffer, [2, 3], [1, 2]);
  expect(Array.from(down.values), 'element (i, j) is at i·strides[0] + j·strides[1]').toEqual([1, 3, 5, 2, 4, 6]);
});

test('arrays of the same buffer see the same numbers', () => {
  const buffer = Float64Array.of(1, 2, 3, 4, 5, 6);
  const [wide, tall] = [new NDArray(buffer, [2, 3]), new NDArray(buffer, [3, 2])];
  buffer[5] = 60;
  expect(Array.from(wide.values), 'was the buffer copied? An array only reads it').toEqual([1, 2, 3, 4, 5, 60]);
  expect(Array.from(tall.values), 'was the buffer copied? An array only reads it').toEqual([1, 2, 3, 4, 5, 60]);
});

test('nested arrays become a buffer, row by row, and a shape', () => {
  const x = array([[[1], [2], [3]], [[4], [5], [6]]]); // prettier-ignore
  expect(x.shape, 'the shape is the lengths, from the outside inwards').toEqual([2, 3, 1]);
  expect(Array.from(x.buffer)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(x.size, 'the size is all sizes multiplied').toBe(6);
  expect(x.dtype).toBe('float64');
  expect(array(7).shape, 'a number alone has no axes').toEqual([]);
  expect(array(x), 'an array stays as it is').toBe(x);
});

test('an array prints in brackets and columns', () => {
  const columns = 'numbers of different lengths still stand in columns';
  expect(array([[1, 20], [-300, 4]]).toString(), columns).toBe('[[   1   20]\n [-300    4]]'); // prettier-ignore
  const tables = array([[[1, 2], [3, 4]], [[5, 6], [7, 8]]]); // prettier-ignore
  expect(tables.toString(), 'tables are set apart by an empty line').toBe('[[[1 2]\n  [3 4]]\n\n [[5 6]\n  [7 8]]]');
  expect(array([0.1 + 0.2]).toString(), 'eight digits are enough in a table').toBe('[0.3]');
  expect(array(Math.SQRT1_2).toString(), 'a number alone is printed whole').toBe('0.7071067811865476');
  expect(array([]).toString()).toBe('[]');
});

test('what is no table of numbers is refused, and the message says why', () => {
  const ragged = 'rows of different lengths are refused: is every length compared with the shape?';
  expect(() => array([[1, 2, 3], [4, 5]]), ragged).toThrow(ShapeError); // prettier-ignore
  expect(() => array([[1, 2], 3]), ragged).toThrow(ShapeError);
  expect(() => array([1, [2]]), ragged).toThrow(ShapeError);
  expect(() => array(JSON.parse('["1", "2"]') as number[]), 'text is refused').toThrow(/expected numbers.*type string/);
});
