import { expect, test } from 'vitest';
import type { NDArray } from '../../dezero/ndarray';
import { addTo, arange, array, assign, copy, full, ShapeError, ValueError, zeros } from '../../dezero/ndarray';

const counting = (...shape: number[]): NDArray => arange(shape.reduce((a, b) => a * b, 1)).reshape(shape);

test('what is written through one view is seen through the others', () => {
  const x = counting(2, 3);
  const [turned, piece, row] = [x.transpose(), x.slice([{}, { from: 1 }]), x.reshape([6]).slice({ from: 4 })];
  assign(piece, full([2, 2], 9));
  expect(x.toNested()).toEqual([[0, 9, 9], [3, 9, 9]]); // prettier-ignore
  expect(turned.toNested()).toEqual([[0, 3], [9, 9], [9, 9]]); // prettier-ignore
  expect(row.toNested()).toEqual([9, 9]);
  assign(turned, array([[1, 2], [3, 4], [5, 6]])); // prettier-ignore
  expect(x.toNested()).toEqual([[1, 3, 5], [2, 4, 6]]); // prettier-ignore
  expect(piece.storage).toBe(x.storage);
});

test('writing a view of an array into the array itself is as if it had been copied first', () => {
  const x = counting(2, 2);
  assign(x.transpose(), x);
  expect(x.toNested()).toEqual([[0, 2], [1, 3]]); // prettier-ignore
  const y = counting(4);
  assign(y.slice({ step: -1 }), y);
  expect(y.toNested()).toEqual([3, 2, 1, 0]);
});

test('reshape is a view where the memory allows it, else a copy in the right order', () => {
  const x = counting(2, 3, 4);
  expect(x.reshape([6, -1])).toMatchObject({ shape: [6, 4] });
  expect(x.reshape([6, -1]).storage).toBe(x.storage);
  const turned = x.transpose([0, 2, 1]); // (2, 4, 3)
  expect(turned.reshape([8, 3]).toNested()).toEqual(copy(turned).reshape([8, 3]).toNested());
  expect(turned.reshape([8, 3]).storage).not.toBe(x.storage);
  expect(turned.reshape([2, 2, 2, 3]).storage).toBe(x.storage); // an axis can be cut without a copy
  expect(turned.reshape([2, 2, 2, 3]).toNested()).toEqual(copy(turned).reshape([2, 2, 2, 3]).toNested());
  expect(
    x
      .slice([{}, { from: 1 }])
      .reshape([2, 8])
      .toNested(),
  ).toEqual([
    [4, 5, 6, 7, 8, 9, 10, 11],
    [16, 17, 18, 19, 20, 21, 22, 23],
  ]);
  expect(array(5).reshape([1, 1]).toNested()).toEqual([[5]]);
  expect(array(5).broadcastTo([2, 3]).reshape([6]).toNested()).toEqual([5, 5, 5, 5, 5, 5]);
  expect(zeros([0, 3]).transpose().reshape([0])).toMatchObject({ shape: [0] });
});

