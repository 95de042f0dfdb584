import type { Backend, DeviceName } from './backend';
import { CpuBackend } from './cpu/cpu';
import { DeviceError } from './errors';
import { openWebGpu } from './webgpu/open';
import { WebGpuBackend } from './webgpu/webgpu';

const backends = new Map<DeviceName, Backend>([['cpu', new CpuBackend()]]);

/** The backend of a device; a gpu must have been opened. @throws DeviceError if there is none. @since 28 */
export function getBackend(name: DeviceName): Backend {
  const backend = backends.get(name);
  if (backend) return backend;
  if (name !== 'gpu') throw new DeviceError(`there is no device '${String(name)}'; the devices are 'cpu' and 'gpu'`);
  throw new DeviceError("no gpu has been opened yet: `await setDevice('gpu')` does it, or `await hasDevice('gpu')` without using it for what follows"); // prettier-ignore
}

/**
 * Opens a device, where that has not been done. 'auto' takes a gpu if this machine has a real one, otherwise the cpu; 'gpu', asked for by
 * name, also accepts one made of software. Returns what it is.
 * @throws DeviceError that says why there is no gpu.
 * @since 48
 */
export async function openDevice(name: DeviceName | 'auto'): Promise<DeviceName> {
  if (name === 'cpu') return name;
  if (name !== 'gpu' && name !== 'auto') throw new DeviceError(`there is no device '${String(name)}'; the devices are 'cpu' and 'gpu', or 'auto'`); // prettier-ignore
  const open = backends.get('gpu');
  if (open instanceof WebGpuBackend && !open.failure) return name === 'auto' && open.info.software ? 'cpu' : 'gpu';
  try {
    backends.set('gpu', await openWebGpu(name === 'gpu'));
  } catch (error) {
    if (name === 'auto' && error instanceof DeviceError) return 'cpu';
    throw error;
  }
  return 'gpu';
}

/** Whether a device that is open does products in mixed precision from now on. @throws DeviceError if it cannot. @since 48 */
export function setMixedPrecision(name: DeviceName, mixed: boolean): void {
  const backend = getBackend(name);
  if (backend instanceof WebGpuBackend) backend.mixedPrecision = mixed;
  else if (mixed) throw new DeviceError('mixed precision: the cpu has no numbers of 16 bits; ask for a gpu (--device gpu), or go on in float32, without mixedPrecision (--mixed)'); // prettier-ignore
}

/**
 * True if arrays can be put on this device; a gpu is opened by the question.
 * @example
 * await hasDevice('cpu'); // → true
 * @since 48
 */
export async function hasDevice(name: DeviceName): Promise<boolean> {
  try {
    return (await openDevice(name)) === name;
  } catch (error) {
    if (error instanceof DeviceError) return false;
    throw error;
  }
}

/** Adds a device, or puts another implementation in its place. @since 48 */
export function registerBackend(backend: Backend): void {
  backends.set(backend.name, backend);
}

/** The devices that are open. @since 48 */
export function openDevices(): Backend[] {
  return [...backends.values()];
}
