import { expect, test } from 'vitest';
import type { Backend, DType, TypedArray, View, Window2d } from '../../dezero/backends/backend';
import { load } from '../../dezero/backends/cpu/loader';
import { KernelMemory } from '../../dezero/backends/cpu/memory';
import type { CpuStorage } from '../../dezero/backends/cpu/storage';
import { Kernels } from '../../dezero/backends/cpu/wasm';

const backend = {} as Backend; // nothing here asks it for anything

const memory = new KernelMemory(2 ** 26);
const withoutBlas = { leastWork: 1, leastBlas: Infinity };
const flavours = [
  new Kernels(memory, { flavour: 'plain', ...withoutBlas }),
  new Kernels(memory, { flavour: 'relaxed', ...withoutBlas }),
  new Kernels(memory, { leastWork: 1, leastBlas: 1 }), // the system's BLAS, where there is one
];
const places = ['in the memory of the kernels', 'in ordinary arrays'] as const;
type Place = (typeof places)[number];

/** Every flavour with operands in every place, where what was allocated is given back. */
function everywhere(
  run: (kernels: Kernels, make: (shape: number[], seed?: number) => View) => void,
  dtypes: readonly ('float32' | 'float64')[] = ['float32'],
): void {
  for (const kernels of flavours) {
    for (const place of places) {
      for (const dtype of dtypes) {
        const taken: number[] = [];
        run(kernels, (shape, seed) => contiguous(shape, place, taken, seed, dtype));
        for (const pointer of taken) memory.free(pointer);
      }
    }
  }
}

/** A view of numbers between -1 and 1; without a seed, of NaN. */
function contiguous(
  shape: number[],
  place: Place,
  taken: number[],
  seed?: number,
  dtype: 'float32' | 'float64' = 'float32',
): View {
  const Kind = dtype === 'float32' ? Float32Array : Float64Array;
  const length = shape.reduce((a, b) => a * b, 1);
  const pointer = place === places[0] ? memory.alloc(length * Kind.BYTES_PER_ELEMENT) : -1;
  if (pointer === null) throw new Error('the test needs more memory');
  if (pointer >= 0) taken.push(pointer);
  const values = pointer < 0 ? new Kind(length) : new Kind(memory.buffer, pointer, length);
  for (let i = 0; i < length; i++) values[i] = seed === undefined ? NaN : Math.sin(1 + seed * 17.3 + i * i * 0.37);
  return view({ values, pointer }, shape, dtype);
}

function view({ values, pointer }: { values: TypedArray; pointer: number }, shape: number[], dtype: DType = 'float32') {
  const storage: CpuStorage = { backend, dtype, length: values.length, freed: false, values, pointer };
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  return { storage, dtype, shape, strides, offset: 0 };
}

function permuted(x: View, axes: number[]): View {
  return { ...x, shape: axes.map((axis) => x.shape[axis] ?? 0), strides: axes.map((axis) => x.strides[axis] ?? 0) };
}

/** x read backwards along one axis. */
function reversed(x: View, axis: number): View {
  const stride = x.strides[axis] ?? 0;
  return {
    ...x,
    strides: x.strides.with(axis, -stride),
    offset: x.offset + ((x.shape[axis] ?? 0) - 1) * stride,
  };
}

/** The middle of x: one element less on each side of each axis. */
function inside(x: View): View {
  return { ...x, shape: x.shape.map((n) => n - 2), offset: x.offset + x.strides.reduce((a, b) => a + b, 0) };
}

function placeOf(x: View, index: readonly number[]): number {
  return index.reduce((sum, i, axis) => sum + i * (x.strides[axis] ?? 0), x.offset);
}

function at(x: View, ...index: number[]): number {
  return dense(x)[placeOf(x, index)] ?? NaN;
}

/** All that x's storage holds. */
function dense(x: View): TypedArray {
  return (x.storage as CpuStorage).values;
}

/** Compares out with the sums of `terms(index)` for each of its elements, in float64. */
function expectSums(out: View, terms: (index: number[]) => number): void {
  let worst = 0;
  const walk = (index: number[]): void => {
    const size = out.shape[index.length];
    if (size === undefined) {
      const error = Math.abs(at(out, ...index) - terms(index));
      worst = Math.max(worst, Number.isNaN(error) ? Infinity : error);
    } else for (let i = 0; i < size; i++) walk([...index, i]);
  };
  walk([]);
  expect(worst).toBeLessThan(out.dtype === 'float64' ? 1e-11 : 1e-4); // sums of up to some thousand products between -1 and 1
}

