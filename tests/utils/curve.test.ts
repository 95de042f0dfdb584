import { expect, test } from 'vitest';
import { curve } from '../../dezero/utils';

test('a curve has its values over 1, 2, 3, …, or from where it is told', () => {
  const losses = [0.5, 0.25];
  expect(curve('train', losses)).toEqual({ name: 'train', points: [[1, 0.5], [2, 0.25]] }); // prettier-ignore
  expect(curve('test', Float32Array.of(4), { from: 0, dashed: true, as: 'points' })).toEqual({
    name: 'test',
    points: [[0, 4]],
    dashed: true,
    as: 'points',
  });
});
