import { findWebGpu } from '#gpu';
import { DeviceError } from '../errors';
import { WebGpuBackend } from './webgpu';

/**
 * The gpu of this machine. `software` also accepts an adapter that computes on the processor.
 * @throws DeviceError that says what is missing.
 * @since 48
 */
export async function openWebGpu(software: boolean): Promise<WebGpuBackend> {
  const gpu = await findWebGpu();
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
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
  const device = await adapter.requestDevice({
    requiredFeatures: wanted.filter((name) => features.has(name)),
    requiredLimits: {
      maxBufferSize: limits.maxBufferSize,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
    },
  });
  return new WebGpuBackend(device, info, gpu);
}
