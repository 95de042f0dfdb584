import { expect, test } from 'vitest';
import { memoryScope, randn, setSeed } from '../../dezero';
import { softmaxCrossEntropy } from '../../dezero/functions';
import { ResNet18, ResNet50, SqueezeNet11, VGG16, type Model } from '../../dezero/models';

const count = (model: Model) => [...model.parameters()].reduce((n, [, { size }]) => n + size, 0);

/** Scores of two pictures, and every parameter's gradient. */
function trains(model: Model, size = 224): void {
  const pictures = randn([2, 3, size, size], { seed: 0, dtype: 'float32' });
  using _scope = memoryScope();
  const y = model.call(pictures);
  expect(y.shape).toEqual([2, 1000]);
  softmaxCrossEntropy(y, [1, 2]).backward();
  const without = [...model.parameters()].filter(([, { grad }]) => !grad?.values.some((g) => g !== 0));
  expect(without.map(([path]) => path)).toEqual([]);
}

test('ResNet18 has the parameters of the published network, and trains', () => {
  setSeed(0);
  const model = new ResNet18();
  expect(count(model)).toBe(11_689_512);
  const shapes = new Map([...model.parameters()].map(([path, { shape }]) => [path, shape]));
  expect([...shapes.keys()].slice(0, 9)).toEqual(['conv1.weight', 'bn1.weight', 'bn1.bias', 'layer1.0.conv1.weight', 'layer1.0.bn1.weight', 'layer1.0.bn1.bias', 'layer1.0.conv2.weight', 'layer1.0.bn2.weight', 'layer1.0.bn2.bias']); // prettier-ignore
  expect(shapes.get('layer2.0.downsample.0.weight')).toEqual([128, 64, 1, 1]);
  expect(shapes.get('layer4.1.conv2.weight')).toEqual([512, 512, 3, 3]);
  expect([...shapes.keys()].slice(-2)).toEqual(['fc.weight', 'fc.bias']);
  expect([...model.buffers()].map(([path]) => path).slice(0, 2)).toEqual(['bn1.running_mean', 'bn1.running_var']);
  trains(model, 96);
}, 180_000);

test('ResNet50 has the parameters of the published network, and trains', () => {
  setSeed(0);
  const model = new ResNet50();
  expect(count(model)).toBe(25_557_032);
  const shapes = new Map([...model.parameters()].map(([path, { shape }]) => [path, shape]));
  expect(shapes.get('layer1.0.downsample.0.weight')).toEqual([256, 64, 1, 1]);
  expect(shapes.get('layer3.5.conv3.weight')).toEqual([1024, 256, 1, 1]);
  trains(model, 96);
}, 180_000);

test('VGG16 has the parameters of the published network, and trains, in less than 6 GB', () => {
  setSeed(0);
  const model = new VGG16();
  expect(count(model)).toBe(138_357_544);
  const shapes = new Map([...model.parameters()].map(([path, { shape }]) => [path, shape]));
  expect([...shapes.keys()].filter((path) => path.endsWith('weight'))).toEqual([
    ...[0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28].map((at) => `features.${at}.weight`),
    ...[0, 3, 6].map((at) => `classifier.${at}.weight`),
  ]);
  expect(shapes.get('features.28.weight')).toEqual([512, 512, 3, 3]);
  expect(shapes.get('classifier.0.weight')).toEqual([25_088, 4096]);
  trains(model);
  expect(process.resourceUsage().maxRSS / 2 ** 20).toBeLessThan(6); // maxRSS is in KiB
}, 180_000);

test('SqueezeNet 1.1 has the parameters of the published network, and trains', () => {
  setSeed(0);
  const model = new SqueezeNet11();
  expect(count(model)).toBe(1_235_496);
  trains(model);
}, 180_000);