function expectMatmul(kernels: Kernels, a: View, b: View, bias: View | null, out: View): void {
  expect(kernels.matmul(a, b, bias, out)).toBe(true);
  const K = a.shape.at(-1) ?? 0;
  const [aStep, bStep] = [a.strides.at(-1) ?? 0, b.strides.at(-2) ?? 0];
  const [aValues, bValues] = [dense(a), dense(b)];
  expectSums(out, (index) => {
    const [lead, i, j] = [index.slice(0, -2), index.at(-2) ?? 0, index.at(-1) ?? 0];
    const [aStart, bStart] = [placeOf(a, [...lead, i, 0]), placeOf(b, [...lead, 0, j])];
    let sum = bias ? at(bias, j) : 0;
    for (let k = 0; k < K; k++) sum += (aValues[aStart + k * aStep] ?? NaN) * (bValues[bStart + k * bStep] ?? NaN);
    return sum;
  });
}

type Pair = readonly [number, number];

function outputSize(size: Pair, { kernel, stride, pad }: Window2d): Pair {
  const along = (i: 0 | 1) => Math.floor((size[i] + 2 * pad[i] - kernel[i]) / stride[i]) + 1;
  return [along(0), along(1)];
}

/** Checks conv2d and both adjoints for these operands. */
function expectConvolution(
  kernels: Kernels,
  window: Window2d,
  { x, W, b, gy }: { x: View; W: View; b: View; gy: View },
  empty: (shape: number[]) => View,
): void {
  const [N = 0, C = 0, H = 0, width = 0] = x.shape;
  const [, O = 0, OH = 0, OW = 0] = gy.shape;
  const seen = W.shape[1] ?? 0; // channels, by each filter
  const groups = C / seen;
  const { kernel, stride, pad } = window;
  const [KH, KW] = kernel;
  const y = empty([N, O, OH, OW]);
  expect(kernels.conv2d(x, W, b, window, true, y)).toBe(true);
  const gx = empty([N, C, H, width]);
  expect(kernels.conv2dInput(gy, W, window, gx)).toBe(true);
  const gW = empty([O, seen, KH, KW]);
  expect(kernels.conv2dWeight(x, gy, window, gW)).toBe(true);

  // All the products once: y(n,o,oh,ow), x(n,c,h,w) and W(o,c,i,j) go together.
  const sums = {
    y: new Float64Array(N * O * OH * OW),
    gx: new Float64Array(N * C * H * width),
    gW: new Float64Array(O * seen * KH * KW),
  };
  for (let n = 0; n < N; n++)
    for (let o = 0; o < O; o++)
      for (let k = 0; k < seen; k++)
        for (let oh = 0; oh < OH; oh++)
          for (let ow = 0; ow < OW; ow++)
            for (let i = 0; i < KH; i++)
              for (let j = 0; j < KW; j++) {
                const [h, w] = [oh * stride[0] + i - pad[0], ow * stride[1] + j - pad[1]];
                if (h < 0 || h >= H || w < 0 || w >= width) continue;
                const c = Math.floor(o / (O / groups)) * seen + k; // of its group
                const [g, weight, value] = [at(gy, n, o, oh, ow), at(W, o, k, i, j), at(x, n, c, h, w)];
                add(sums.y, ((n * O + o) * OH + oh) * OW + ow, weight * value);
                add(sums.gx, ((n * C + c) * H + h) * width + w, g * weight);
                add(sums.gW, ((o * seen + k) * KH + i) * KW + j, g * value);
              }
  expectSums(y, ([n = 0, o = 0, oh = 0, ow = 0]) =>
    Math.max(0, (sums.y[((n * O + o) * OH + oh) * OW + ow] ?? NaN) + at(b, o)),
  );
  expectSums(gx, ([n = 0, c = 0, h = 0, w = 0]) => sums.gx[((n * C + c) * H + h) * width + w] ?? NaN);
  expectSums(gW, ([o = 0, k = 0, i = 0, j = 0]) => sums.gW[((o * seen + k) * KH + i) * KW + j] ?? NaN);
}

