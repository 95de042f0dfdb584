import { describe, expect, test } from 'vitest';
import { families, paceOf, parse } from '../../bench/bench';
import { compare, TooSlow, Unavailable, type Pace, type Way } from '../../bench/compare';
import { cnn, lstm, mlp, squeezenet, stepOperations, vgg16 } from '../../bench/networks';
import { bestOfThree, median, quantile, ratio } from '../../bench/statistics';
import { format, Table } from '../../bench/table';
import { environment } from '../../bench/ways';

describe('statistics', () => {
  test('quantiles lie between neighbours in a straight line', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(quantile([10, 20, 30, 40, 50], 0.25)).toBe(20);
    expect(quantile([0, 10], 0.75)).toBe(7.5);
    expect(median([])).toBeNaN();
  });

  test('the best of each three counts; of fewer than three the best of all', () => {
    expect(bestOfThree([5, 4, 6, 9, 8, 7])).toEqual([4, 7]);
    expect(bestOfThree([5, 4, 6, 1])).toEqual([4]);
    expect(bestOfThree([5, 3])).toEqual([3]);
  });

  test('a ratio is taken round by round, so that a slow round of both does not count', () => {
    expect(ratio([1, 10, 2], [2, 20, 4])).toEqual({ median: 0.5, bestOfThree: 0.5 });
    expect(ratio([1, 1, 1, 100], [2])).toEqual({ median: 0.5, bestOfThree: 0.5 });
  });
});

describe('compare', () => {
  const pace: Pace = { rounds: 4, roundMs: 8, warmUpMs: 0, budgetMs: 1000, restMs: 0 };
  /** A way that says what it took, without taking it. */
  const way = (name: string, milliseconds: number, order: string[] = []): Way => ({
    name,
    time(calls) {
      order.push(name);
      return Promise.resolve(milliseconds * calls);
    },
  });

  test('ways take turns, the last first in every other round', async () => {
    const order: string[] = [];
    await compare({ title: '', ours: [], ways: [way('a', 8, order), way('b', 8, order)] }, pace);
    expect(order.join('')).toBe('ab' + 'ba' + 'ab' + 'ba' + 'ab');
  });

  test('times are those of one call, ratios ours over theirs, shares those of the limit', async () => {
    const [ours, peer] = [way('ours', 1), way('peer', 4)];
    const limit = { way: way('limit', 2), amount: 400 };
    const results = await compare(
      {
        title: 'work',
        ours: ['ours'],
        ways: [ours, peer],
        work: { amount: 100, kind: 'operations' },
        limits: { ours: limit, peer: limit },
      },
      { ...pace, warmUpMs: 50, budgetMs: Infinity },
    );
    expect(results).toMatchObject([
      { title: 'work', way: 'ours', median: 1000, quartiles: [1000, 1000], best: 1000, rounds: 4, share: 0.5, ratios: {} },
      { way: 'peer', median: 4000, share: 0.125, ratios: { ours: { median: 0.25, bestOfThree: 0.25 } } },
      { way: 'limit', rate: 400 / 2 / 1e6 },
    ]); // prettier-ignore
  });

  test('what cannot be had, or takes too long, is told and does not stop the others', async () => {
    const missing: Way = { name: 'missing', time: () => Promise.reject(new Unavailable('npm ci --prefix bench')) };
    const endless: Way = { name: 'endless', time: () => Promise.reject(new TooSlow(5000)) };
    const results = await compare({ title: '', ours: ['a'], ways: [way('a', 1), missing, endless] }, pace);
    expect(results).toMatchObject([
      { way: 'a', median: 1000 },
      { way: 'missing', note: 'npm ci --prefix bench' },
      { way: 'endless', median: 5e6, atLeast: true, ratios: { a: { median: 1 / 5000 } } },
    ]);
    expect(results[1]).not.toHaveProperty('median');
  });

  test('who has used up his time sits out the later rounds', async () => {
    const order: string[] = [];
    const [, slow] = await compare({ title: '', ours: ['a'], ways: [way('a', 1), way('slow', 900, order)] }, pace);
    expect(slow).toMatchObject({ median: 900_000, rounds: 1 });
    expect(order).toHaveLength(2);
  });

  test('a mistake in the benchmark itself is not taken for a missing peer', async () => {
    const broken: Way = { name: 'broken', time: () => Promise.reject(new TypeError('x is not a function')) };
    await expect(compare({ title: '', ours: [], ways: [broken] }, pace)).rejects.toThrow('x is not a function');
  });
});

