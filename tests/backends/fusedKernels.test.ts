import { afterEach, describe, expect, test } from 'vitest';
import type { View } from '../../dezero/backends/backend';
import * as channels from '../../dezero/backends/cpu/batchNorm';
import { FusedKernels } from '../../dezero/backends/cpu/fusedKernels';
import * as rows from '../../dezero/backends/cpu/softmax';
import { getThreads, setThreads } from '../../dezero/backends/cpu/threads';
import { Kernels } from '../../dezero/backends/cpu/wasm';
import { expectClose, make, memory, places, valuesOf, views, waves } from './views';

const kernels = new FusedKernels(new Kernels(memory), 1);

const threads = getThreads();
afterEach(() => setThreads(threads));

type Run = { mean: View; variance: View; decay: number };

describe.each(places)('%s', (place) => {
  const like = ({ shape }: View) => [make(place, [...shape]), make(place, [...shape])] as const;

  test('softmax and its logarithm agree with the loops along every axis of every view', () => {
    for (const shape of [[1], [7], [513], [3, 5], [4, 130], [2, 3, 17], [5, 2, 3, 4], [3, 2, 1030]]) {
      for (const x of views(place, shape, waves(1))) {
        for (const axis of shape.keys()) {
          for (const log of [false, true]) {
            const [y, expected] = like(x);
            expect(kernels.softmax(x, axis, log, y)).toBe(true);
            rows.softmax(x, axis, log, expected);
            expectClose(y, expected, 1e-6, 1e-6);
          }
        }
      }
    }
  });

  test('scores of any size neither overflow nor vanish, one of −∞ has no share, and NaN stays', () => {
    const scores = [1e4, -1e4, 0, -Infinity, 88, 3e38, -3e38, 100, NaN, 1, -Infinity, 2];
    const x = make(place, [3, 4], (i) => scores[i] ?? 0);
    for (const log of [false, true]) {
      const [y, expected] = like(x);
      expect(kernels.softmax(x, 1, log, y)).toBe(true);
      rows.softmax(x, 1, log, expected);
      expectClose(y, expected, 1e-6);
    }
  });

  test('the loss of rows of scores and its gradient agree with the loops', () => {
    for (const [N, C] of [
      [1, 1],
      [1, 7],
      [5, 3],
      [33, 10],
      [4, 1003],
    ] as const) {
      const labels = make(place, [N], (i) => (i * 5 + 2) % C, 'int32');
      const gy = make(place, [], () => 1.7);
      for (const x of views(place, [N, C], waves(2))) {
        const [loss, expectedLoss] = [make(place, []), make(place, [])];
        expect(kernels.crossEntropy(x, labels, loss)).toBe(true);
        rows.crossEntropy(x, labels, expectedLoss);
        expectClose(loss, expectedLoss, 1e-6, 1e-6);
        const [gx, expected] = like(x);
        expect(kernels.crossEntropyInput(x, labels, gy, gx)).toBe(true);
        rows.crossEntropyInput(x, labels, gy, expected);
        expectClose(gx, expected, 1e-5, 1e-7);
      }
    }
  });

  test('moments, batch norm and its gradients agree with the loops', () => {
    for (const shape of [
      [2, 1],
      [5, 3],
      [130, 9],
      [2, 3, 1, 1],
      [4, 5, 2, 2],
      [3, 4, 7, 5],
      [2, 2, 1, 1030],
    ]) {
      const C = shape[1] ?? 0;
      const numbers = (seed: number) => make(place, [C], (c) => Math.abs(waves(seed)(c)));
      const pair = (seed: number) => [numbers(seed), numbers(seed)] as const;
      const [gamma, beta, gy] = [numbers(4), numbers(5), make(place, shape, waves(6))];
      for (const x of views(place, shape, (i) => 20 + waves(3)(i))) {
        const [mean, expectedMean] = pair(7);
        const [variance, expectedVariance] = pair(8);
        const [run, expectedRun] = [0, 1].map(() => ({ mean: numbers(9), variance: numbers(10), decay: 0.9 })) as [
          Run,
          Run,
        ];
        expect(kernels.moments(x, mean, variance, run)).toBe(true);
        channels.moments(x, expectedMean, expectedVariance, expectedRun);
        expectClose(mean, expectedMean, 1e-6);
        expectClose(variance, expectedVariance, 1e-5, 1e-5);
        expectClose(run.mean, expectedRun.mean, 1e-6);
        expectClose(run.variance, expectedRun.variance, 1e-5, 1e-5);
        const by = { mean: expectedMean, variance: make(place, [C], (c) => 0.5 + (c % 3)), eps: 1e-5 };
        const [y, expected] = like(x);
        expect(kernels.batchNorm(x, { ...by, ofBatch: true }, gamma, beta, y)).toBe(true);
        channels.batchNorm(x, { ...by, ofBatch: true }, gamma, beta, expected);
        expectClose(y, expected, 1e-6, 1e-5);
        for (const g of [gy, { ...gy, strides: gy.strides.map(() => 0) }]) {
          for (const ofBatch of [true, false]) {
            const [gx, expectedGx] = like(x);
            const [ggamma, expectedGgamma] = pair(11);
            const [gbeta, expectedGbeta] = pair(12);
            expect(kernels.batchNormGradients(x, g, { ...by, ofBatch }, gamma, gx, ggamma, gbeta)).toBe(true);
            channels.batchNormGradients(x, g, { ...by, ofBatch }, gamma, expectedGx, expectedGgamma, expectedGbeta);
            expectClose(gx, expectedGx, 1e-5, 1e-5);
            expectClose(ggamma, expectedGgamma, 1e-5, 1e-4);
            expectClose(gbeta, expectedGbeta, 1e-5, 1e-5);
          }
        }
      }
    }
  });
});

test('on one thread and on several, the results are the same to the last bit', () => {
  const x = make(places[0], [64, 40, 13, 9], waves(6));
  const results = (n: number) => {
    setThreads(n);
    const [y, mean, variance] = [make(places[0], [...x.shape]), make(places[0], [40]), make(places[0], [40])];
    expect(kernels.softmax(x, 1, false, y)).toBe(true);
    expect(kernels.moments(x, mean, variance, null)).toBe(true);
    return [y, mean, variance].map(valuesOf);
  };
  const alone = results(1);
  for (const n of [2, 4]) expect(results(n)).toEqual(alone);
});

test('what is too little, of another dtype, or asks for a class that does not exist is left to the loops', () => {
  const few = new FusedKernels(new Kernels(memory));
  const [small, double] = [make(places[1], [10, 10], waves(1)), make(places[1], [40, 40], waves(1), 'float64')];
  expect(few.softmax(small, 1, false, make(places[1], [10, 10]))).toBe(false);
  expect(few.softmax(double, 1, false, make(places[1], [40, 40], undefined, 'float64'))).toBe(false);
  const scores = make(places[1], [40, 40], waves(1));
  for (const label of [-1, 40]) {
    const labels = make(places[1], [40], (i) => (i === 7 ? label : 0), 'int32');
    expect(few.crossEntropy(scores, labels, make(places[1], []))).toBe(false);
    expect(few.crossEntropyInput(scores, labels, make(places[1], []), scores)).toBe(false);
  }
});
