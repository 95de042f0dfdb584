import { beforeEach, describe, expect, test, type TestContext } from 'vitest';
import { full, nd, setDevice } from 'dezero';
import * as windows from '../../../dezero/ndarray/windows';
import { registerBackend } from '../../../dezero/backends/registry';
import { WebGpuBackend } from '../../../dezero/backends/webgpu/webgpu';

// Kernels in words that not every gpu knows. Dawn has a device for tests, which checks everything and does nothing: it knows them all and needs no driver.

let backend: WebGpuBackend;

/** Opens Dawn's device for tests with these features; skips the test where the package is not installed. */
async function open(context: TestContext, features: GPUFeatureName[]): Promise<void> {
  const dawn = await import('webgpu').catch(() => context.skip('the package webgpu does not load here'));
  const source = dawn.create(['backend=null']);
  const adapter = await source.requestAdapter();
  if (!adapter) throw new Error("Dawn has no 'null' device");
  const device = await adapter.requestDevice({ requiredFeatures: features });
  backend = new WebGpuBackend(device, { description: 'none', software: false }, source);
  registerBackend(backend);
}

const zeros = (...shape: number[]) => full(shape, 0, { dtype: 'float32', device: 'gpu' });

/** What the device says to the kernels of f: null if it takes them all. */
async function verdictOn(f: () => unknown): Promise<string | null> {
  try {
    f();
    await zeros(1).to('cpu');
  } catch {
    // it is told below
  }
  return backend.failure?.message ?? null;
}

function products(): void {
  const sizes = [1, 20, 70];
  for (const M of sizes) {
    for (const N of sizes) {
      nd.matmul(zeros(M, 30), zeros(30, N), zeros(N));
      nd.matmul(zeros(30, M).transpose(), zeros(N, 30).transpose());
    }
  }
  for (const [kernel, stride, pad] of [[3, 1, 1], [1, 1, 0], [5, 2, 2]] as const) {
    const window = { kernel: [kernel, kernel], stride: [stride, stride], pad: [pad, pad] } as const;
    const [x, W] = [zeros(2, 3, 9, 9), zeros(8, 3, kernel, kernel)];
    const y = windows.conv2d(x, W, zeros(8), window, true);
    windows.conv2dInput(y, W, window, x.shape);
    windows.conv2dWeight(x, y, window);
  } // prettier-ignore
}

const reductions = () => [nd.sum, nd.max, nd.min].forEach((reduce) => reduce(zeros(3, 5000), { axis: 1 }));

describe('with the features', () => {
  beforeEach((context) => open(context, ['shader-f16', 'subgroups']));
  test.each([true, false])('products in mixed precision; shared memory: %s', async (sharesMemory) => {
    backend.mixedPrecision = true;
    backend.sharesMemory = sharesMemory;
    expect(await verdictOn(products)).toBeNull();
  });
  test('reductions in subgroups', async () => {
    expect(backend.subgroups).toBe(true);
    expect(await verdictOn(reductions)).toBeNull();
  });
});

describe('without, the same kernels would be refused', () => {
  beforeEach((context) => open(context, []));
  test('products in f16', async () => {
    backend.narrowing = 'f16';
    expect(await verdictOn(products)).toMatch(/extension 'f16' is not allowed/);
  });
  test('reductions in subgroups', async () => {
    expect(backend.subgroups).toBe(false);
    backend.subgroups = true;
    expect(await verdictOn(reductions)).toMatch(/extension 'subgroups' is not allowed/);
  });
  test('and mixed precision is an error', async () => {
    registerBackend(backend);
    await expect(setDevice('gpu', { mixedPrecision: true })).rejects.toThrow(/\(none\) has no numbers of 16 bits/);
  });
});
