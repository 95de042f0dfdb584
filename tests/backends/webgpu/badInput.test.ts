import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { array, DeviceError, full, nd, ones, setDevice, variable, zeros, type NDArray } from 'dezero';
import * as F from 'dezero/functions';
import { checkFinite } from 'dezero/utils';
import type * as Registry from '../../../dezero/backends/registry';
import type * as Open from '../../../dezero/backends/webgpu/open';
import { WebGpuBackend } from '../../../dezero/backends/webgpu/webgpu';
import { needsGpu, numbers, toGpu } from './gpu';

// What can be wrong with a gpu, or with what it is given: each has one clear message, or the cpu's result.

const LIMITS = { maxBufferSize: 2 ** 30, maxStorageBufferBindingSize: 2 ** 30, maxStorageBuffersPerShaderStage: 8, maxComputeInvocationsPerWorkgroup: 256, maxComputeWorkgroupStorageSize: 2 ** 14 }; // prettier-ignore

/** A gpu with one adapter, changed in some ways. */
function gpuWith(changes: Record<string, unknown> = {}): GPU {
  const info = { vendor: 'acme', architecture: 'one', description: '', isFallbackAdapter: false };
  const adapter = { info, limits: LIMITS, features: new Set(), requestDevice: () => Promise.reject(new Error('no')), ...changes }; // prettier-ignore
  return {
    wgslLanguageFeatures: new Set(),
    requestAdapter: () => Promise.resolve(changes['adapter'] === null ? null : adapter),
  } as unknown as GPU;
}

describe('a gpu that cannot be opened', () => {
  let standIn: GPU;
  let openWebGpu: typeof Open.openWebGpu;
  let openDevice: typeof Registry.openDevice;
  beforeAll(async () => {
    vi.resetModules(); // a package of its own, that finds the stand-in
    vi.doMock('#gpu', () => ({ findWebGpu: () => Promise.resolve(standIn) }));
    ({ openWebGpu } = await import('../../../dezero/backends/webgpu/open.js'));
    ({ openDevice } = await import('../../../dezero/backends/registry.js'));
  });
  afterAll(() => {
    vi.doUnmock('#gpu');
    vi.resetModules();
  });
  const software = { vendor: 'google', architecture: 'swiftshader', description: '', isFallbackAdapter: false };
  const refuses = { requestAdapter: () => Promise.reject(new Error('the driver crashed\nat once')) } as unknown as GPU;
  const failing = () => Promise.reject(new TypeError('unsupported limit'));
  test.each<[string, GPU, RegExp]>([
    ['no adapter', gpuWith({ adapter: null }), /no driver that WebGPU can use .*use the cpu/],
    ['a driver that refuses to be asked', refuses, /the driver refused \(the driver crashed\); .*use the cpu/],
    ['a driver that refuses to be used', gpuWith({ requestDevice: failing }), /acme one refused \(unsupported limit\); .*use the cpu/], // prettier-ignore
    ['too small a workgroup', gpuWith({ limits: { ...LIMITS, maxComputeInvocationsPerWorkgroup: 128 } }), /acme one has a maxComputeInvocationsPerWorkgroup of 128, and the kernels need 256; use the cpu/], // prettier-ignore
    ['only one made of software, and not asked for', gpuWith({ info: software }), /only one made of software \(google swiftshader\); .*asked for by name/], // prettier-ignore
  ])('%s: one clear line', async (_, gpu, message) => {
    standIn = gpu;
    const error = await openWebGpu(false).then(
      () => null,
      (error: Error) => error,
    );
    expect(error).toMatchObject({ name: 'DeviceError', message: expect.stringMatching(message) as string });
    expect(error?.message).toMatch(/^no gpu is available here.*$/);
    expect(error?.message).not.toContain('\n');
  });

  test('asked for in general it is the cpu instead, without a word; asked for by name it is the error', async () => {
    standIn = gpuWith({ requestDevice: failing });
    expect(await openDevice('auto')).toBe('cpu');
    await expect(openDevice('gpu')).rejects.toThrow(/acme one refused/);
  });

  test('features that it does not have are not asked for', async () => {
    const asked: unknown[] = [];
    const requestDevice = (how: GPUDeviceDescriptor) => {
      asked.push(...(how.requiredFeatures ?? []));
      return Promise.reject(new Error('enough'));
    };
    standIn = gpuWith({ requestDevice });
    await openWebGpu(false).catch(() => undefined);
    expect(asked).toEqual([]);
    standIn = gpuWith({ requestDevice, features: new Set(['timestamp-query', 'bgra8unorm-storage']) });
    await openWebGpu(false).catch(() => undefined);
    expect(asked).toEqual(['timestamp-query']);
  });
});

