import { beforeEach } from 'vitest';
import { array, hasDevice, NDArray, type Shape } from 'dezero';
import { WebGpuBackend } from '../../../dezero/backends/webgpu/webgpu';
import { getBackend } from '../../../dezero/ndarray';

/**
 * Skips each test of a file where there is no gpu; with DEZERO_REQUIRE_GPU=1, as in CI, it fails instead. Without a real gpu one made of
 * software does: VK_ICD_FILENAMES=/usr/lib/chromium/vk_swiftshader_icd.json (Debian's chromium and libvulkan1). With
 * DEZERO_SHARED_MEMORY=1 that one works as real ones do.
 */
export function needsGpu(): void {
  const settings = typeof process === 'undefined' ? {} : process.env; // a browser has none
  beforeEach(async (context) => {
    if (await hasDevice('gpu')) {
      if (settings['DEZERO_SHARED_MEMORY'] === '1') gpu().sharesMemory = true;
      return;
    }
    if (settings['DEZERO_REQUIRE_GPU'] === '1') throw new Error('there is no gpu, and DEZERO_REQUIRE_GPU=1 asks for one'); // prettier-ignore
    context.skip('there is no gpu here');
  });
}

/** The same array on the gpu: floats as float32, strides as they are. */
export function toGpu(x: NDArray): NDArray {
  // All of the memory goes there, so that the view of it can be the same.
  const { storage, shape, strides, offset } = x;
  const memory = new NDArray(storage, [storage.length], [1], 0);
  const moved = (x.dtype === 'float64' ? memory.astype('float32') : memory).to('gpu');
  return new NDArray(moved.storage, shape, strides, offset);
}

/** Different numbers in an order that looks random, between −2 and 2. */
export function numbers(...shape: number[]): NDArray {
  const size = shape.reduce((a, b) => a * b, 1);
  return array(
    Float64Array.from({ length: size }, (_, i) => ((i * 7919 + 31) % 997) / 250 - 2),
    { shape },
  );
}

/** A view with nothing lying in order: every second element of transposed memory, backwards along the last axis. */
export function scattered(...shape: Shape[number][]): NDArray {
  const wide = numbers(...shape.map((n) => 2 * n + 1).reverse()).transpose();
  return wide.slice(shape.map((n, axis) => (axis === shape.length - 1 ? { from: 2 * n - 1, step: -2 } : { from: 1, to: 2 * n + 1, step: 2 }))); // prettier-ignore
}

/** The gpu's backend, for what is not part of the contract. */
export function gpu(): WebGpuBackend {
  const backend = getBackend('gpu');
  if (!(backend instanceof WebGpuBackend)) throw new Error('this gpu is not ours');
  return backend;
}
