import { DeviceError } from '../errors';

/**
 * WebGPU in a browser. The twin of `open.node.ts`.
 * @throws DeviceError if this browser has none.
 * @since 48
 */
export async function findWebGpu(): Promise<GPU> {
  const gpu = (navigator as { readonly gpu?: GPU }).gpu;
  if (gpu) return gpu;
  throw new DeviceError(
    'no gpu is available here: this browser has no WebGPU, or the page did not come by https; use the cpu, or a newer browser',
  );
}
