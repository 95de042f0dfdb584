import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { NDArray } from 'dezero';
import { array, hasDevice, nd, type DType } from 'dezero';
import type { WebGpuBackend } from '../../../dezero/backends/webgpu/webgpu';
import * as fused from '../../../dezero/ndarray/fused';
import * as windows from '../../../dezero/ndarray/windows';
import { gpu, needsGpu, numbers, scattered, toGpu } from './gpu';

// Every operation of the contract, in float32 on the gpu against float64 on the cpu.
needsGpu();

type Operation = (...xs: NDArray[]) => NDArray;

/** Runs an operation on both devices. */
async function agree(f: Operation, ...xs: NDArray[]): Promise<void> {
  const expected = f(...xs);
  const found = f(...xs.map(toGpu));
  expect(found.device).toBe('gpu');
  expect(found.dtype).toBe(expected.dtype === 'float64' ? 'float32' : expected.dtype);
  expect((await found.to('cpu')).astype('float64')).toBeAllClose(expected.astype('float64'), {
    rtol: 1e-4,
    atol: 1e-5,
  });
}

const whole = (x: NDArray) => nd.floor(nd.mul(x, 10)).astype('int32');
const positive = (x: NDArray) => nd.add(nd.abs(x), 0.1);
const special = array([NaN, Infinity, -Infinity, 0, -0, 1, -1, 3e38, 1e-30, 100, -100, 0.5, NaN, 7]);

describe('element by element', () => {
  const unary = { neg: nd.neg, exp: nd.exp, sin: nd.sin, cos: nd.cos, tanh: nd.tanh, square: nd.square, abs: nd.abs, sign: nd.sign, sigmoid: nd.sigmoid, relu: nd.relu, floor: nd.floor }; // prettier-ignore
  test.each(Object.entries(unary))('%s, of any strides', async (_, f) => {
    await agree(f, numbers(7, 13));
    await agree(f, scattered(3, 4, 5));
    await agree(f, numbers());
    await agree(f, numbers(3, 0, 2));
  });
  test.each([['log', nd.log], ['sqrt', nd.sqrt]] as const)('%s, of positive numbers', async (_, f) => {
    await agree(f, positive(numbers(7, 13)));
    await agree((x) => f(x.transpose()), positive(scattered(5, 3)));
  }); // prettier-ignore
  test.each(['neg', 'square', 'abs', 'sign', 'relu', 'floor'] as const)('%s of whole numbers', async (name) => {
    await agree(nd[name], whole(numbers(4, 5)));
  });
  test('sin and cos of large angles', () => agree((x) => nd.add(nd.sin(x), nd.cos(x)), nd.mul(numbers(50), 500)));
  test('not', () => agree(nd.not, nd.greater(numbers(3, 5), 0)));

  const binary = { add: nd.add, sub: nd.sub, mul: nd.mul, div: nd.div, maximum: nd.maximum, minimum: nd.minimum, gate: nd.gate, sigmoidGradient: nd.sigmoidGradient, tanhGradient: nd.tanhGradient, equal: nd.equal, less: nd.less, lessEqual: nd.lessEqual }; // prettier-ignore
  test.each(Object.entries(binary))('%s: strides, broadcasting, plain numbers', async (_, f) => {
    await agree(f, numbers(5, 7), nd.add(scattered(5, 7), 0.001));
    await agree(f, scattered(2, 3, 4), nd.add(numbers(3, 1), 0.001));
    await agree((x) => f(x, 0.75), scattered(3, 5));
    await agree((x) => f(0.75, x), positive(numbers(15)));
  });
  test.each(['add', 'sub', 'mul', 'maximum', 'minimum', 'gate', 'sigmoidGradient', 'tanhGradient', 'equal', 'less', 'lessEqual'] as const)(
    '%s of whole numbers',
    (name) => agree(nd[name], whole(numbers(4, 5)), whole(scattered(4, 5))),
  ); // prettier-ignore
  test.each([0, 1, 2, 3, 5, -1, -2, 0.5, -1.5, 2.3])('to the power of %d', async (c) => {
    await agree((x) => nd.pow(x, c), positive(numbers(30)));
    if (Number.isInteger(c)) await agree((x) => nd.pow(x, c), nd.add(numbers(30), 0.001));
  });
  test('powers of whole numbers, and of arrays', async () => {
    await agree((x) => nd.pow(x, 3), whole(numbers(30)));
    await agree(nd.pow, positive(numbers(4, 5)), scattered(4, 5));
  });
  test('what is added in place', () => {
    const added: Operation = (sum, x) => {
      const all = nd.copy(sum);
      nd.addTo(all, x.transpose());
      return all;
    };
    return agree(added, numbers(5, 3), scattered(3, 5));
  });
  test('where, with arrays and numbers', async () => {
    const mask = nd.greater(scattered(3, 4), 0);
    await agree(nd.where, mask, numbers(3, 4), scattered(3, 4));
    await agree((m, a) => nd.where(m, a, -1), mask, numbers(4));
    await agree((m, a) => nd.where(m, 2, a), mask, whole(numbers(3, 4)));
  });
  test('NaN and infinities go the same way as on the cpu', async () => {
    await agree(nd.relu, special);
    await agree((x) => nd.maximum(x, 0), special);
    await agree((x) => nd.minimum(0, x), special);
    await agree((x) => nd.gate(1, x), special);
    await agree(nd.sigmoid, special);
    await agree(nd.tanh, special);
    for (const f of [nd.sigmoidGradient, nd.tanhGradient]) await agree((x) => f(x, 0.5), special);
    for (const f of [nd.equal, nd.less, nd.lessEqual]) await agree((x) => f(x, x), special);
  });
  test('conversions between all dtypes', async () => {
    const x = scattered(4, 5);
    const kinds: Record<string, NDArray> = { float: x, int: whole(x), bool: nd.greater(x, 0) };
    const into: readonly DType[] = ['int32', 'bool'];
    for (const from of Object.values(kinds)) {
      for (const dtype of into) await agree((y) => y.astype(dtype), from);
      expect((await toGpu(from).astype('float32').to('cpu')).values).toEqual(from.astype('float32').reshape([20]).values); // prettier-ignore
    }
  });
  test('pieces are copied into pieces', () =>
    agree((x, y) => {
      const out = nd.copy(x);
      nd.assign(out.slice([{ from: 1, step: 2 }, { from: 4, to: 0, step: -1 }]), y);
      return nd.concat([out, x.transpose().reshape([5, 5])], { axis: 1 });
    }, numbers(5, 5), scattered(2, 4))); // prettier-ignore
  test('more axes than one kernel is told of', () =>
    agree((x) => nd.mul(x, 2), numbers(2, 2, 2, 2, 2, 2, 2, 2, 2, 2).transpose()));
  test('more than 65,535 workgroups', async () => {
    const size = 65536 * 256 + 77;
    const x = toGpu(array(Float32Array.of(1))).broadcastTo([size]);
    const y = nd.add(x, 1);
    expect((await y.slice({ from: size - 3 }).to('cpu')).toNested()).toEqual([2, 2, 2]);
    expect((await nd.sum(y).to('cpu')).item() / size).toBeCloseTo(2, 5);
  });
});

