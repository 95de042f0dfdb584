import { expect, test } from 'vitest';
import { confusionMatrix } from '../../dezero/utils';

test('rows are what it was, columns what it was taken for', () => {
  const matrix = confusionMatrix([0, 0, 1, 2, 2, 2], [0, 1, 1, 2, 2, 0], 3);
  expect(matrix.toNested()).toEqual([[1, 1, 0], [0, 1, 0], [1, 0, 2]]); // prettier-ignore
  expect(matrix.dtype).toBe('int32');
});

test('lengths that differ and labels out of range are refused', () => {
  expect(() => confusionMatrix([0, 1], [0], 2)).toThrow(/one answer for each label/);
  expect(() => confusionMatrix([0, 2], [0, 1], 2)).toThrow('sample 1 has the label 2; labels go from 0 to 1');
  expect(() => confusionMatrix([0, 0], [0, -1], 2)).toThrow('sample 1 has the label -1');
});