function add(sums: Float64Array, place: number, value: number): void {
  sums[place] = (sums[place] ?? 0) + value;
}

test('a·b, aᵀ·b and a·bᵀ are right for sizes that fit no block', () => {
  const sizes = [1, 3, 4, 9, 31, 67];
  everywhere(
    (kernels, make) => {
      const [a, b, bias] = [make([67, 67], 1), make([67, 67], 2), make([67], 3)];
      for (const [left, right] of [
        [a, b],
        [permuted(a, [1, 0]), b],
        [a, permuted(b, [1, 0])],
      ] as const) {
        // prettier-ignore
        for (const m of sizes) {
        for (const n of sizes) {
          for (const k of sizes) {
            const [x, y] = [{ ...left, shape: [m, k] }, { ...right, shape: [k, n] }];
            expectMatmul(kernels, x, y, m % 2 ? { ...bias, shape: [n] } : null, make([m, n]));
          }
        }
      }
      }
    },
    ['float32', 'float64'],
  );
});

test('a matrix product goes on over the ends of its blocks', () => {
  everywhere(
    (kernels, make) => {
      expectMatmul(kernels, make([130, 11], 1), make([11, 389], 2), null, make([130, 389]));
      expectMatmul(kernels, make([5, 777], 3), make([777, 9], 4), make([9], 5), make([5, 9]));
    },
    ['float32', 'float64'],
  );
});

test('matrix products have leading axes, and read any strides', () => {
  everywhere(
    (kernels, make) => {
      const [a, b] = [make([3, 2, 9, 20], 1), make([3, 2, 20, 14], 2)];
      expectMatmul(kernels, a, b, null, make([3, 2, 9, 14]));
      expectMatmul(kernels, { ...a, strides: [0, 180, 20, 1] }, b, null, make([3, 2, 9, 14]));
      expectMatmul(kernels, a, { ...b, strides: [0, 0, 14, 1] }, make([14], 3), make([3, 2, 9, 14]));
      expectMatmul(kernels, reversed(a, 3), reversed(reversed(b, 2), 1), null, make([3, 2, 9, 14]));
      expectMatmul(kernels, inside(make([32, 42], 4)), inside(make([42, 22], 5)), null, make([30, 20]));
      expectMatmul(kernels, permuted(a, [2, 0, 1, 3]), permuted(make([3, 2, 20, 9], 6), [3, 0, 2, 1]), null, make([9, 3, 2, 2])); // prettier-ignore
      expectMatmul(kernels, { ...make([30], 7), shape: [20, 30], strides: [0, 1] }, make([30, 20], 8), null, make([20, 20])); // prettier-ignore
    },
    ['float32', 'float64'],
  );
});

test('convolution and its adjoints are right for every kernel, stride and padding', () => {
  for (const K of [1, 2, 3, 5, 7]) {
    everywhere(
      (kernels, make) => {
        const [x, W, b] = [make([3, 3, 8, 11], 1), make([5, 3, K, K], 2), make([5], 3)];
        for (const S of [1, 2]) {
          for (const P of [0, 1, 2, 3]) {
            const window = { kernel: [K, K], stride: [S, S], pad: [P, P] } as const;
            const gy = make([3, 5, ...outputSize([8, 11], window)], 4);
            expectConvolution(kernels, window, { x, W, b, gy }, make);
          }
        }
      },
      ['float32', 'float64'],
    );
  }
});

test('convolution takes windows that differ by axis, skip pixels, or lie on odd strides', () => {
  everywhere(
    (kernels, make) => {
      const [x, W, b] = [make([2, 4, 12, 9], 1), make([6, 4, 3, 5], 2), make([6], 3)];
      const wide: Window2d = { kernel: [3, 5], stride: [2, 1], pad: [1, 0] };
      expectConvolution(kernels, wide, { x, W, b, gy: make([2, 6, 6, 5], 4) }, make);

      const sparse: Window2d = { kernel: [2, 1], stride: [3, 2], pad: [0, 0] };
      expectConvolution(kernels, sparse, { x, W: make([6, 4, 2, 1], 5), b, gy: make([2, 6, 4, 5], 6) }, make);

      const square: Window2d = { kernel: [3, 3], stride: [1, 1], pad: [1, 1] };
      const lastAxis = permuted(make([3, 10, 7, 4], 7), [0, 3, 1, 2]); // channels last in memory
      const turned = reversed(reversed(permuted(make([4, 6, 3, 3], 8), [1, 0, 2, 3]), 2), 3);
      const gy = inside(make([5, 8, 12, 9], 9));
      expectConvolution(kernels, square, { x: lastAxis, W: turned, b, gy }, make);
      expectConvolution(kernels, square, { x: { ...lastAxis, strides: [0, 1, 28, 4] }, W: turned, b, gy }, make);
    },
    ['float32', 'float64'],
  );
});