/** How kernels work together: through shared memory on real gpus, not on those of software; all ways are tried on one of them. */
type Way = Partial<Pick<WebGpuBackend, 'sharesMemory' | 'subgroups'>>;
const ways: [string, Way][] = [['with shared memory', { sharesMemory: true }], ['without', { sharesMemory: false }]]; // prettier-ignore
const waysOfReduction: [string, Way][] = [
  ['in subgroups', { sharesMemory: true, subgroups: true }],
  ['with shared memory', { sharesMemory: true, subgroups: false }],
  ['without', { sharesMemory: false }],
];
function goingThe(way: Way): void {
  let usual: Way = {};
  beforeAll(async () => {
    if (!(await hasDevice('gpu'))) return;
    const { sharesMemory, subgroups } = gpu();
    usual = { sharesMemory, subgroups };
    Object.assign(gpu(), way);
  });
  beforeEach((context) => {
    if (way.subgroups && !usual.subgroups) context.skip('this gpu has no subgroups');
  });
  afterAll(async () => {
    if (await hasDevice('gpu')) Object.assign(gpu(), usual);
  });
}

describe.each(waysOfReduction)('along axes, %s', (_, way) => {
  goingThe(way);
  const shapes = [[5, 7], [3, 1, 4], [2, 300], [300, 2], [1], [3, 5, 70], [2, 5000], [70, 3, 33]]; // prettier-ignore
  test.each(['sum', 'max', 'min'] as const)('%s along every axis', async (op) => {
    for (const shape of shapes) {
      for (const axis of [undefined, ...shape.keys()]) await agree((x) => nd[op](x, { axis }), numbers(...shape));
    }
    await agree((x) => nd[op](x, { axis: [0, 2], keepdims: true }), scattered(4, 3, 5));
    await agree((x) => nd[op](x, { axis: 1 }), whole(numbers(6, 90)));
  });
  test('a long sum, in two stages, of scattered elements', () =>
    agree((x) => nd.sum(x, { axis: [0, 2, 3] }), numbers(5, 3, 40, 41).transpose([0, 1, 3, 2])));
  test('sums of nothing', () => agree((x) => nd.sum(x, { axis: 1 }), numbers(3, 0)));
  test('max of NaN is NaN', async () => {
    await agree((x) => nd.max(x), special);
    await agree((x) => nd.min(x.reshape([2, 7]), { axis: 1 }), special);
    await agree((x) => nd.max(x.broadcastTo([40, 14])), special);
  });
  test('argMax: the first of several, along any axis', async () => {
    for (const axis of [0, 1, 2]) await agree((x) => nd.argMax(x, { axis }), scattered(4, 3, 5));
    await agree((x) => nd.argMax(x), array([1, 5, 5, 2]));
    await agree((x) => nd.argMax(x.reshape([2, 7]), { axis: 1 }), special);
    await agree((x) => nd.argMax(x), whole(numbers(6, 9)));
  });
  test('gather and scatterAdd, repeated positions too', async () => {
    const at = array(Int32Array.of(2, 0, 2, 1));
    for (const axis of [0, 1, 2]) await agree((x, i) => nd.gather(x, axis, i), scattered(3, 4, 5), at);
    await agree((x, i) => nd.scatterAdd(x, 1, i, [3, 3, 2]), numbers(3, 4, 2), at);
    await agree((x, i) => nd.scatterAdd(x, 1, i, [3, 30, 2]), scattered(3, 4, 2), at);
    await agree((x, i) => nd.gather(x, 0, i), whole(numbers(3, 2)), at);
  });
});

