import { describe, expect, test } from 'vitest';
import { full, Generator, nd, Parameter, rand, randn, Variable, type NDArray } from 'dezero';
import { AdaDelta, AdaGrad, Adam, AdamW, clipGrads, MomentumSGD, NesterovSGD, RMSprop, SGD } from 'dezero/optimizers';
import { getBackend } from '../../../dezero/ndarray';
import { gpu, needsGpu, numbers, toGpu } from './gpu';

// Random numbers and optimizers: the gpu against the cpu.
needsGpu();

const empty = (shape: number[], device: 'cpu' | 'gpu') => full(shape, 0, { dtype: 'float32', device });
const values = async (x: NDArray) => (await x.to('cpu')).values;

describe('random numbers', () => {
  test.each([1, 4, 5, 1023, 4099])('%i uniform numbers have the same bits as on the cpu', async (n) => {
    const [here, there] = [new Generator(7, 3), new Generator(7, 3)];
    for (let call = 0; call < 2; call++) {
      const expected = here.fill('uniform', empty([n], 'cpu')).values;
      expect(await values(there.fill('uniform', empty([n], 'gpu')))).toEqual(expected);
    }
  });
  test('counters go on from one 2³² blocks to the next, and into pieces of arrays', async () => {
    const out = (device: 'cpu' | 'gpu') => {
      const x = empty([50], device);
      getBackend(device).random('uniform', [5, 4294967295], 7 * 4294967296 - 3, x.slice({ from: 9, to: 40 }));
      return x;
    };
    expect(await values(out('gpu'))).toEqual(out('cpu').values);
  });
  test('normal numbers are those of the cpu within rounding, small ones and large ones', async () => {
    const fill = (device: 'cpu' | 'gpu') => new Generator(11).fill('normal', empty([30001], device));
    expect(await fill('gpu').to('cpu')).toBeAllClose(fill('cpu').astype('float64'), { rtol: 2e-6, atol: 5e-7 });
  });
  test('a seed gives the same array again, another seed another', async () => {
    const [x, y] = [rand([9], { seed: 1, dtype: 'float32' }), randn([9], { seed: 2, dtype: 'float32' })];
    const again = async (seed: number, kind: 'uniform' | 'normal') => values(new Generator(seed).fill(kind, empty([9], 'gpu'))); // prettier-ignore
    expect(await again(1, 'uniform')).toEqual(x.values);
    expect(await again(2, 'normal')).toEqual(await again(2, 'normal'));
    expect(await again(3, 'normal')).not.toEqual(y.values);
  });
});

describe('optimizers', () => {
  const makers = {
    SGD: () => new SGD({ lr: 0.1 }),
    MomentumSGD: () => new MomentumSGD({ lr: 0.05, momentum: 0.9 }),
    NesterovSGD: () => new NesterovSGD({ lr: 0.05, momentum: 0.9 }),
    AdaGrad: () => new AdaGrad({ lr: 0.1 }),
    AdaDelta: () => new AdaDelta({}),
    RMSprop: () => new RMSprop({ lr: 0.01 }),
    Adam: () => new Adam({ lr: 0.01 }),
    AdamW: () => new AdamW({ lr: 0.01, weightDecay: 0.1 }),
    'SGD with clipped gradients': () => new SGD({ lr: 0.1 }).addHook(clipGrads(1)),
  };
  test.each(Object.entries(makers))('%s: ten steps end where they end on the cpu', async (_, make) => {
    const run = (move: (x: NDArray) => NDArray) => {
      const p = new Parameter(move(numbers(7, 5)));
      const optimizer = make().setup([{ params: [p] }]);
      for (let step = 0; step < 10; step++) {
        p.clearGrad();
        p.square().mul(new Variable(move(nd.abs(numbers(7, 5))))).sum().backward(); // prettier-ignore
        optimizer.update();
      }
      return { p, state: [...optimizer.state().values()].filter((x) => x.size > 1) };
    };
    const [expected, found] = [run((x) => x), run(toGpu)];
    expect(await found.p.data.to('cpu')).toBeAllClose(expected.p, { rtol: 1e-4, atol: 1e-6 });
    expect(found.state).toHaveLength(expected.state.length);
    for (const [i, x] of found.state.entries()) {
      expect(x.device).toBe('gpu');
      expect(await x.to('cpu')).toBeAllClose(expected.state[i] ?? [], { rtol: 1e-4, atol: 1e-6 });
    }
  });
  test('parameters of several groups, an empty one among them: two or more in one run, each under its own settings', async () => {
    const run = (move: (x: NDArray) => NDArray) => {
      const parameters = [0, 1, 300, 5, 1000, 7, 2].map((n) => new Parameter(move(numbers(n))));
      const groups = [
        { params: parameters.slice(0, 3), lr: 0.1 },
        { params: parameters.slice(3, 5), lr: 0.01, weightDecay: 0.5 },
        { params: parameters.slice(5), lr: 1 },
      ];
      const optimizer = new AdamW({ weightDecay: 0 }).setup(groups);
      for (const p of parameters) p.square().sum().backward();
      optimizer.update(); // makes what it keeps
      const { dispatches } = gpu().counters;
      optimizer.update();
      return { parameters, runs: gpu().counters.dispatches - dispatches };
    };
    const [expected, found] = [run((x) => x), run(toGpu)];
    for (const [i, p] of found.parameters.entries()) {
      expect(await p.data.to('cpu')).toBeAllClose(expected.parameters[i]?.data ?? [], { rtol: 1e-5, atol: 1e-6 });
    }
    expect(found.runs).toBeGreaterThan(0);
    expect(found.runs).toBeLessThanOrEqual(3);
  });
  test('parameters that are pieces of one array, or whose gradients are the same array', async () => {
    const run = (move: (x: NDArray) => NDArray) => {
      const all = move(numbers(6, 4));
      const [p, q] = [new Parameter(all.slice({ to: 2 })), new Parameter(all.slice({ from: 2, to: 4 }))];
      const optimizer = new MomentumSGD({ lr: 0.5 }).setup([{ params: [p, q] }]);
      for (let step = 0; step < 2; step++) {
        p.clearGrad();
        q.clearGrad();
        p.add(q).square().sum().backward();
        optimizer.update();
      }
      return all;
    };
    expect(await run(toGpu).to('cpu')).toBeAllClose(
      run((x) => x),
      { rtol: 1e-5, atol: 1e-6 },
    );
  });
});
