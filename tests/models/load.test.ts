import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Parameter } from '../../dezero/core';
import { type Operand, type Variable } from '../../dezero/core';
import { BatchNorm, Linear } from '../../dezero/layers';
import { Model, SqueezeNet10, SqueezeNet11 } from '../../dezero/models';
import { array, ones, randn, setSeed, type NDArray } from '../../dezero/ndarray';
import { saveTensors } from '../../dezero/io';
import { Adam } from '../../dezero/optimizers';

class Net extends Model {
  readonly first = new Linear(4, { in: 3 });
  readonly norm = new BatchNorm({ in: 4 });
  readonly second: Linear;
  constructor(classes = 2) {
    super();
    this.second = new Linear(classes, { in: 4 });
  }
  override forward(x: Operand): Variable {
    return this.second.call(this.norm.call(this.first.call(x)));
  }
}

const valuesOf = (model: Model) => [...model.parameters()].map(([path, p]) => [path, [...p.values]]);
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dezero-'));
});

test.each(['net.safetensors', 'net.npz'])(
  'what is saved as %s and loaded is the same to the last bit, buffers included',
  async (name) => {
    setSeed(1);
    const model = new Net();
    model.call(randn([8, 3], { seed: 2, dtype: 'float32' })); // moves the running statistics
    await model.save(join(folder, name));
    setSeed(5);
    const other = new Net();
    await other.load(join(folder, name));
    expect(valuesOf(other)).toEqual(valuesOf(model));
    expect([...other.buffers()].map(([, b]) => [...b.values])).toEqual(
      [...model.buffers()].map(([, b]) => [...b.values]),
    );
  },
);

test('parameters and buffers are named by their path, in the order made', () => {
  const model = new Net();
  expect([...model.parameters()].map(([path]) => path)).toEqual([
    'first.weight',
    'first.bias',
    'norm.weight',
    'norm.bias',
    'second.weight',
    'second.bias',
  ]);
  expect([...model.buffers()].map(([path]) => path)).toEqual(['norm.running_mean', 'norm.running_var']);
});

test('everything that does not fit is listed at once, and nothing is changed', async () => {
  const file = join(folder, 'odd.safetensors');
  const tensors = new Map<string, NDArray>([
    ['first.weight', ones([5, 4], { dtype: 'float32' })],
    ['extra', ones([1])],
  ]);
  await saveTensors(file, tensors);
  const model = new Net();
  const before = valuesOf(model);
  await expect(model.load(file)).rejects.toThrow(
    /first\.weight has shape \(5, 4\), the model needs \(3, 4\).*missing first\.bias.*unexpected extra/s,
  );
  expect(valuesOf(model)).toEqual(before);
});

test('a head of another size is kept only when asked, and a skip that names nothing is refused', async () => {
  const file = join(folder, 'head.safetensors');
  await new Net(3).save(file);
  const model = new Net(2);
  await expect(model.load(file)).rejects.toThrow('second.weight has shape (4, 3)');
  await model.load(file, { skip: ['second'] });
  expect(model.second.weight.shape).toEqual([4, 2]);
  await expect(model.load(file, { skip: ['third'] })).rejects.toThrow("skip names 'third'");
});

test('PyTorch keeps a Linear weight as (out, in), which is transposed; num_batches_tracked is dropped', async () => {
  const file = join(folder, 'torch.safetensors');
  const weight = array(
    Float32Array.from({ length: 12 }, (_, i) => i),
    { shape: [4, 3] },
  );
  const tensors = new Map<string, NDArray>();
  for (const [path, p] of new Net().parameters()) tensors.set(path, p.data.transpose());
  for (const [path, b] of new Net().buffers()) tensors.set(path, b);
  tensors.set('first.weight', weight);
  tensors.set('norm.num_batches_tracked', array(new Int32Array([7])));
  await saveTensors(file, tensors, { format: 'pt' });
  const model = new Net();
  await model.load(file);
  expect(model.first.weight.data.toNested()).toEqual(weight.transpose().toNested());
});

test('an optimizer saved with its model goes on as if it had not stopped', async () => {
  const x = randn([8, 3], { seed: 1, dtype: 'float32' });
  const step = (model: Model, optimizer: Adam) => {
    model.clearGrads();
    model.call(x).square().sum().backward();
    optimizer.update();
  };
  setSeed(3);
  const model = new Net();
  const optimizer = new Adam({ lr: 0.1 }).setup(model);
  step(model, optimizer);
  await model.save(join(folder, 'run.safetensors'), { optimizer });
  step(model, optimizer);
  const resumed = new Net();
  const again = new Adam({ lr: 0.1 }).setup(resumed);
  await resumed.load(join(folder, 'run.safetensors'), { optimizer: again });
  step(resumed, again);
  expect(again.steps).toBe(2);
  expect(valuesOf(resumed)).toEqual(valuesOf(model));
});

test('a parameter whose shape is not known yet cannot be saved, and is named', async () => {
  class Lazy extends Model {
    readonly layer = new Linear(2);
    override forward(x: Operand): Variable {
      return this.layer.call(x);
    }
  }
  await expect(new Lazy().save(join(folder, 'lazy.safetensors'))).rejects.toThrow('layer.weight has no value yet');
});

test('SqueezeNet has the parameters of the published networks', () => {
  const count = (model: Model) => [...model.parameters()].reduce((n, [, p]: [string, Parameter]) => n + p.size, 0);
  expect(count(new SqueezeNet10())).toBe(1_248_424);
  expect(count(new SqueezeNet11())).toBe(1_235_496);
  const paths = [...new SqueezeNet10().parameters()].map(([path]) => path);
  expect(paths).toContain('features.3.squeeze.weight');
  expect(paths.at(-1)).toBe('classifier.1.bias');
});
