import { afterEach, describe, expect, test } from 'vitest';
import { array, DeviceError, full, hasDevice, keep, Linear, memoryInfo, memoryScope, nd, ones, setDevice, setSeed, variable, zeros } from 'dezero'; // prettier-ignore
import * as F from 'dezero/functions';
import { Sequential } from 'dezero/models';
import { Adam } from 'dezero/optimizers';
import { profile } from 'dezero/utils';
import { Pool } from '../../../dezero/backends/webgpu/pool';
import { gpu, needsGpu, numbers, toGpu } from './gpu';

// What is special about the device: moving there and back, memory, errors, the profiler.
needsGpu();
afterEach(() => setDevice('cpu'));

describe('moving', () => {
  test('setDevice says where new arrays are made, and auto takes no gpu made of software', async () => {
    expect(await setDevice('gpu')).toBe('gpu');
    expect(zeros([2], { dtype: 'float32' }).device).toBe('gpu');
    expect(new Linear(3, { in: 2 }).weight.device).toBe('gpu');
    expect(await setDevice('auto')).toBe(gpu().info.software ? 'cpu' : 'gpu');
    expect(await setDevice('cpu')).toBe('cpu');
    expect(zeros([2]).device).toBe('cpu');
  });
  test('every dtype comes back as it went, from views too', async () => {
    for (const x of [
      numbers(3, 4).astype('float32'),
      array(Int32Array.of(1, -2)),
      array([true, false]),
      zeros([0, 3], { dtype: 'float32' }),
    ]) {
      // prettier-ignore
      const back = await x.to('gpu').to('cpu');
      expect([back.dtype, back.shape]).toEqual([x.dtype, x.shape]);
      expect(back.values).toEqual(x.values);
    }
    const x = toGpu(numbers(3, 4));
    expect((await x.transpose().slice([{ from: 3, step: -1 }, 1]).to('cpu')).values).toEqual(numbers(3, 4).astype('float32').transpose().slice([{ from: 3, step: -1 }, 1]).values); // prettier-ignore
  });
  test('memory that threads share is copied, not handed over', async () => {
    const values = new Float32Array(new SharedArrayBuffer(12)).fill(3);
    expect((await array(values).to('gpu').to('cpu')).toNested()).toEqual([3, 3, 3]);
  });
  test('what comes back is of the time of the call: later changes do not show', async () => {
    const x = full([3], 1, { dtype: 'float32', device: 'gpu' });
    const waiting = x.to('cpu');
    nd.assign(x, full([3], 2, { dtype: 'float32', device: 'gpu' }));
    expect((await waiting).toNested()).toEqual([1, 1, 1]);
    expect((await x.to('cpu')).toNested()).toEqual([2, 2, 2]);
  });
  test('an upload does not overtake operations that still use the memory', async () => {
    const results = [];
    for (let i = 0; i < 20; i++) {
      using _ = memoryScope();
      const sum = nd.add(array(Float32Array.of(i)).to('gpu'), array(Float32Array.of(100)).to('gpu'));
      keep(sum);
      results.push(sum);
    }
    const back = await Promise.all(results.map((x) => x.to('cpu')));
    expect(back.map((x) => x.item())).toEqual(results.map((_, i) => 100 + i));
  });
});