describe.each(ways)('several operations in one, %s', (_, way) => {
  goingThe(way);
  const shapes = [[1], [5, 7], [3, 200], [200, 3], [2, 3, 4], [3, 70, 5], [2, 3, 1030]]; // prettier-ignore
  test('softmax and its logarithm, along every axis', async () => {
    for (const shape of shapes) {
      for (const axis of shape.keys()) {
        await agree((x) => fused.softmax(x, { axis }), scattered(...shape));
        await agree((x) => fused.softmax(x, { axis, log: true }), nd.mul(numbers(...shape), 50));
      }
    }
    await agree((x) => fused.softmax(x, { axis: 0 }), numbers(3, 0));
  });
  test('a score of −∞ has no share, and NaN stays where it is', async () => {
    const scores = array([[0, -Infinity, 1], [NaN, 1, 2], [1e38, 0, -1e38]]); // prettier-ignore
    await agree((x) => fused.softmax(x, { axis: 1 }), scores);
    await agree((x) => fused.softmax(x, { axis: 1, log: true }), scores);
    await agree((x) => fused.softmax(x.broadcastTo([90, 3, 3]), { axis: 0 }), scores);
  });
  test.each([[1, 1], [4, 3], [300, 5], [33, 130], [3, 1003]])('the loss of %i rows of %i scores, and its gradient', async (N, C) => {
    const labels = array(Int32Array.from({ length: N }, (__, i) => (i * 5 + 2) % C));
    for (const x of [nd.mul(numbers(N, C), 20), scattered(N, C)]) {
      await agree(fused.crossEntropy, x, labels);
      await agree(fused.crossEntropyInput, x, labels, array(1.7));
    }
  }); // prettier-ignore
  test('the loss of no rows is no number', () => agree(fused.crossEntropy, numbers(0, 3), array(new Int32Array(0))));

  const batches = [[2, 1], [5, 3], [700, 2], [2, 3, 1, 1], [3, 4, 7, 5], [2, 2, 1, 1030], [5, 2, 61, 33]]; // prettier-ignore
  test.each(batches)('moments, batch norm and its gradients: %i, %i, …', async (...shape) => {
    const C = shape[1] ?? 0;
    const [gamma, beta] = [numbers(C), nd.sub(1, numbers(C))];
    for (const x of [numbers(...shape), scattered(...shape)]) {
      await agree((x) => fused.moments(x).mean, x);
      await agree((x) => fused.moments(x).variance, x);
      for (const which of ['mean', 'var'] as const) {
        await agree((x, mean, variance) => {
          const running = { mean: nd.copy(mean), var: nd.copy(variance), decay: 0.9 };
          fused.moments(x, running);
          return running[which];
        }, x, gamma, positive(gamma)); // prettier-ignore
      }
      for (const ofBatch of [true, false]) {
        const by = (mean: NDArray, variance: NDArray) => ({ mean, variance, eps: 1e-5, ofBatch });
        const statistics = [gamma, positive(beta)] as const;
        await agree((x, m, v, g, b) => fused.batchNorm(x, by(m, v), g, b), x, ...statistics, gamma, beta);
        for (const gy of [scattered(...shape).slice([{ step: -1 }]), numbers(1).broadcastTo(shape)]) {
          for (const which of ['gx', 'ggamma', 'gbeta'] as const) {
            await agree((x, gy, m, v, g) => fused.batchNormGradients(x, gy, by(m, v), g)[which], x, gy, ...statistics, gamma);
          }
        }
      }
    } // prettier-ignore
  });
  test('a mean a thousand times the deviation costs the variance no digits', async () => {
    await agree((x) => fused.moments(x).variance, nd.add(nd.floor(nd.mul(numbers(40, 2, 30), 4)), 8192));
  });
  test('running moments may be pieces of one array', async () => {
    await agree((x, both) => {
      const mine = nd.copy(both);
      fused.moments(x, { mean: mine.slice([0]), var: mine.slice([1]), decay: 0.5 });
      return mine;
    }, numbers(6, 3), numbers(2, 3)); // prettier-ignore
  });
  test('channels of nothing', async () => {
    await agree((x) => fused.moments(x).mean, numbers(3, 0));
    const by = (m: NDArray) => ({ mean: m, variance: m, eps: 1, ofBatch: false });
    await agree((x, m) => fused.batchNorm(x, by(m), m, m), numbers(0, 2, 3, 3), array([1, 2]));
    await agree((x, m) => fused.batchNormGradients(x, x, by(m), m).gbeta, numbers(0, 2, 3, 3), array([1, 2]));
  });
});