const grouped = [
  { groups: '2, of 2 channels and 3 filters each', C: 4, seen: 2, O: 6 },
  { groups: '3, of 2 channels and 1 filter each', C: 6, seen: 2, O: 3 },
  { groups: 'depthwise', C: 3, seen: 1, O: 3 },
  { groups: 'depthwise, two filters a channel', C: 2, seen: 1, O: 4 },
];

test.each(grouped)(
  'convolution and its adjoints are right in groups, whatever the window: $groups',
  ({ C, seen, O }) => {
    for (const [KH, KW] of [[1, 1], [3, 3], [2, 5]] as const) {
      everywhere((kernels, make) => {
        const [x, W, b] = [make([2, C, 8, 11], 1), make([O, seen, KH, KW], 2), make([O], 3)];
        for (const S of [1, 2, 3]) {
          for (const P of [0, 1, 2]) {
            const window = { kernel: [KH, KW], stride: [S, S], pad: [P, P] } as const;
            expectConvolution(kernels, window, { x, W, b, gy: make([2, O, ...outputSize([8, 11], window)], 4) }, make);
          }
        }
      }, ['float32', 'float64']);
    }
  },
); // prettier-ignore

test('depthwise convolution reads any strides, and has planes of any size', () => {
  const square: Window2d = { kernel: [3, 3], stride: [1, 1], pad: [1, 1] };
  everywhere((kernels, make) => {
    const lastAxis = permuted(make([3, 10, 7, 6], 1), [0, 3, 1, 2]);
    const W = reversed(reversed(permuted(make([1, 6, 3, 3], 2), [1, 0, 2, 3]), 2), 3);
    const gy = inside(make([5, 8, 12, 9], 3));
    expectConvolution(kernels, square, { x: lastAxis, W, b: make([6], 4), gy }, make);
    const [weights, b] = [make([3, 1, 3, 3], 5), make([3], 6)];
    for (const [H, width] of [[1, 1], [1, 9], [9, 1], [2, 3], [5, 4], [4, 17]] as const) {
      const [x, g] = [make([2, 3, H, width], 7), make([2, 3, H, width], 8)];
      expectConvolution(kernels, square, { x, W: weights, b, gy: g }, make);
    } // prettier-ignore
  });
});

test('depthwise convolution takes many pictures a few at a time, and its planes are shared among threads', () => {
  everywhere((kernels, make) => {
    const window: Window2d = { kernel: [3, 3], stride: [1, 1], pad: [1, 1] };
    const operands = { x: make([3, 21, 36, 40], 1), W: make([21, 1, 3, 3], 2), b: make([21], 3) };
    expectConvolution(kernels, window, { ...operands, gy: make([3, 21, 36, 40], 4) }, make);
  });
});

test('convolution takes many pictures a few at a time', () => {
  everywhere(
    (kernels, make) => {
      const window: Window2d = { kernel: [3, 3], stride: [1, 1], pad: [1, 1] };
      const operands = { x: make([5, 2, 36, 40], 1), W: make([3, 2, 3, 3], 2), b: make([3], 3) };
      expectConvolution(kernels, window, { ...operands, gy: make([5, 3, 36, 40], 4) }, make);
    },
    ['float32', 'float64'],
  );
});

const tiled: readonly (readonly [N: number, C: number, O: number, size: Pair, pad: Pair])[] = [
  [1, 16, 16, [8, 8], [1, 1]],
  [2, 17, 19, [9, 7], [0, 1]],
  [3, 16, 18, [5, 4], [2, 0]],
  [1, 18, 16, [13, 1], [1, 3]], // more than the adjoint can undo
  [2, 16, 16, [3, 3], [0, 0]], // a single position
  [1, 130, 20, [4, 6], [1, 1]],
  [2, 16, 17, [33, 32], [1, 1]], // in pieces, a picture at a time
];