describe('networks', () => {
  test('multiply-adds are those that are known of these networks', () => {
    expect(mlp).toEqual({ multiplyAdds: 1_794_000, first: 784_000 });
    expect(vgg16(1000).multiplyAdds).toBe(15_470_264_320);
    expect(squeezenet(1000).multiplyAdds / 1e9).toBeCloseTo(0.82, 2);
    expect(cnn.multiplyAdds).toBe(225_792 + 3_612_672 + 401_408 + 1280);
    expect(lstm({ steps: 2, inputs: 3, hidden: 5 })).toEqual({ multiplyAdds: 2 * 3 * 20 + 5 * 20 + 50, first: 120 });
  });

  test('a step is three products a layer, but two in the first', () => {
    expect(stepOperations({ multiplyAdds: 10, first: 4 }, 2)).toBe(2 * 2 * (10 + 10 + 6));
  });
});

describe('table', () => {
  const figure = { title: 'A·B', way: 'peer', unit: 'µs', median: 1500, quartiles: [1000, 2000], best: 900, rounds: 3 } as const; // prettier-ignore
  const table = new Table(['ours']);

  test('figures have three digits and the unit that suits them', () => {
    expect([0.1234, 12.345, 1234, 5e6].map((value) => format(value, 'µs'))).toEqual(['0.123 µs', '12.3 µs', '1.23 ms', '5.00 s']); // prettier-ignore
    expect(format(3 * 2 ** 29, 'bytes')).toBe('1.50 GiB');
  });

  test('a title is printed once, and every row ends where the heading does', () => {
    const ratios = { ours: { median: 0.5, bestOfThree: 0.25 } };
    const [first = '', second = ''] = table.rows([{ ...figure, ratios }, { ...figure, ratios, rate: 12, share: 0.5 }]).split('\n'); // prettier-ignore
    expect(first).toMatch(/^A·B +peer +1\.50 ms +1\.00 ms – 2\.00 ms +900 µs +0\.500 \(0\.250\)$/);
    expect(second).toMatch(/^ +peer .* 12\.0 +50 % +0\.500/);
    expect(new Set([first, second, table.head()].map((line) => line.length)).size).toBe(1);
  });

  test('a missing way says why, and what was stopped is a bound', () => {
    expect(table.rows([{ title: 'A·B', way: 'peer', note: 'not installed' }])).toMatch(/^A·B +peer +not installed$/);
    const stopped = { ...figure, atLeast: true, ratios: { ours: { median: 0.01, bestOfThree: 0.01 } } };
    expect(table.rows([stopped])).toMatch(/> 1\.50 ms .* < 0\.0100/);
  });
});

describe('command line', () => {
  test('without names all families run but those that take long or need more', () => {
    const byName = ['finetune', 'browser'];
    expect(parse([]).families).toEqual(Object.keys(families).filter((name) => !byName.includes(name)));
    expect(parse([])).toMatchObject({ peers: false, quick: false, device: 'cpu' });
  });

  test('names and options are taken as given', () => {
    const options = parse(['finetune', 'expr', '--peers', '--json', 'a.json', '--rounds', '3', '--device', 'gpu']);
    expect(options).toMatchObject({ families: ['finetune', 'expr'], peers: true, json: 'a.json', rounds: 3, device: 'gpu' });
    expect(paceOf(options).rounds).toBe(3);
  }); // prettier-ignore

  test.each([[['nonsense']], [['--rounds', '0']], [['--device', 'tpu']]])('%j is refused', (args) => {
    expect(() => parse(args, false)).toThrow();
  });

  test('each has the same threads, an allocator that keeps its memory, and BLAS only where it is named', () => {
    const from = { OPENBLAS_CORETYPE: 'Haswell', OPENBLAS_L2_SIZE: '512', DEZERO_BACKEND: 'reference', HOME: '/' };
    const wasm = environment('wasm', 3, from);
    expect(wasm).toMatchObject({ HOME: '/', DEZERO_THREADS: '3', OMP_NUM_THREADS: '3', DEZERO_BLAS: 'off' });
    for (const name of ['OPENBLAS_CORETYPE', 'OPENBLAS_L2_SIZE', 'DEZERO_BACKEND']) expect(wasm).not.toHaveProperty(name);
    expect(wasm).toHaveProperty('MALLOC_TRIM_THRESHOLD_');
    expect(environment('blas', 3, from)).not.toHaveProperty('DEZERO_BLAS');
    expect(environment('blas', 3, { DEZERO_BLAS: 'libblis.so.4' })).toHaveProperty('DEZERO_BLAS', 'libblis.so.4');
  }); // prettier-ignore
});