const all = [
  { kernel: [3, 3], stride: [1, 1], pad: [1, 1] },
  { kernel: [1, 1], stride: [1, 1], pad: [0, 0] },
  { kernel: [2, 3], stride: [2, 1], pad: [0, 1] },
  { kernel: [3, 2], stride: [2, 3], pad: [2, 1] },
  { kernel: [5, 5], stride: [4, 4], pad: [2, 2] },
] as const;

describe.each(ways)('products %s', (_, way) => {
  goingThe(way);
  // Kernels with shared memory take SwiftShader long to build: few of them.
  const sizes = way.sharesMemory
    ? [[5, 3, 7], [33, 40, 17], [65, 130, 67]]
    : [[1, 1, 1], [5, 3, 7], [16, 16, 16], [33, 40, 17], [64, 64, 64], [65, 130, 67], [1, 300, 20], [130, 5, 1]]; // prettier-ignore
  test.each(sizes)('(%i, %i)·(…, %i), factors in either order, with and without a bias', async (M, K, N) => {
    await agree(nd.matmul, numbers(M, K), numbers(K, N));
    await agree((a, b, c) => nd.matmul(a.transpose(), b.transpose(), c), numbers(K, M), numbers(N, K), numbers(N));
    await agree((a, b) => nd.matmul(a, b.transpose()), numbers(M, K), numbers(N, K));
  });
  test('in batches, broadcast, of scattered elements', async () => {
    await agree(nd.matmul, scattered(2, 3, 5, 4), numbers(3, 4, 6));
    await agree(nd.matmul, numbers(3, 5, 4), scattered(4, 6));
  });
  test('a long inner axis, shared among workgroups', async () => {
    await agree(nd.matmul, numbers(3, 5000), numbers(5000, 4));
    await agree((a, b) => nd.matmul(a.transpose(), b), numbers(3001, 20), numbers(3001, 33));
  });
  test('of whole numbers', () => agree(nd.matmul, whole(numbers(5, 6)), whole(numbers(6, 3))));
  test('with an inner axis of size 0, or rows of number 0', async () => {
    await agree(nd.matmul, numbers(2, 0), numbers(0, 3));
    await agree(nd.matmul, numbers(0, 2), numbers(2, 3));
  });

  test.each(way.sharesMemory ? all.slice(2, 4) : all)(
    'convolution and its adjoints: $kernel, $stride, $pad',
    async (window) => {
      const [x, W] = [numbers(2, 3, 9, 7), numbers(5, 3, ...window.kernel)];
      await agree((x, W) => windows.conv2d(x, W, null, window), x, W);
      await agree((x, W, b) => windows.conv2d(x, W, b, window, true), scattered(2, 3, 9, 7), W, numbers(5));
      const gy = windows.conv2d(x, W, null, window);
      await agree((gy, W) => windows.conv2dInput(gy, W, window, x.shape), gy, W);
      await agree((x, gy) => windows.conv2dWeight(x, gy, window), x, gy);
    },
  );
  test.each([
    { name: 'in two groups', W: [6, 2], stride: 2 },
    { name: 'depthwise', W: [4, 1], stride: 1 },
    { name: 'depthwise, two filters a channel', W: [8, 1], stride: 2 },
    { name: 'in groups, of pixels', W: [6, 2], stride: 1, kernel: 1 },
  ])('convolution and its adjoints: $name', async ({ W: [O = 0, seen = 0], stride, kernel = 3 }) => {
    const window = { kernel: [kernel, kernel], stride: [stride, stride], pad: [kernel >> 1, kernel >> 1] } as const;
    const [x, W, groups] = [numbers(2, 4, 9, 7), numbers(O, seen, kernel, kernel), 4 / seen];
    await agree((x, W) => windows.conv2d(x, W, null, window, false, groups), x, W);
    await agree((x, W, b) => windows.conv2d(x, W, b, window, true, groups), scattered(2, 4, 9, 7), W, numbers(O));
    const gy = windows.conv2d(x, W, null, window, false, groups);
    await agree((gy, W) => windows.conv2dInput(gy, W, window, x.shape), gy, W);
    await agree((x, gy) => windows.conv2dWeight(x, gy, window, groups), x, gy);
  });
  test('a convolution with more filters and places than a tile has, its weights from many places', async () => {
    const window = { kernel: [3, 3], stride: [1, 1], pad: [1, 1] } as const;
    const [x, W] = [nd.mul(numbers(3, 8, 20, 21), 0.2), nd.mul(numbers(70, 8, 3, 3), 0.2)];
    const gy = windows.conv2d(x, W, null, window);
    await agree((x, W) => windows.conv2d(x, W, null, window), x, W);
    await agree((gy, W) => windows.conv2dInput(gy, W, window, x.shape), gy, W);
    await agree((x, gy) => windows.conv2dWeight(x, gy, window), x, gy);
  });
});

