import { afterEach, expect, test } from 'vitest';
import type { DType, UpdateRule, View } from '../../dezero/backends/backend';
import { ElementKernels } from '../../dezero/backends/cpu/elementKernels';
import * as reference from '../../dezero/backends/cpu/elementwise';
import * as products from '../../dezero/backends/cpu/products';
import { getThreads, setThreads } from '../../dezero/backends/cpu/threads';
import { update } from '../../dezero/backends/cpu/updates';
import { Kernels } from '../../dezero/backends/cpu/wasm';
import { PhiloxStream } from '../../dezero/backends/philox';
import { expectClose, make, memory, places, valuesOf, views, waves, type Place } from './views';

const kernels = new ElementKernels(new Kernels(memory), 1);

const threads = getThreads();
afterEach(() => setThreads(threads));

const shapes = [[1], [7], [513], [3, 5], [4, 130], [2, 3, 17], [5, 2, 3, 4]];
const odd = [0, -0, 1, -1, NaN, Infinity, -Infinity, 1e-42, 3e38, 104, -104, 0.5, -0.7];
const oddOnes = (i: number) => odd[i % odd.length] ?? 0;

test.each(places)('functions of one number agree with the loops on every view, and on odd numbers, %s', (place) => {
  for (const op of ['neg', 'sqrt', 'square', 'abs', 'sign', 'relu', 'floor', 'exp', 'log', 'sigmoid', 'tanh'] as const) {
    const exact = !['exp', 'log', 'sigmoid', 'tanh'].includes(op);
    const check = (x: View, tolerance: number) => {
      const [y, expected] = [make(place, [...x.shape]), make(place, [...x.shape])];
      expect(kernels.unary(op, x, y)).toBe(true);
      reference.unary(op, x, expected);
      expectClose(y, expected, tolerance, exact ? 0 : 1e-37); // below, numbers have ever fewer bits
    };
    for (const shape of shapes) for (const x of views(place, shape, waves(1))) check(x, exact ? 0 : 3e-7);
    check(make(place, [5, 13], oddOnes), exact ? 0 : 3e-7);
    check(make(place, [20_000], (i) => (i - 10_000) / 100), exact ? 0 : 3e-7);
    check(make(place, [4000], (i) => 1.02 ** (i - 2000)), exact ? 0 : 3e-7);
  } // prettier-ignore
});

const binary = ['add', 'sub', 'mul', 'div', 'maximum', 'minimum', 'gate', 'sigmoidGradient', 'tanhGradient', 'equal', 'less', 'lessEqual'] as const; // prettier-ignore

test.each(places)(
  'functions of two numbers agree with the loops to the last bit, on all views of both, %s',
  (place) => {
    for (const op of binary) {
      const dtype = ['equal', 'less', 'lessEqual'].includes(op) ? 'bool' : 'float32';
      const check = (a: View | number, b: View | number, shape: number[]) => {
        const [y, expected] = [make(place, shape, undefined, dtype), make(place, shape, undefined, dtype)];
        expect(kernels.binary(op, a, b, y)).toBe(true);
        reference.binary(op, a, b, expected);
        expectClose(y, expected);
      };
      for (const shape of [[513], [4, 130], [2, 3, 17]]) {
        const [left, right] = [views(place, shape, waves(1)), views(place, shape, waves(2))];
        for (const a of left) for (const b of right) check(a, b, shape);
        for (const a of left.slice(0, 2)) check(a, 0.1, shape);
        for (const b of right.slice(0, 2)) check(-2, b, shape);
      }
      const [a, b] = [make(place, [13, 13], oddOnes), make(place, [13], oddOnes)];
      check(a, { ...b, shape: [13, 13], strides: [1, 0] }, [13, 13]);
    }
  },
);

test('float64 in the memory of the kernels agrees with the loops to the last bit; elsewhere it is left to them', () => {
  const wide = (shape: number[], value?: (i: number) => number, place: Place = places[0]) =>
    make(place, shape, value, 'float64');
  const check = (out: DType, shape: number[], ours: (y: View) => boolean, loops: (y: View) => void) => {
    const [y, expected] = [make(places[0], shape, undefined, out), make(places[0], shape, undefined, out)];
    expect(ours(y)).toBe(true);
    loops(expected);
    expectClose(y, expected);
  };
  const inputs = [wide([13, 13], oddOnes), wide([13, 13], waves(1)), wide([13, 13], (i) => 1.7 ** (i - 80))];
  const pieces = inputs.flatMap((x) => [x, { ...x, strides: [1, 13] }, { ...x, strides: [0, 1] }]);
  for (const x of pieces) {
    for (const op of ['neg', 'sqrt', 'square', 'abs', 'sign', 'relu', 'floor'] as const) {
      check(
        'float64',
        [13, 13],
        (y) => kernels.unary(op, x, y),
        (y) => reference.unary(op, x, y),
      );
    }
    for (const op of binary) {
      const out = ['equal', 'less', 'lessEqual'].includes(op) ? 'bool' : 'float64';
      for (const b of [...pieces, 0.1]) {
        check(
          out,
          [13, 13],
          (y) => kernels.binary(op, x, b, y),
          (y) => reference.binary(op, x, b, y),
        );
      }
    }
    const mask = make(places[0], [13, 13], (i) => i & 1, 'bool');
    check(
      'float64',
      [13, 13],
      (y) => kernels.where(mask, x, 0.1, y),
      (y) => reference.where(mask, x, 0.1, y),
    );
    if (!reference.isDense(x))
      check(
        'float64',
        [13, 13],
        (y) => kernels.copy(x, y),
        (y) => reference.copy(x, y),
      );
  }
  const [x] = inputs as [View];
  for (const op of ['exp', 'log', 'sigmoid', 'tanh', 'sin'] as const)
    expect(kernels.unary(op, x, wide([13, 13]))).toBe(false);
  expect(kernels.binary('pow', x, 0.5, wide([13, 13]))).toBe(false);
  expect(kernels.unary('neg', wide([13, 13], waves(1), places[1]), wide([13, 13]))).toBe(false);
  expect(kernels.binary('add', x, make(places[0], [13, 13]), wide([13, 13])), 'two dtypes').toBe(false);
});

