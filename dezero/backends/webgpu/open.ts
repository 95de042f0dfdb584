import { findWebGpu } from '#gpu';
import { DeviceError } from '../errors';
import { WebGpuBackend } from './webgpu';

/** What the kernels need of a device; WebGPU promises as much, some drivers offer less. */
const NEEDED = { maxComputeInvocationsPerWorkgroup: 256, maxComputeWorkgroupStorageSize: 2 ** 14, maxStorageBuffersPerShaderStage: 8 } as const; // prettier-ignore

/**
 * The gpu of this machine. `software` also accepts an adapter that computes on the processor.
 * @throws DeviceError that says what is missing.
 * @since 48
 */
export async function openWebGpu(software: boolean): Promise<WebGpuBackend> {
  const gpu = await findWebGpu();
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' }).catch(refused('the driver'));
  if (!adapter) throw new DeviceError('no gpu is available here: there is no driver that WebGPU can use (on Linux it needs a Vulkan driver and libvulkan.so.1); use the cpu (--device cpu)'); // prettier-ignore
  const { vendor, architecture, description, isFallbackAdapter } = adapter.info;
  const info = {
    description: [vendor, architecture].filter(Boolean).join(' ') || description || 'unknown',
    software: isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|warp/i.test(`${architecture} ${description}`),
  };
  if (info.software && !software) {
    throw new DeviceError(`no gpu is available here, only one made of software (${info.description}); it is used when asked for by name, as in --device gpu`); // prettier-ignore
  }
  // The limits that every device has would do for small networks: a layer of VGG16 needs arrays of 392 MiB. And the more
  // arrays a kernel may have, the more parameters one run of it can update.
  const { limits, features } = adapter;
  const wanted: GPUFeatureName[] = ['timestamp-query', 'shader-f16'];
  if (gpu.wgslLanguageFeatures.has('subgroup_id')) wanted.push('subgroups'); // of no use without: which of them an invocation is in
  for (const [name, least] of Object.entries(NEEDED) as [keyof typeof NEEDED, number][]) {
    if (limits[name] < least) throw new DeviceError(`no gpu is available here: ${info.description} has a ${name} of ${limits[name]}, and the kernels need ${least}; use the cpu (--device cpu)`); // prettier-ignore
  }
  const asked = adapter.requestDevice({
    requiredFeatures: wanted.filter((name) => features.has(name)),
    requiredLimits: {
      maxBufferSize: limits.maxBufferSize,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
    },
  });
  return new WebGpuBackend(await asked.catch(refused(info.description)), info, gpu);
}

/** Says of a request that failed by whom, and what to do. */
function refused(who: string): (error: unknown) => never {
  return (error) => {
    const why = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
    throw new DeviceError(`no gpu is available here: ${who} refused (${why}); restart the program, update the driver, or use the cpu (--device cpu)`, { cause: error }); // prettier-ignore
  };
}
