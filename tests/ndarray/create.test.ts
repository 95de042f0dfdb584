import { expect, test } from 'vitest';
import {
  arange,
  array,
  DTypeError,
  full,
  NDArray,
  ones,
  ShapeError,
  zeros,
  type ArrayLike,
} from '../../dezero/ndarray';

test('numbers and nested arrays become float64, booleans bool', () => {
  expect(array(3)).toMatchObject({ shape: [], dtype: 'float64', size: 1 });
  expect(array([[1, 2, 3], [4, 5, 6]])).toMatchObject({ shape: [2, 3], strides: [3, 1], dtype: 'float64' }); // prettier-ignore
  expect(array([true, false])).toMatchObject({ shape: [2], dtype: 'bool' });
  expect(array([true, 2])).toMatchObject({ dtype: 'float64' });
  expect(array([[], []])).toMatchObject({ shape: [2, 0], size: 0 });
  expect(array([1.5, -2.5], { dtype: 'int32' }).toNested()).toEqual([1, -2]);
  expect(array([0, 0.5, NaN], { dtype: 'bool' }).toNested()).toEqual([0, 1, 1]);
});

test('a typed array is taken as it is, without a copy', () => {
  const values = new Float32Array([1, 2, 3, 4]);
  const x = array(values, { shape: [2, 2] });
  expect(x.dtype).toBe('float32');
  values[3] = 9;
  expect(x.toNested()).toEqual([[1, 2], [3, 9]]); // prettier-ignore
  expect(array(values, { dtype: 'float64' }).values).toEqual(new Float64Array([1, 2, 3, 9]));
  expect(array(new Uint8Array([7, 200]))).toMatchObject({ dtype: 'int32', values: Int32Array.of(7, 200) });
  expect(array(new Int32Array([7]))).toMatchObject({ dtype: 'int32' });
});

test('an array of an array shares its memory', () => {
  const x = zeros([2, 2]);
  const y = array(x, { shape: [4] });
  x.values[0] = 5;
  expect(y.toNested()).toEqual([5, 0, 0, 0]);
  expect(array(x)).toBe(x);
});

test.each<[string, ArrayLike, string]>([
  [
    'a short row',
    [[1, 2], [3]],
    'array: shapes (2, 2) do not fit: nested arrays must have equal lengths, but one at depth 1 has 1',
  ],
  ['a number among rows', [[1, 2], 3], 'array: shapes (2, 2) do not fit: numbers and arrays are mixed at one depth'],
  ['a row among numbers', [1, [2]], 'array: shapes (2,) do not fit: numbers and arrays are mixed at one depth'],
])('%s is a ShapeError that says where', (_, data, message) => {
  expect(() => array(data)).toThrow(ShapeError);
  expect(() => array(data)).toThrow(message);
});

test.each<[unknown, string]>([
  ['3', 'string'],
  [[1, '2'], 'string'],
  [null, 'null'],
  [[[1], [null]], 'null'],
  [undefined, 'undefined'],
  [{ a: 1 }, 'Object'],
  [[new Float32Array(2)], 'Float32Array'],
  [3n, 'bigint'],
])('%o is no array of numbers: the error says it got %s', (data, what) => {
  expect(() => array(data as ArrayLike)).toThrow(DTypeError);
  expect(() => array(data as ArrayLike)).toThrow(
    `array: expected numbers (or booleans), got ${what}; give a number, nested arrays, a typed array or an NDArray`,
  );
});

test('a shape that does not hold the elements is an error with both', () => {
  expect(() => array([1, 2, 3], { shape: [2, 2] })).toThrow(
    'array: shapes (3,) and (2, 2) do not fit: 3 elements cannot be laid out as the second',
  );
});

test.each([[[-1]], [[2.5]], [[NaN]], [[-1, -1]]])('an array of shape %j cannot be made', (shape) => {
  expect(() => zeros(shape)).toThrow(ShapeError);
});

test('zeros, ones, full and arange have float64 unless told otherwise', () => {
  expect(zeros([2]).values).toEqual(new Float64Array(2));
  expect(ones([2], { dtype: 'float32' }).values).toEqual(Float32Array.of(1, 1));
  expect(full([], 2.5).item()).toBe(2.5);
  expect(arange(3, { dtype: 'int32' }).values).toEqual(Int32Array.of(0, 1, 2));
  expect(zeros([0, 3])).toMatchObject({ size: 0 });
});

test('only one element can be read as a number', () => {
  expect(array([[4]]).item()).toBe(4);
  expect(() => array([1, 2]).item()).toThrow(
    'item: shapes (2,) do not fit: only an array of one element is a number; index it or sum it first',
  );
});

test('astype converts, and is the array itself where nothing changes', () => {
  const x = array([0, 1.9, -1.9]);
  expect(x.astype('float64')).toBe(x);
  expect(x.astype('int32').toNested()).toEqual([0, 1, -1]);
  expect(x.astype('bool').toNested()).toEqual([0, 1, 1]);
  expect(x.transpose().astype('float32')).toBeInstanceOf(NDArray);
});
