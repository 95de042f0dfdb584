import { expect, test } from 'vitest';
import { main, Variable } from '../steps/step01';
import { captured } from './captured';

test('a box holds the value it was made with', () => {
  expect(new Variable(1.5).data, 'a box holds its value: does the constructor store what it is given?').toBe(1.5);
});

test('a box can be refilled, and every box has its own value', () => {
  const x = new Variable(1);
  const other = new Variable(10);
  x.data = 2;
  expect(x.data, 'data can be replaced').toBe(2);
  expect(other.data, 'another box keeps its value: is data a field of each box?').toBe(10);
});

test('the step shows the box, refilled', async () => {
  const lines = await captured(main);
  const shown = lines.map((line) => line.match(/x\.data = (\S+)/)?.[1]);
  expect(shown, 'the box is shown first as made, then refilled').toEqual(expect.arrayContaining(['1', '2']));
});