test('a device that says only after a failed reading that it was lost: the error is that it was lost', async () => {
  const nothing = () => undefined;
  const device = {
    limits: LIMITS,
    features: new Set(),
    lost: new Promise((resolve) => setTimeout(() => resolve({ message: 'driver reset' }), 20)),
    queue: { writeBuffer: nothing, submit: nothing },
    addEventListener: nothing,
    pushErrorScope: nothing,
    popErrorScope: () => Promise.resolve(null),
    createBuffer: () => ({ destroy: nothing, mapAsync: () => Promise.reject(new Error('aborted')) }),
    createCommandEncoder: () => ({ copyBufferToBuffer: nothing, finish: nothing }),
  } as unknown as GPUDevice;
  const backend = new WebGpuBackend(device, { description: 'none', software: false }, null);
  const storage = backend.upload('float32', Float32Array.of(1));
  const view = { storage, dtype: 'float32', shape: [1], strides: [1], offset: 0 } as const;
  await expect(backend.download(view)).rejects.toThrow('the gpu was lost (driver reset)');
});

describe('what a gpu is given', () => {
  needsGpu();
  beforeEach(() => setDevice('cpu'));

  test('values that lie there are not read at once, and the message says how', () => {
    const x = toGpu(numbers(2, 3));
    expect(() => x.values).toThrow("an array of shape (2, 3) lies on the gpu, which may still be computing it: wait for it with `await x.to('cpu')`"); // prettier-ignore
  });

  test('two devices in one operation are both named, with the mend', () => {
    const [here, there] = [variable(ones([2], { dtype: 'float32' })), variable(toGpu(ones([2])))];
    for (const mix of [() => here.add(there), () => there.mul(here), () => F.meanSquaredError(here, there)]) {
      expect(mix).toThrow(DeviceError);
      expect(mix).toThrow(/one array is on the (cpu|gpu), another on the (gpu|cpu); move one/);
    }
  });

  test('NaN: checkFinite says where it can look', () => {
    const loss = F.sum(F.log(variable(toGpu(array([1, -1])))));
    expect(() => checkFinite(loss)).toThrow(DeviceError);
    expect(() => checkFinite(loss)).toThrow(/these lie on the gpu: do the same step after `setDevice\('cpu'\)`/);
  });

  const alike: Record<string, (x: NDArray) => NDArray> = {
    max: (x) => nd.max(x, { axis: 1 }),
    min: (x) => nd.min(x, { axis: 0 }),
    argMax: (x) => nd.argMax(x, { axis: 1 }),
    relu: (x) => F.relu(x).data,
    'the gradient of relu': (x) => gradient(F.relu, x),
    softmax: (x) => F.softmax(x, { axis: 1 }).data,
    'the gradient of max': (x) => gradient((v) => F.max(v, { axis: 1 }), x),
    maxPool: (x) => F.maxPool(x.reshape([1, 1, 3, 4]), { kernel: 2, stride: 1 }).data,
    clip: (x) => F.clip(x, -1, 1).data,
  };
  test.each(Object.keys(alike))('NaN: %s as on the cpu', async (name) => {
    const f = alike[name] ?? nd.neg;
    const x = array([[1, NaN, 2, 3], [-1, -2, -3, NaN], [0, 7, -7, 5]]).astype('float32'); // prettier-ignore
    const [here, there] = [f(x), await f(toGpu(x)).to('cpu')];
    expect(there).toBeAllClose(here, { rtol: 1e-5, atol: 1e-6 });
  });

  const empty: Record<string, (x: NDArray) => NDArray> = {
    'element by element': (x) => nd.exp(nd.add(x, 1)),
    sums: (x) => nd.sum(x),
    'sums along an axis': (x) => nd.sum(x, { axis: 0 }),
    'a product over nothing': (x) => nd.matmul(x.transpose(), x),
    'a product of nothing': (x) => nd.matmul(x, full([3, 2], 0, { dtype: 'float32', device: x.device })),
    'nothing added to something': (x) => nd.concat([x, full([1, 3], 1, { dtype: 'float32', device: x.device })]),
    'a filled array': (x) => full([0, 2], 7, { dtype: 'float32', device: x.device }),
    relu: (x) => F.relu(x).data,
    'another type': (x) => x.astype('int32'),
  };
  test.each(Object.keys(empty))('a size of zero: %s as on the cpu', async (name) => {
    const f = empty[name] ?? nd.neg;
    const x = zeros([0, 3], { dtype: 'float32' });
    const [here, there] = [f(x), await f(toGpu(x)).to('cpu')];
    expect([there.shape, there.dtype, [...there.values]]).toEqual([here.shape, here.dtype, [...here.values]]);
  });

  test('a size of zero: what has no answer is refused on both devices alike', () => {
    const x = zeros([0, 3], { dtype: 'float32' });
    const messageOf = (x: NDArray, f: (x: NDArray) => unknown) => {
      try {
        f(x);
      } catch (error) {
        if (error instanceof Error) return `${error.name}: ${error.message}`;
      }
      return 'no error';
    };
    for (const f of [(x: NDArray) => nd.max(x), (x: NDArray) => nd.argMax(x, { axis: 0 })]) {
      expect(messageOf(x, f)).toMatch(/Error: /);
      expect(messageOf(toGpu(x), f)).toBe(messageOf(x, f));
    }
  });
});

function gradient(f: (x: ReturnType<typeof variable>) => ReturnType<typeof variable>, x: NDArray): NDArray {
  const v = variable(x);
  F.sum(f(v)).backward();
  return v.grad?.data ?? x;
}
