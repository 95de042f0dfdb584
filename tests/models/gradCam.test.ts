import { expect, test } from 'vitest';
import { array, setSeed, zeros, type Variable } from '../../dezero';
import { globalAveragePool, linear } from '../../dezero/functions';
import { gradCam, heatOver, SqueezeNetSmall } from '../../dezero/models';
import { randn } from '../../dezero/ndarray';

/** Two feature maps that are the picture's channels; class 0 is how bright the first is, class 1 the second. */
const parts = {
  features: (x: Variable) => x.mul(1),
  head: (maps: Variable) => linear(globalAveragePool(maps), array([[1, 0], [0, 1]])), // prettier-ignore
};
const picture = array([[[[3, 0], [0, 0]], [[0, 0], [0, 2]]]]); // prettier-ignore

test('the map is bright where the class asked about is seen, and one at its brightest', () => {
  expect(gradCam(parts, picture, 0).map.toNested()).toEqual([[1, 0], [0, 0]]); // prettier-ignore
  expect(gradCam(parts, picture, 1).map.toNested()).toEqual([[0, 0], [0, 1]]); // prettier-ignore
});

test('without a class, the likeliest is asked about', () => {
  expect(gradCam(parts, picture).label).toBe(0);
});

test('what speaks against the class is not shown', () => {
  const against = { ...parts, head: (maps: Variable) => parts.head(maps).neg() };
  expect(gradCam(against, picture, 0).map.toNested()).toEqual([[0, 0], [0, 0]]); // prettier-ignore
});

test('a SqueezeNet in its two parts gives a map; several pictures at once are refused', () => {
  setSeed(0);
  const model = new SqueezeNetSmall({ classes: 3 });
  const twoParts = {
    features: (x: Variable) => model.features.call(x),
    head: (maps: Variable) => model.classifier.call(maps),
  };
  const { map } = gradCam(twoParts, randn([1, 3, 64, 64], { seed: 1, dtype: 'float32' }), 2);
  expect(map.shape).toEqual([3, 3]);
  expect(Math.max(...map.values)).toBe(1);
  for (const [path, p] of model.parameters()) {
    expect(p.grad, `looking leaves the gradient of ${path} alone`).toBeNull();
    expect(p.requiresGrad, `${path} can be trained afterwards`).toBe(true);
  }
  expect(() => gradCam(twoParts, zeros([2, 3, 64, 64], { dtype: 'float32' }))).toThrow('one picture at a time');
});

test('the heat lies over its picture: where there is none, the picture stays', () => {
  const grey = { width: 4, height: 2, data: new Uint8Array(24).fill(100) };
  expect(heatOver(grey, zeros([2, 2])).data).toEqual(grey.data);
  const { data } = heatOver(grey, array([[0, 1]])); // prettier-ignore
  expect([...data.subarray(0, 3)]).toEqual([100, 100, 100]);
  expect(data[9]).toBeGreaterThan(150); // red at the right edge
});
