import { expect, test } from 'vitest';
import { array, zeros } from '../../dezero';
import { Normalize, toPicture } from '../../dezero/data';

test('grey becomes three equal channels, and what is out of range black or white', () => {
  const { width, height, data } = toPicture(array([[0, 0.5, 1], [-3, 2, 1]])); // prettier-ignore
  expect([width, height]).toEqual([3, 2]);
  expect([...data]).toEqual([0, 0, 0, 128, 128, 128, 255, 255, 255, 0, 0, 0, 255, 255, 255, 255, 255, 255]);
});

test('colours keep their channels', () => {
  expect([...toPicture(array([[[1]], [[0]], [[0.2]]])).data]).toEqual([255, 0, 51]);
});

test('Normalize is undone', () => {
  const [mean, std] = [[0.4, 0.5, 0.6], [0.2, 0.3, 0.1]]; // prettier-ignore
  const x = array([[[0.25]], [[0.5]], [[0.75]]]);
  const normal = new Normalize(mean ?? [], std ?? []).apply(x);
  expect([...toPicture(normal, { normalized: { mean: mean ?? [], std: std ?? [] } }).data]).toEqual([64, 128, 191]);
});

test('low and high set what is black and white', () => {
  expect([...toPicture(array([[-1, 1]]), { low: -1, high: 1 }).data]).toEqual([0, 0, 0, 255, 255, 255]);
});

test('other shapes are refused', () => {
  expect(() => toPicture(zeros([2, 3, 3]))).toThrow('a picture is (H, W), (1, H, W) or (3, H, W)');
});