test.each([[[4]], [[-1, 4]], [[-1, -1]], [[-2, -3]], [[7, -1]]])('6 elements cannot be reshaped to %j', (shape) => {
  expect(() => counting(2, 3).reshape(shape)).toThrow(ShapeError);
  expect(() => counting(2, 3).reshape(shape)).toThrow(
    `reshape: shapes (2, 3) and ${shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`} do not fit: 6 elements cannot be laid out as the second`,
  );
});

test('slices take positions from both ends, steps of both signs, and are cut at the edges', () => {
  const x = counting(6);
  expect(x.slice(-1).item()).toBe(5);
  expect(x.slice({ from: -3 }).toNested()).toEqual([3, 4, 5]);
  expect(x.slice({ from: 1, to: -1, step: 2 }).toNested()).toEqual([1, 3]);
  expect(x.slice({ step: -1 }).toNested()).toEqual([5, 4, 3, 2, 1, 0]);
  expect(x.slice({ from: 4, to: 1, step: -2 }).toNested()).toEqual([4, 2]);
  expect(x.slice({ from: -10, to: 99 }).toNested()).toEqual([0, 1, 2, 3, 4, 5]);
  expect(x.slice({ from: 99, to: -99, step: -3 }).toNested()).toEqual([5, 2]);
  expect(x.slice({ from: 4, to: 2 }).shape).toEqual([0]);
  expect(x.slice({ from: 2 }).slice({ step: -2 }).slice(1).item()).toBe(3); // offsets add up
});

test('slices of several axes drop those given by a number', () => {
  const x = counting(2, 3, 4);
  expect(x.slice([1, { from: 0, to: 2 }]).shape).toEqual([2, 4]);
  expect(x.slice([1, 2, 3])).toMatchObject({ shape: [], offset: 23 });
  expect(x.slice([{}, -1, { step: -2 }]).toNested()).toEqual([[11, 9], [23, 21]]); // prettier-ignore
});

test.each([
  [6, 'slice: index 6 is out of range for axis 0 of size 6'],
  [-7, 'slice: index -7 is out of range for axis 0 of size 6'],
  [0.5, 'slice: index 0.5 is out of range for axis 0 of size 6'],
  [[0, 0], 'slice: 2 indices for an array of shape (6)'],
  [{ step: 0 }, 'slice: step must be a whole number but 0, not 0'],
  [{ from: 0.5 }, 'slice: 0.5 is not a whole number'],
])('slice(%j) is a ValueError', (index, message) => {
  expect(() => counting(6).slice(index)).toThrow(ValueError);
  expect(() => counting(6).slice(index)).toThrow(message);
});

test('transpose reverses, or puts axes in the order named', () => {
  const x = counting(2, 3, 4);
  expect(x.transpose().shape).toEqual([4, 3, 2]);
  expect(x.transpose([-1, 0, 1]).shape).toEqual([4, 2, 3]);
  expect(x.transpose([2, 0, 1]).slice([3, 1, 2]).item()).toBe(23);
  expect(() => x.transpose([0, 0, 1])).toThrow(
    'transpose: shapes (2, 3, 4) and (0, 0, 1) do not fit: the axes must name each axis of the array once',
  );
  expect(() => x.transpose([0, 1, 3])).toThrow('transpose: axis 3 does not exist in an array of 3 axes');
});

test('values are the memory itself if contiguous, else a copy', () => {
  const x = counting(2, 3);
  x.slice(1).values[0] = 42;
  expect(x.values[3]).toBe(42);
  x.transpose().values[0] = 42;
  expect(x.values[0]).toBe(0);
  expect(x.transpose().contiguous).toBe(false);
  expect(x.slice(1).contiguous).toBe(true);
});

test('broadcastTo repeats without memory, and says why it cannot', () => {
  const x = array([[1], [2]]);
  expect(x.broadcastTo([3, 2, 2])).toMatchObject({ strides: [0, 1, 0], storage: x.storage });
  expect(x.broadcastTo([2, 2]).toNested()).toEqual([[1, 1], [2, 2]]); // prettier-ignore
  expect(() => x.broadcastTo([3, 2])).toThrow(
    'broadcastTo: shapes (2, 1) and (3, 2) do not fit: an axis must have the wanted size, or size 1',
  );
  expect(() => x.broadcastTo([2])).toThrow(ShapeError);
});

test('addTo changes a sum in place, by what lies in any way', () => {
  const sum = full([2, 3], 1);
  addTo(sum, array([[1, 2], [3, 4], [5, 6]]).transpose()); // prettier-ignore
  expect(sum).toBeAllClose([[2, 4, 6], [3, 5, 7]]); // prettier-ignore
  const large = full([40, 50], 1, { dtype: 'float32' });
  addTo(large, full([50, 40], 2, { dtype: 'float32' }).transpose());
  expect(large).toBeAllClose(full([40, 50], 3));
});
