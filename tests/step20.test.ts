import { expect, test } from 'vitest';
import type { NDArray } from '../steps/step20';
import { array, assign, drawOffsets, main, ShapeError } from '../steps/step20';
import { captured } from './captured';

const table = () => array([[10, 20, 30], [40, 50, 60]]); // prettier-ignore
const elements = (x: NDArray) => Array.from(x.values);

test('the step draws where the elements of each view lie', async () => {
  const printed = (await captured(main)).join('\n');
  expect(printed).toContain(
    'x.transpose(): shape (3, 2), strides (1, 3), offset 0\narray([[10 40]\n       [20 50]\n       [30 60]])\n' +
      '  place       0    1    2    3    4    5\n  number     10   20   30   40   50   60\n  element   0,0  1,0  2,0  0,1  1,1  2,1',
  );
  expect(printed).toContain('x.slice([1]): shape (3,), strides (1,), offset 3\narray([40 50 60])');
  expect(printed).toContain('array([[10 40]\n       [99 99]\n       [30 60]])\narray([40 99 60])');
  expect(printed).toMatch(/array\(\[10 40 99 99 30 60\]\)$/);
});

test('a write is seen through every view of the buffer', () => {
  const x = table();
  const [turned, tall, row] = [x.transpose(), x.reshape([3, 2]), x.slice([1])];
  assign(x.slice([1, 0]), -1);
  expect(elements(turned), 'transpose is a view: was the buffer copied?').toEqual([10, -1, 20, 50, 30, 60]);
  expect(elements(tall), 'reshape is a view: was the buffer copied?').toEqual([10, 20, 30, -1, 50, 60]);
  expect(elements(row), 'a slice is a view: was the buffer copied?').toEqual([-1, 50, 60]);
  assign(turned.slice([2]), 0);
  expect(elements(x), 'a write through a view of a view reaches x').toEqual([10, 20, 0, -1, 50, 0]);
  expect(
    [turned, tall, row].every((view) => view.buffer === x.buffer),
    'views share one buffer',
  ).toBe(true);
});

test('transpose reorders shape and strides alike', () => {
  const x = array([[[0, 1, 2], [3, 4, 5]]]); // prettier-ignore
  const turned = x.transpose([2, 0, 1]);
  expect(turned.shape, 'transpose: the shape goes in the new order').toEqual([3, 1, 2]);
  expect(turned.strides, 'transpose: the strides go in the new order, as the shape does').toEqual([1, 6, 3]);
  expect(elements(turned)).toEqual([0, 3, 1, 4, 2, 5]);
  expect(elements(turned.transpose([1, 2, 0])), 'transpose back gives x again').toEqual(elements(x));
});

test('a slice moves the offset and stretches the strides', () => {
  const x = table();
  const part = x.slice([{}, { from: 1 }]);
  expect([part.shape, part.strides, part.offset], 'a slice from 1 begins one cell later').toEqual([[2, 2], [3, 1], 1]); // prettier-ignore
  const everySecond = x.slice([1, { step: 2 }]);
  expect(everySecond.strides, 'a slice with step 2 passes over two cells at a time').toEqual([2]);
  expect(elements(everySecond)).toEqual([40, 60]);
  expect(elements(x.slice([{}, { from: 1, to: 3 }]).slice([1, { to: 1 }])), 'a slice of a slice: do their offsets add up?').toEqual([50]); // prettier-ignore
  expect(x.slice([{}, { from: 2, to: 2 }]).size, 'a slice may be empty').toBe(0);
});

test('reshape copies only where no strides can tell the new shape', () => {
  const x = table();
  const flat = x.transpose().reshape([6]);
  expect(elements(flat), 'reshape keeps the order in which x is read, not that of the buffer').toEqual([10, 40, 20, 50, 30, 60]); // prettier-ignore
  assign(x, 0);
  expect(elements(flat), 'it is a copy, so a write to x does not reach it').toEqual([10, 40, 20, 50, 30, 60]);
  expect(elements(table().slice([1]).reshape([3, 1])), 'reshape keeps the offset').toEqual([40, 50, 60]);
});

test('views that do not exist are refused, and the message says why', () => {
  const x = table();
  expect(() => x.reshape([4, 2]), 'reshape keeps the number of elements').toThrow(ShapeError);
  expect(() => x.reshape([4, 2])).toThrow(/\(2, 3\) and \(4, 2\)/);
  expect(() => x.transpose([0, 0]), 'transpose names each axis once').toThrow(ShapeError);
  expect(() => x.slice([2]), 'there is no row 2').toThrow(RangeError);
  expect(() => x.slice([{ from: -1 }])).toThrow(RangeError);
  expect(() => x.slice([0, 0, 0]), 'there are no three axes').toThrow(RangeError);
});

test('offsets are drawn place by place', () => {
  const [places, numbers, found] = drawOffsets(array([7, 8, 9]).slice([{ from: 1 }])).split('\n');
  expect(places?.trim().split(/\s+/)).toEqual(['place', '0', '1', '2']);
  expect(numbers?.trim().split(/\s+/)).toEqual(['number', '7', '8', '9']);
  expect(found?.trim().split(/\s+/), 'the view begins at place 1').toEqual(['element', '0', '1']);
});