test.each(places)('powers, choices and copies agree with the loops, %s', (place) => {
  const shape = [4, 130];
  const mask = make(place, shape, (i) => Number((i * i) % 3 === 1), 'bool');
  const masks = [mask, { ...mask, strides: [0, 1] }, { ...mask, strides: [130, 0] }];
  const out = (dtype: DType = 'float32') => [make(place, shape, undefined, dtype), make(place, shape, undefined, dtype)] as const; // prettier-ignore
  for (const x of views(place, shape, (i) => 0.1 + waves(1)(i) ** 2)) {
    for (const exponent of [2, 0.5, -1]) {
      const [y, expected] = out();
      expect(kernels.binary('pow', x, exponent, y)).toBe(true);
      reference.binary('pow', x, exponent, expected);
      expectClose(y, expected, 1e-7);
    }
    expect(kernels.binary('pow', x, 3, out()[0]), 'other powers are left to the loops').toBe(false);
    for (const m of masks) {
      const [y, expected] = out();
      expect(kernels.where(m, x, 7, y)).toBe(true);
      reference.where(m, x, 7, expected);
      expectClose(y, expected);
    }
    const [y, expected] = out();
    if (kernels.copy(x, y)) {
      reference.copy(x, expected);
      expectClose(y, expected);
    } else expect(reference.isDense(x), 'what lies in order is copied as a whole').toBe(true);
  }
});

test.each(places)('sums and extremes agree with the loops along all axes of all views, %s', (place) => {
  const subsets = (n: number) => Array.from({ length: 2 ** n }, (_, bits) => Array.from({ length: n }, (__, i) => i).filter((i) => (bits >> i) & 1)); // prettier-ignore
  let done = 0;
  for (const dtype of place === places[0] ? (['float32', 'float64'] as const) : (['float32'] as const)) {
    for (const shape of [[513], [3, 70], [2, 3, 17], [5, 2, 3, 4], [2, 16, 3, 3]]) {
      for (const x of views(place, shape, waves(3), dtype)) {
        for (const axes of subsets(shape.length)) {
          const kept = shape.map((n, i) => (axes.includes(i) ? 1 : n));
          for (const op of ['sum', 'max', 'min'] as const) {
            const [y, expected] = [make(place, kept, undefined, dtype), make(place, kept, undefined, dtype)];
            if (!kernels.reduce(op, x, axes, y)) continue; // no neighbours to go along
            done++;
            reference.reduce(op, x, axes, expected);
            if (op === 'sum' && dtype === 'float32') expectClose(y, expected, 1e-6, 1e-5);
            else expectClose(y, expected); // the digits of float64 are those of the loops
          }
        }
      }
    }
    expect(done, 'most views have neighbours').toBeGreaterThan(500);
    done = 0;
  }
  const withNaN = make(place, [3, 4], (i) => (i === 5 ? NaN : i));
  const y = make(place, [3, 1]);
  expect(kernels.reduce('max', withNaN, [1], y)).toBe(true);
  expect(valuesOf(y)).toEqual([3, NaN, 11]);
});