test.each(tiled)('convolution of %i × %i to %i channels by tiles of 2×2, size %j, padding %j', (N, C, O, [H, width], pad) => {
  const window: Window2d = { kernel: [3, 3], stride: [1, 1], pad };
  everywhere((kernels, make) => {
    const [x, W, b] = [make([N, C, H, width], 1), make([O, C, 3, 3], 2), make([O], 3)];
    const size = outputSize([H, width], window);
    expectConvolution(kernels, window, { x, W, b, gy: make([N, O, ...size], 4) }, make);
    const turned = reversed(reversed(permuted(make([C, O, 3, 3], 5), [1, 0, 2, 3]), 2), 3);
    const within = inside(make([N + 2, C + 2, H + 2, width + 2], 6));
    const gy = permuted(make([N, ...size, O], 7), [0, 3, 1, 2]); // channels last
    expectConvolution(kernels, window, { x: within, W: turned, b, gy }, make);
  });
}); // prettier-ignore

test('relu makes zeros of negative numbers and of NaN', () => {
  const window: Window2d = { kernel: [1, 1], stride: [1, 1], pad: [0, 0] };
  everywhere((kernels, make) => {
    const [x, y] = [make([1, 16, 6, 7], 1), make([1, 16, 6, 7])];
    (x.storage as CpuStorage).values.fill(NaN, 0, 1);
    expect(kernels.conv2d(x, make([16, 16, 1, 1], 2), null, window, true, y)).toBe(true);
    const values = [...dense(y)];
    expect(values[0]).toBe(0);
    expect(Math.min(...values)).toBe(0);
    expect(Math.max(...values)).toBeGreaterThan(1);
  });
});

test('the same operands give the same bits, wherever they lie', () => {
  for (const kernels of flavours) {
    const results = places.map((place) => {
      const out = contiguous([40, 40], place, []);
      kernels.matmul(contiguous([40, 300], place, [], 1), contiguous([300, 40], place, [], 2), null, out);
      return [...dense(out)];
    });
    expect(results[0]).toEqual(results[1]);
  }
});

test('an operation that does not suit the kernels is declined, and nothing is reserved for it', () => {
  const [big, small] = [[32, 32], [4, 4]]; // prettier-ignore
  const make = (shape: number[]) => contiguous(shape, places[1], [], 1);
  const untouched = new KernelMemory(2 ** 24);
  Object.defineProperty(untouched, 'memory', { get: () => expect.unreachable('memory was reserved') });
  const kernels = new Kernels(untouched);
  const int32 = view({ values: new Int32Array(1024), pointer: -1 }, big, 'int32');
  expect(kernels.matmul(int32, int32, null, int32)).toBe(false);
  expect(kernels.matmul(make(big), make(big), null, contiguous(big, places[1], [], 1, 'float64'))).toBe(false);
  expect(kernels.matmul(make(small), make(small), null, make(small))).toBe(false);
  expect(kernels.matmul(make(big), make(big), { ...make([32]), strides: [0] }, make(big))).toBe(false);
  expect(kernels.matmul(make([32, 0]), make([0, 32]), null, make(big))).toBe(false);
});

test('without memory, or without room in it, an operation is declined and takes none', () => {
  const make = (shape: number[]) => contiguous(shape, places[1], [], 1);
  const none = new Kernels(new KernelMemory(0));
  expect(none.matmul(make([32, 32]), make([32, 32]), null, make([32, 32]))).toBe(false);

  const small = new KernelMemory(2 ** 24);
  const kernels = new Kernels(small);
  expect(kernels.matmul(make([32, 32]), make([32, 32]), null, make([32, 32]))).toBe(true);
  const before = small.used;
  const large = contiguous([2048, 2048], places[1], []);
  expect(kernels.matmul(large, make([2048, 2]), null, make([2048, 2]))).toBe(false);
  expect(small.used).toBeLessThan(before + 2 ** 17);
});

test('the kernels also run on memory that is not shared', () => {
  const own = new WebAssembly.Memory({ initial: 256, maximum: 256 });
  expect(load('plain', own).exports.scratchSize()).toBeGreaterThan(0);
  expect(load('relaxed', own).exports.scratchSize()).toBeGreaterThan(0);
});
