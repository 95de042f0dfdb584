import type { Backend, DeviceName } from './backend';
import { CpuBackend } from './cpu/cpu';
import { DeviceError } from './errors';

const backends = new Map<DeviceName, Backend>([['cpu', new CpuBackend()]]);

/** The backend of a device. @throws DeviceError if this machine has none. @since 28 */
export function getBackend(name: DeviceName): Backend {
  const backend = backends.get(name);
  if (backend) return backend;
  if (name !== 'gpu') throw new DeviceError(`there is no device '${String(name)}'; the devices are 'cpu' and 'gpu'`);
  throw new DeviceError("no gpu is available here; use 'cpu' (or --device auto, which takes what there is)");
}

/** True if arrays can be put on this device. @since 48 */
export function hasDevice(name: DeviceName): boolean {
  return backends.has(name);
}

/** Adds a device, or puts another implementation in its place. @since 48 */
export function registerBackend(backend: Backend): void {
  backends.set(backend.name, backend);
}