test.each(places)('pooling and its adjoints agree with the loops, %s', (place) => {
  for (const [kernel, stride, pad] of [[[2, 2], [2, 2], [0, 0]], [[3, 3], [2, 2], [1, 1]], [[2, 3], [1, 2], [1, 0]]] as const) {
    for (const dtype of ['float32', 'float64'] as const) {
    const window = { kernel, stride, pad };
    const x = make(place, [2, 3, 7, 9], (i) => (i === 40 ? NaN : Math.round(waves(4)(i))), dtype); // ties, and a NaN
    const along = (n: number, i: 0 | 1) => Math.floor((n + 2 * pad[i] - kernel[i]) / stride[i]) + 1;
    const shape = [2, 3, along(7, 0), along(9, 1)];
    const pictures = () => make(place, [2, 3, 7, 9], undefined, dtype);
    const windows = (kind: DType = dtype) => make(place, shape, undefined, kind);
    const [y, at, expected, expectedAt] = [windows(), windows('int32'), windows(), windows('int32')];
    expect(kernels.maxPool(x, window, y, at)).toBe(true);
    products.maxPool(x, window, expected, expectedAt);
    expectClose(y, expected);
    expectClose(at, expectedAt);
    const gy = make(place, shape, waves(5), dtype);
    const pairs: [View, View, () => boolean, (out: View) => void][] = [];
    const [gathered, scattered, averaged, spread] = [windows(), pictures(), windows(), pictures()];
    pairs.push([gathered, windows(), () => kernels.poolGather(x, at, gathered), (out) => products.poolGather(x, at, out)]);
    pairs.push([scattered, pictures(), () => kernels.poolScatter(gy, at, scattered), (out) => products.poolScatter(gy, at, out)]);
    pairs.push([averaged, windows(), () => kernels.averagePool(x, window, averaged), (out) => products.averagePool(x, window, out)]);
    pairs.push([spread, pictures(), () => kernels.averagePoolInput(gy, window, spread), (out) => products.averagePoolInput(gy, window, out)]);
    for (const [out, wanted, run, loops] of pairs) {
      expect(run()).toBe(true);
      loops(wanted);
      if (dtype === 'float32') expectClose(out, wanted, 1e-6, 1e-6);
      else expectClose(out, wanted);
    }
    }
  } // prettier-ignore
});

const rules: [UpdateRule, number][] = [['sgd', 0], ['momentum', 1], ['nesterov', 1], ['adaGrad', 1], ['adaDelta', 2], ['rmsProp', 1], ['adam', 2], ['adamW', 2]]; // prettier-ignore

test.each(places)('optimizer steps agree with the loops, %s', (place) => {
  const settings = { lr: 0.1, momentum: 0.9, eps: 1e-6, rho: 0.95, alpha: 0.99, beta1: 0.9, beta2: 0.999, step: 3, weightDecay: 0.01 }; // prettier-ignore
  for (const dtype of place === places[0] ? (['float32', 'float64'] as const) : (['float32'] as const))
    for (const [rule, states] of rules) {
      const fresh = () => [waves(1), waves(2), ...Array.from({ length: states }, (_, i) => (k: number) => waves(3 + i)(k) ** 2)].map((value) => make(place, [131], value, dtype)); // prettier-ignore
      const [ours, loops] = [fresh(), fresh()];
      const [[p, g, ...state], [q, h, ...other]] = [ours, loops] as [[View, View, ...View[]], [View, View, ...View[]]];
      expect(kernels.update(rule, { parameter: p, grad: g, state, settings })).toBe(true);
      update(rule, { parameter: q, grad: h, state: other, settings });
      ours.forEach((view, i) => expectClose(view, loops[i] ?? view, dtype === 'float64' ? 0 : 2e-5));
      expect(valuesOf(p)).not.toEqual(valuesOf(make(place, [131], waves(1), dtype)));
    }
});

test('random words are those of the stream, whatever block they begin at', () => {
  const [key, counter] = [[123, 4_000_000_000] as const, 2 ** 32 - 3];
  const [out, uniform] = [make(places[0], [40], undefined, 'int32'), make(places[0], [40])];
  expect(kernels.words(key, counter, out)).toBe(true);
  expect(kernels.words(key, counter, uniform)).toBe(true);
  const [words, numbers] = [new PhiloxStream(key, counter), new PhiloxStream(key, counter)];
  expect(valuesOf(out)).toEqual(Array.from({ length: 40 }, () => words.word() | 0));
  expect(valuesOf(uniform)).toEqual(Array.from({ length: 40 }, () => numbers.uniform32()));
});

test('on one thread and on several, the results are the same to the last bit', () => {
  const x = make(places[0], [40, 5001], waves(6));
  const results = (n: number) => {
    setThreads(n);
    const [y, sums] = [make(places[0], [40, 5001]), make(places[0], [1, 5001])];
    for (let round = 0; round < 20; round++) {
      expect(kernels.unary('exp', x, y)).toBe(true);
      expect(kernels.reduce('sum', x, [0], sums)).toBe(true);
    }
    return [valuesOf(y), valuesOf(sums)];
  };
  const alone = results(1);
  for (const n of [2, 4]) expect(results(n)).toEqual(alone);
  for (const bad of [0, 17, 1.5]) expect(() => setThreads(bad)).toThrow('setThreads: a whole number from 1 to 16');
});

test('what is too little, or of another dtype, is left to the loops', () => {
  const few = new ElementKernels(new Kernels(memory));
  const [small, int] = [make(places[1], [100], waves(1)), make(places[1], [1000], waves(1), 'int32')];
  expect(few.unary('exp', small, make(places[1], [100]))).toBe(false);
  expect(few.binary('add', int, 1, make(places[1], [1000], undefined, 'int32'))).toBe(false);
  expect(few.reduce('sum', int, [0], make(places[1], [1]))).toBe(false);
});
