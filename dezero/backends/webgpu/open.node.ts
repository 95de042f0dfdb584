import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { DeviceError } from '../errors';

/**
 * WebGPU under Node: Dawn, from the optional package `webgpu`, loaded only when a gpu is asked for.
 * @throws DeviceError if there is no driver, or the package is missing or does not load here.
 * @since 48
 */
export async function findWebGpu(): Promise<GPU> {
  // Dawn would look for itself, and write warnings of its own.
  if (process.platform === 'linux' && !hasVulkanDriver()) {
    throw new DeviceError('no gpu is available here: no Vulkan driver is installed; use the cpu (--device cpu)');
  }
  try {
    const { create } = await import('webgpu');
    return create([]);
  } catch (error) {
    const cause = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
    throw new DeviceError(
      `no gpu is available here: the package 'webgpu' cannot be loaded (${cause}); npm install webgpu, or use --device cpu`,
    );
  }
}

/** Whether a driver has told where it is, as Vulkan's loader wants it: in a file of its own, or by a variable. */
function hasVulkanDriver(): boolean {
  const { VK_DRIVER_FILES: named = process.env['VK_ICD_FILENAMES'], XDG_DATA_DIRS: shared = '' } = process.env;
  if (named) return named.split(':').some((file) => existsSync(file));
  const places = ['/etc', '/usr/local/etc', '/usr/share', '/usr/local/share', join(homedir(), '.local/share'), ...shared.split(':')]; // prettier-ignore
  return places.some((place) => {
    const folder = join(place, 'vulkan/icd.d');
    return existsSync(folder) && readdirSync(folder).some((file) => file.endsWith('.json'));
  });
}
