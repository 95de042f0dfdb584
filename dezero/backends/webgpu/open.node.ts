import { DeviceError } from '../errors';

/**
 * WebGPU under Node: Dawn, from the optional package `webgpu`, loaded only when a gpu is asked for.
 * @throws DeviceError if the package is missing or does not load here.
 * @since 48
 */
export async function findWebGpu(): Promise<GPU> {
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
