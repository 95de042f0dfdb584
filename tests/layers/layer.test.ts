import { expect, test } from 'vitest';
import { Parameter, variable, type Operand, type Variable } from '../../dezero/core';
import { relu } from '../../dezero/functions';
import { BatchNorm, Conv2d, Layer, Linear } from '../../dezero/layers';
import { Sequential } from '../../dezero/models';
import { array, zeros, ones, ValueError, type NDArray } from '../../dezero/ndarray';

class Block extends Layer {
  readonly second = new Linear(2, { in: 3 });
  readonly first = new Linear(2, { in: 3, bias: false });
  override forward(x: Operand): Variable {
    return this.first.call(x).add(this.second.call(x));
  }
}

class Net extends Layer {
  readonly scale = new Parameter(ones([1]), 'scale');
  readonly blocks = [new Block(), new Block()];
  readonly heads = { left: new Linear(1, { in: 2 }), right: new Linear(1, { in: 2, bias: false }) };
  readonly norm = new BatchNorm({ in: 2 });
  readonly title = 'a net';
  readonly nothing = null;
  override forward(x: Operand): Variable {
    return this.blocks.reduce((y, block) => y.add(block.call(x)), variable(0)).mul(this.scale);
  }
}

const names = (layer: Layer): string[] => [...layer.parameters()].map(([path]) => path);

test('parameters have paths, nested and in lists, in the order made', () => {
  expect(names(new Net())).toEqual([
    'scale',
    'blocks.0.second.weight',
    'blocks.0.second.bias',
    'blocks.0.first.weight',
    'blocks.1.second.weight',
    'blocks.1.second.bias',
    'blocks.1.first.weight',
    'heads.left.weight',
    'heads.left.bias',
    'heads.right.weight',
    'norm.weight',
    'norm.bias',
  ]);
  expect([...new Net().buffers()].map(([path]) => path)).toEqual(['norm.running_mean', 'norm.running_var']);
});

test('a shared parameter is listed once, and a layer may point back to what holds it', () => {
  class Tied extends Layer {
    readonly encoder = new Linear(2, { in: 2, bias: false });
    readonly decoder = new Linear(2, { in: 2, bias: false });
    readonly tied = this.encoder;
    readonly child: { parent?: Layer } = {};
    constructor() {
      super();
      this.child.parent = this;
    }
    override forward(x: Operand): Variable {
      return this.decoder.call(this.encoder.call(x));
    }
  }
  expect(names(new Tied())).toEqual(['encoder.weight', 'decoder.weight']);
});

test('clearGrads forgets every gradient', () => {
  const net = new Net();
  net
    .call(ones([2, 3]))
    .sum()
    .backward();
  const withGradient = () => [...net.parameters()].filter(([, p]) => p.grad).length;
  expect(withGradient()).toBe(7);
  net.clearGrads();
  expect(withGradient()).toBe(0);
});

test('setRequiresGrad freezes all, or what lies under a path', () => {
  const net = new Net();
  const trained = () => [...net.parameters()].filter(([, p]) => p.requiresGrad).map(([path]) => path);
  net.setRequiresGrad(false);
  expect(trained()).toEqual([]);
  net.setRequiresGrad(true, ['blocks.1', 'scale']);
  expect(trained()).toEqual(['scale', 'blocks.1.second.weight', 'blocks.1.second.bias', 'blocks.1.first.weight']);
  net
    .call(ones([2, 3]))
    .sum()
    .backward();
  for (const [path, p] of net.parameters()) expect([path, p.grad !== null]).toEqual([path, trained().includes(path)]);
});

test('setRequiresGrad names the layers where a path leads nowhere', () => {
  const net = new Sequential(new Linear(2), relu, new Linear(1));
  expect(() => net.setRequiresGrad(false, ['blocks'])).toThrow(ValueError);
  expect(() => net.setRequiresGrad(false, ['blocks'])).toThrow("no parameter lies under 'blocks'; the layers are 0, 2");
  expect(() => net.setRequiresGrad(false, ['0.weigh'])).toThrow("no parameter lies under '0.weigh'");
});

test('a Sequential runs layers and functions one after the other', () => {
  const net = new Sequential(new Linear(4), relu, new Linear(1, { bias: false }));
  expect(net.call(ones([2, 3])).shape).toEqual([2, 1]);
  expect(names(net)).toEqual(['0.weight', '0.bias', '2.weight']);
  expect(new Sequential().call(ones([2]))).toBeAllClose([1, 1]);
});

test('a Sequential is a list of its stages', () => {
  const [first, last] = [new Linear(4), new Linear(1)];
  const net = new Sequential(first, relu, last);
  const [one, bend, two, ...more] = net;
  expect([one === first, two === last, more]).toEqual([true, true, []]);
  expect(bend?.call(array([-1, 2]))).toBeAllClose([0, 2]);
});

test('a Sequential of named stages has their names as paths', () => {
  const net = new Sequential({
    conv: new Conv2d(2, { kernel: 1, in: 1 }),
    relu,
    deep: new Sequential(new Linear(1, { in: 1 })),
  });
  expect(names(net)).toEqual(['conv.weight', 'conv.bias', 'deep.0.weight', 'deep.0.bias']);
});

test('moving to the device where a layer is changes nothing', async () => {
  const net = new Net();
  const before = [...net.parameters()].map(([, p]) => p.data);
  const buffers: NDArray[] = [...net.buffers()].map(([, b]) => b);
  expect(await net.to('cpu')).toBe(net);
  expect([...net.parameters()].map(([, p]) => p.data)).toEqual(before);
  expect([...net.buffers()].map(([, b]) => b)).toEqual(buffers);
  expect(zeros([1]).device).toBe('cpu');
});
