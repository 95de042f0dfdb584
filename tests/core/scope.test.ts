import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Storage } from '../../dezero/backends/backend';
import { Parameter, testMode, variable, Variable } from '../../dezero/core';
import { maxPool, meanSquaredError, relu, softmaxCrossEntropy, square, sum } from '../../dezero/functions';
import { BatchNorm, Linear } from '../../dezero/layers';
import { Sequential } from '../../dezero/models';
import {
  array,
  currentScope,
  emptyPooled,
  FreedError,
  getBackend,
  keep,
  memoryScope,
  ones,
  randn,
  release,
  zeros,
} from '../../dezero/ndarray';
import { Adam, clipGrads, MomentumSGD, weightDecay } from '../../dezero/optimizers';

/** Pooled memory given out and not given back, in elements. */
const live = new Set<Storage>();
const elements = () => [...live].reduce((total, storage) => total + storage.length, 0);
let peak = 0;

beforeEach(() => {
  live.clear();
  const backend = getBackend('cpu');
  const [alloc, free] = [backend.alloc.bind(backend), backend.free.bind(backend)];
  vi.spyOn(backend, 'alloc').mockImplementation((dtype, length, pooled) => {
    const storage = alloc(dtype, length, pooled);
    if (pooled) live.add(storage);
    peak = Math.max(peak, elements());
    return storage;
  });
  vi.spyOn(backend, 'free').mockImplementation((storage) => {
    live.delete(storage);
    free(storage);
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  expect(currentScope()).toBeNull();
});

test('what an iteration makes is freed at its end', () => {
  const x = ones([3]);
  let y;
  {
    using _ = memoryScope();
    y = square(variable(x));
    expect(y.data.storage.freed).toBe(false);
  }
  expect([y.data.storage.freed, x.storage.freed, live.size]).toEqual([true, false, 0]);
});

test('a caller’s own typed array never belongs to a scope', () => {
  const values = new Float64Array([1, 2]);
  let x;
  {
    using _ = memoryScope();
    x = variable(values);
  }
  expect(x).toBeAllClose([1, 2]);
});

test('using a freed array says so, and what to do', () => {
  let y = variable(1);
  {
    using _ = memoryScope();
    y = square(variable([[1, 2]]));
  }
  const message =
    'this array of shape (1, 2) was freed when its memory scope ended; pass it to keep(…) inside the scope if it is needed afterwards';
  for (const use of [
    () => y.values,
    () => y.data.toString(),
    () => y.add(1),
    () => sum(y),
    () => y.data.astype('float32'),
  ]) {
    expect(use).toThrow(FreedError);
    expect(use).toThrow(message);
  }
  expect(() => maxPool(y.data.reshape([1, 1, 1, 2]), { kernel: 1 })).toThrow(FreedError);
});

test('backward through freed memory says what was freed', () => {
  const x = variable([1, 2], 'x');
  let y = x;
  {
    using _ = memoryScope();
    y = sum(square(square(x)));
    keep(y.data);
  }
  expect(() => y.backward()).toThrow(FreedError);
  expect(() => y.backward()).toThrow(
    'backward: a variable of shape (2,) of Sum was freed with its memory scope; call backward inside the scope',
  );
});

test('a maxPool whose places were freed does not read them', () => {
  const x = variable(randn([1, 1, 4, 4], { seed: 0 }));
  let y = x;
  {
    using _ = memoryScope();
    y = maxPool(x, { kernel: 2 });
    keep(y.data);
  }
  expect(() => y.backward()).toThrow(FreedError);
});

test('keep moves an array one scope outwards', () => {
  const iteration = () => {
    using _ = memoryScope();
    const made = () => {
      using _inner = memoryScope();
      const [kept, outer] = [square(ones([2])), square(ones([3]))];
      keep(kept.data, outer.data);
      return { kept, outer };
    };
    const { kept, outer } = made();
    expect(outer).toBeAllClose([1, 1, 1]);
    keep(kept.data);
    return { kept, outer };
  };
  const { kept, outer } = iteration();
  expect(kept).toBeAllClose([1, 1]);
  expect(outer.data.storage.freed).toBe(true);
});

test('keep leaves alone what an outer scope answers for, and what belongs to none', () => {
  let x;
  {
    using _ = memoryScope();
    x = square(ones([2]));
    {
      using _inner = memoryScope();
      keep(x.data, ones([2]), zeros([1]));
    }
  }
  expect(x.data.storage.freed).toBe(true);
  keep(ones([2]));
});

test('scopes close in the reverse order of their opening', () => {
  const outer = memoryScope();
  const inner = memoryScope();
  expect(() => outer.dispose()).toThrow('memoryScope: close the inner scope first (`using` does so by itself)');
  inner.dispose();
  outer.dispose();
  outer.dispose(); // once more does nothing
  expect(currentScope()).toBeNull();
});

test('parameters, gradients and what is made outside survive', () => {
  const p = new Parameter(ones([2]));
  const x = variable(ones([2]));
  {
    using _ = memoryScope();
    sum(p.mul(x)).backward();
  }
  expect(p.grad).toBeAllClose([1, 1]);
  expect(x.grad).toBeAllClose([1, 1]);
  {
    using _ = memoryScope();
    p.clearGrad();
    x.clearGrad();
  }
  expect(live.size).toBe(0);
});

test('a model made, called first and trained inside a scope survives it', () => {
  let model;
  const optimizer = new Adam();
  {
    using _ = memoryScope();
    model = new Sequential(new Linear(3), new BatchNorm(), relu, new Linear(1));
    sum(model.call(randn([4, 2], { seed: 0, dtype: 'float32' }))).backward();
    optimizer.setup(model).update();
  }
  for (const [, p] of model.parameters()) expect(p.data.storage.freed).toBe(false);
  for (const [, b] of model.buffers()) expect(b.storage.freed).toBe(false);
  for (const [, s] of optimizer.state()) expect(s.storage.freed).toBe(false);
  testMode(() => model.call(zeros([1, 2])));
});

test('a gradient of two variables lives as long as the longer of them', () => {
  const p = new Parameter(ones([2]));
  {
    using _ = memoryScope();
    const local = new Variable(square(ones([2])).data);
    p.add(local).backward(); // one array for both
    local.clearGrad();
  }
  expect(p.grad).toBeAllClose([1, 1]);
});

test('a value put into a variable does not die before its own scope does', () => {
  {
    using _ = memoryScope();
    const y = square(ones([2]));
    {
      using _inner = memoryScope();
      const local = variable(0);
      local.data = y.data;
    }
    expect(y).toBeAllClose([1, 1]);
  }
});

test('a gradient replaced outside all scopes goes back with the next scope', () => {
  const p = new Parameter(ones([5]));
  for (let i = 0; i < 3; i++) {
    {
      using _ = memoryScope();
      sum(square(p)).backward();
    }
    expect(elements()).toBe(5);
    const before = p.grad;
    p.clearGrad();
    expect(before).toBeAllClose([2, 2, 2, 2, 2]); // until then it can still be read
  }
  memoryScope().dispose();
  expect(live.size).toBe(0);
});

test('a loader’s batch is freed when released, unless kept or put into a parameter', () => {
  const [free, kept, held] = [emptyPooled([2], 'float32'), emptyPooled([2], 'float32'), emptyPooled([2], 'float32')];
  keep(kept);
  const p = new Parameter(null);
  p.data = held;
  for (const batch of [free, kept, held]) release(batch);
  expect([free, kept, held].map((batch) => batch.storage.freed)).toEqual([true, false, false]);
});

test.each([
  ['constants', (x: ReturnType<typeof randn>) => x],
  ['variables', (x: ReturnType<typeof randn>) => new Variable(x)],
])('100 iterations of training on %s hold no more memory than three', (_name, wrap) => {
  const model = new Sequential(new Linear(16), relu, new BatchNorm(), new Linear(3));
  const optimizer = new Adam().setup(model).addHook(weightDecay(1e-3)).addHook(clipGrads(0.5));
  const [x, labels] = [randn([8, 4], { seed: 0, dtype: 'float32' }), array(Int32Array.of(0, 1, 2, 0, 1, 2, 0, 1))];
  const counts: number[] = [];
  const parameters: number[] = [];
  for (let i = 0; i < 100; i++) {
    using _ = memoryScope();
    const batch = emptyPooled([8, 4], 'float32');
    batch.storage.backend.copy(x, batch);
    const loss = softmaxCrossEntropy(model.call(wrap(batch)), labels);
    model.clearGrads();
    loss.backward();
    optimizer.update();
    release(batch);
    counts.push(elements());
    parameters.push(loss.item());
  }
  expect(parameters[99]).toBeLessThan(parameters[0] ?? 0);
  expect(counts[99]).toBe(counts[2]);
  expect(elements()).toBe([...model.parameters()].reduce((total, [, p]) => total + p.size, 0)); // the gradients
});

test('backward gives each gradient back as soon as it has been passed on', () => {
  using _ = memoryScope();
  const x = new Parameter(ones([1000]));
  let y: Variable = x;
  for (let i = 0; i < 20; i++) y = y.mul(0.5).add(square(y)).mul(0.5);
  const forward = elements();
  peak = 0;
  y.backward();
  expect(peak - forward).toBeLessThan(8 * 1000);
  expect(elements() - forward).toBeLessThanOrEqual(2 * 1000); // x's gradient, and the ones it began with
});

test('scopes change nothing about the numbers', () => {
  const train = (scoped: boolean) => {
    const weight = new Parameter(randn([3, 2], { seed: 1 }));
    const optimizer = new MomentumSGD({ lr: 0.1 }).setup([{ params: [weight] }]);
    for (let i = 0; i < 5; i++) {
      const scope = scoped ? memoryScope() : null;
      weight.clearGrad();
      const y = variable(randn([4, 3], { seed: 2 })).matmul(weight);
      meanSquaredError(relu(y), zeros([4, 2])).backward();
      optimizer.update();
      scope?.dispose();
    }
    return weight;
  };
  expect(train(true)).toBeAllClose(train(false), { rtol: 0, atol: 0 });
});

test('retained gradients live as long as their variables', () => {
  using _ = memoryScope();
  const x = variable(ones([2]));
  const a = square(x);
  const y = sum(square(a));
  y.backward({ retainGrad: true });
  expect(a.grad).toBeAllClose([2, 2]);
  expect(y.grad).toBeAllClose(1);
});

test('gradients are added in place where nobody else has their memory, and only there', () => {
  const backend = getBackend('cpu');
  const added = vi.spyOn(backend, 'accumulate');
  const start = [1, 2, 3].map((seed) => randn([2, 3], { seed }));
  // Every input is used more than once; add, reshape and transpose pass on the very memory of a gradient that has another owner too.
  const gradients = () => {
    const [a, b, c] = start.map((values) => variable(values)) as [Variable, Variable, Variable];
    const both = a.add(b);
    const turned = both.transpose().reshape([3, 2]);
    const y = sum(
      both
        .mul(c)
        .add(both.mul(both))
        .add(a.mul(b))
        .add(sum(turned.matmul(c))),
    );
    y.backward();
    return [a, b, c].map((x) => Array.from(x.grad?.values ?? []));
  };
  const outside = gradients();
  expect(added).not.toHaveBeenCalled();
  using _ = memoryScope();
  expect(gradients()).toEqual(outside);
  expect(added.mock.calls.length).toBeGreaterThan(2);
});