describe('windows', () => {
  test.each(all)('im2col, col2im, average pooling: $kernel, $stride, $pad', async (window) => {
    const x = scattered(2, 3, 9, 7);
    await agree((x) => windows.im2col(x, window), x);
    await agree((cols) => windows.col2im(cols, window, x.shape), windows.im2col(x, window));
    await agree((x) => windows.averagePool(x, window), x);
    await agree((gy) => windows.averagePoolInput(gy, window, x.shape), windows.averagePool(x, window));
  });
  test.each(all)('max pooling, with its places and both adjoints: $kernel, $stride, $pad', async (window) => {
    for (const ceil of [false, true]) {
      const x = scattered(2, 3, 9, 7);
      await agree((x) => windows.maxPool(x, window, ceil).y, x);
      await agree((x) => windows.maxPool(x, window, ceil).places, x);
      const { y, places } = windows.maxPool(x, window, ceil);
      await agree((gy, at) => windows.poolScatter(gy, at, x.shape, window), y, places);
      await agree((gy, at) => windows.poolScatter(gy, at, x.shape), y, places);
      await agree((x, at) => windows.poolGather(x, at), x, places);
    }
  });
  test('the first of several largest elements is taken, and NaN counts as the largest', async () => {
    const window = { kernel: [2, 2], stride: [1, 1], pad: [1, 1] } as const;
    const x = array([[1, 1, 3], [1, NaN, 3], [0, -1, -2]]).reshape([1, 1, 3, 3]); // prettier-ignore
    await agree((x) => windows.maxPool(x, window).places, x);
    await agree((x) => windows.maxPool(x, window).y, x);
  });
});
