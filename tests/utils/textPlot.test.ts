import { expect, test } from 'vitest';
import { ValueError } from '../../dezero/backends/errors';
import { textPlot } from '../../dezero/utils/textPlot';

test('numbers are drawn over their positions, from the lower left to the upper right', () => {
  expect(textPlot([0, 1, 2, 3], { width: 4, height: 2, title: 'rising' }).split('\n')).toEqual([
    'rising',
    '3 ┤  ⡠⠊',
    '0 ┤⡠⠊',
    '  └────',
    '   0  3',
  ]);
});

test('points are joined in their order, wherever they lie', () => {
  const square = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]] as const; // prettier-ignore
  expect(textPlot(square, { width: 3, height: 2 }).split('\n')).toEqual([
    '1 ┤⡏⠉⢹', // prettier-ignore
    '0 ┤⣇⣀⣸',
    '  └───',
    '   0 1',
  ]);
});

test('a typed array, one number and equal numbers can be drawn', () => {
  expect(textPlot(Float32Array.of(1, 2))).toBe(textPlot([1, 2]));
  expect(textPlot([7], { width: 2, height: 3 })).toMatch(/[\u2801-\u28ff]/);
  const flat = textPlot([5, 5, 5], { width: 3, height: 3 }).split('\n');
  expect(flat[1]).toMatch(/[\u2801-\u28ff]{3}$/);
});

test('a plot is as wide and as high as it is told, and no line ends in blanks', () => {
  const lines = textPlot(
    Array.from({ length: 500 }, (_, i) => (i * i) % 7919),
    { width: 50, height: 8 },
  ).split('\n');
  expect(lines.length).toBe(8 + 2);
  const [high = ''] = lines[0]?.split(' ') ?? [];
  expect(Math.max(...lines.map((line) => line.length))).toBe(high.length + 2 + 50);
  for (const line of lines) expect(line).toBe(line.trimEnd());
});

test('what cannot be drawn is named', () => {
  expect(() => textPlot([])).toThrow(ValueError);
  expect(() => textPlot([])).toThrow('textPlot: there are no points to draw');
  expect(() => textPlot([1, NaN])).toThrow('the point (1, NaN) has no place');
  expect(() => textPlot([[0, Infinity]])).toThrow('the point (0, Infinity) has no place');
  expect(() => textPlot([1, 2], { width: 1 })).toThrow('width is a whole number from 2 on, not 1');
  expect(() => textPlot([1, 2], { height: 2.5 })).toThrow('height is a whole number from 2 on, not 2.5');
});
