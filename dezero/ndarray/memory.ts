import type { DeviceName } from '../backends/backend';
import { kernelMemory } from '../backends/cpu/memory';
import { getBackend } from '../backends/registry';
import { WebGpuBackend } from '../backends/webgpu/webgpu';

/** Memory of a device. @since 48 */
export interface MemoryInfo {
  /** Bytes in use: on the gpu by all arrays, on the cpu by those that a scope or a loader will free. @since 48 */
  readonly bytes: number;
  /** Arrays in use; on the gpu only. @since 48 */
  readonly arrays?: number;
  /** Bytes that wait to be used again; on the gpu only. @since 48 */
  readonly waiting?: number;
  /** The most bytes in use at once so far; on the gpu only. @since 48 */
  readonly peak?: number;
}

/**
 * What a device has in use: the same after each step of a training, or something is not freed.
 * @example
 * const before = memoryInfo('cpu').bytes;
 * {
 *   using scope = memoryScope();
 *   ones([1000]);
 * }
 * memoryInfo('cpu').bytes === before; // → true
 * @since 48
 */
export function memoryInfo(device: DeviceName): MemoryInfo {
  const backend = getBackend(device);
  return backend instanceof WebGpuBackend ? backend.held : { bytes: kernelMemory.used };
}