describe('errors name the mend', () => {
  test('float64', () => {
    expect(() => numbers(2).to('gpu')).toThrow(/no float64.*astype\('float32'\)/);
    expect(() => full([2], 1, { device: 'gpu' })).toThrow(/no float64.*astype\('float32'\)/);
    expect(() => toGpu(numbers(2)).astype('float64')).toThrow(/no float64/);
  });
  test('reading at once', () => {
    const x = toGpu(numbers(1));
    for (const read of [() => x.values, () => x.item(), () => x.toNested()])
      expect(read).toThrow(/await x\.to\('cpu'\)/);
  });
  test('two devices in one operation', () => {
    const [here, there] = [ones([2], { dtype: 'float32' }), toGpu(ones([2]))];
    expect(() => nd.add(here, there)).toThrow(/add: one array is on the cpu, another on the gpu; move one/);
    expect(() => F.matmul(toGpu(ones([2, 2])), ones([2, 2], { dtype: 'float32' }))).toThrow(/one array is on the gpu, another on the cpu/); // prettier-ignore
  });
  test('an array that its scope has freed', () => {
    const scope = memoryScope();
    const x = nd.add(toGpu(numbers(2)), 1);
    scope.dispose();
    expect(() => nd.add(x, 1)).toThrow(/was freed when its memory scope ended/);
  });
  test('one array larger than the device allows', () => {
    expect(() => full([2 ** 33], 0, { dtype: 'float32', device: 'gpu' })).toThrow(/32768 MiB is over this gpu's limit/);
  });
  test('NaN goes through, to be found by whoever looks', async () => {
    expect((await nd.sum(toGpu(array([1, NaN]))).to('cpu')).item()).toBeNaN();
  });
});

describe('memory', () => {
  test('a scope gives back what was made in it, and the next uses it again', () => {
    const x = toGpu(numbers(100));
    const step = () => {
      using _ = memoryScope();
      nd.add(nd.mul(x, 2), 1);
      return memoryInfo('gpu');
    };
    const before = memoryInfo('gpu');
    const inside = step();
    expect(inside.arrays).toBe((before.arrays ?? 0) + 2);
    expect(memoryInfo('gpu')).toMatchObject({ arrays: before.arrays, bytes: before.bytes });
    expect(step()).toMatchObject({ arrays: inside.arrays, bytes: inside.bytes });
  });
  test('a training loop holds as much after 200 steps as after 10, and reads back nothing by itself', async () => {
    const [x, t] = [toGpu(numbers(6, 4)), array(Int32Array.of(0, 1, 2, 0, 1, 2)).to('gpu')];
    await setDevice('gpu');
    setSeed(0);
    const model = new Sequential(new Linear(8, { in: 4 }), new Linear(3));
    const optimizer = new Adam({ lr: 0.01 }).setup(model);
    const held = new Map<number, unknown>();
    const { readBacks } = gpu().counters;
    for (let step = 1; step <= 200; step++) {
      using _ = memoryScope();
      const loss = F.softmaxCrossEntropy(F.dropout(model.call(x), 0.2), t);
      model.clearGrads();
      loss.backward();
      optimizer.update();
      held.set(step, { arrays: memoryInfo('gpu').arrays, bytes: memoryInfo('gpu').bytes });
    }
    expect(gpu().counters.readBacks).toBe(readBacks);
    expect(held.get(200)).toEqual(held.get(10));
  });
  test('a full device: how much, beside what, and what would help', async () => {
    const errors: DeviceError[] = [];
    const full = {
      limits: { maxBufferSize: 2 ** 30, maxStorageBufferBindingSize: 2 ** 30 },
      pushErrorScope: () => undefined,
      popErrorScope: async () => ({ message: 'no memory' }),
      createBuffer: () => ({ destroy: () => undefined }),
    } as unknown as GPUDevice;
    const pool = new Pool(full, 0, (error) => errors.push(error));
    pool.take(2 ** 20, 0);
    pool.take(2 ** 28, 0).writer = 'conv2d';
    await Promise.resolve();
    await Promise.resolve();
    expect(errors[1]?.message).toMatch(
      /^out of memory on the gpu: 256 MiB for conv2d did not fit beside 1 MiB in 1 arrays .*smaller batches/,
    );
  });
});

describe('the profiler', () => {
  test('counts, times and rates what is done on the gpu, and what a step gives it to do', async () => {
    const lines: string[] = [];
    const [a, b] = [toGpu(numbers(40, 50)), toGpu(numbers(50, 60))];
    const { operations, dispatches, submissions, readBacks, peak } = await profile(
      async () => (await nd.sum(nd.matmul(a, nd.add(b, 1))).to('cpu')).item(),
      { print: (line) => lines.push(line) },
    );
    const byName = new Map(operations.map((one) => [one.name, one]));
    expect(byName.get('matmul')).toMatchObject({ device: 'gpu', count: 1, gigaflop: (2 * 40 * 50 * 60) / 1e9, bytes: 4 * (2000 + 3000 + 2400) }); // prettier-ignore
    expect(byName.get('add')?.count).toBe(1);
    for (const { milliseconds } of operations) expect(milliseconds).not.toBeLessThan(0);
    expect({ dispatches, submissions, readBacks }).toEqual({ dispatches: 4, submissions: 1, readBacks: 1 });
    expect(peak).toBeGreaterThan(4 * 7400);
    expect(lines.at(-1)).toMatch(
      /^gpu, each step: 4 dispatches, 1 submissions, 1 read-backs; at most \d+\.\d MiB in use$/,
    );
    expect(nd.add(b, 1).device).toBe('gpu'); // and afterwards all is as before
  });
  test('works on the cpu too', async () => {
    const lines: string[] = [];
    const x = variable(numbers(30, 30));
    const { operations, dispatches } = await profile(() => x.matmul(x).sum().backward(), { print: (line) => lines.push(line) }); // prettier-ignore
    const matmul = operations.find(({ name }) => name === 'matmul');
    expect(matmul).toMatchObject({ device: 'cpu', count: 3 });
    expect(matmul?.milliseconds).toBeGreaterThan(0);
    expect(dispatches).toBe(0);
    expect(lines[0]).toMatch(/operation +count +ms +GFLOP\/s +MiB/);
  });
});

test('a lost device: one clear error from then on, until the gpu is opened again', async () => {
  const x = toGpu(numbers(3));
  const reading = x.to('cpu');
  gpu().close();
  await reading.catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 20));
  for (const use of [() => nd.add(x, 1), () => numbers(3).astype('float32').to('gpu')]) {
    expect(use).toThrow(DeviceError);
    expect(use).toThrow(/the gpu was lost.*opens it again/);
  }
  await expect(x.to('cpu')).rejects.toThrow(/the gpu was lost/);
  expect(await hasDevice('gpu')).toBe(true);
  expect((await toGpu(numbers(3)).to('cpu')).size).toBe(3);
});
