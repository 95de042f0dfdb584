import { afterAll, beforeAll, expect, test } from 'vitest';
import { array, memoryInfo, memoryScope, setDevice, setSeed, zeros } from 'dezero';
import * as F from 'dezero/functions';
import { SqueezeNet10 } from 'dezero/models';
import { AdamW, clipGrads } from 'dezero/optimizers';
import { registerBackend } from '../../../dezero/backends/registry';
import { WebGpuBackend } from '../../../dezero/backends/webgpu/webgpu';

// What a training step of SqueezeNet 1.0, batch 32, gives a real gpu to do: counted on a device that only takes orders, so that no gpu is needed.

const nothing = () => undefined;
const STORAGE = 128; // of GPUBufferUsage
let buffersMade = 0;
const orderTaker = {
  limits: { maxBufferSize: 2 ** 31, maxStorageBufferBindingSize: 2 ** 31, maxComputeWorkgroupsPerDimension: 65535, maxStorageBuffersPerShaderStage: 8 }, // prettier-ignore
  features: new Set(),
  lost: new Promise(nothing),
  queue: { writeBuffer: nothing, submit: nothing, onSubmittedWorkDone: async () => undefined },
  addEventListener: nothing,
  pushErrorScope: nothing,
  popErrorScope: async () => null,
  createBuffer: ({ size, usage }: GPUBufferDescriptor) => {
    if (usage & STORAGE) buffersMade++;
    return { destroy: nothing, mapAsync: async () => undefined, getMappedRange: () => new ArrayBuffer(size) };
  },
  createShaderModule: nothing,
  createComputePipeline: nothing,
  createPipelineLayout: nothing,
  createBindGroupLayout: nothing,
  createBindGroup: () => ({}),
  createCommandEncoder: () => ({
    beginComputePass: () => ({
      setPipeline: nothing,
      setBindGroup: nothing,
      dispatchWorkgroups: nothing,
      end: nothing,
    }),
    copyBufferToBuffer: nothing,
    finish: nothing,
  }),
} as unknown as GPUDevice;

const backend = new WebGpuBackend(orderTaker, { description: 'none', software: false }, null);
beforeAll(async () => {
  registerBackend(backend);
  await setDevice('gpu');
});
afterAll(() => setDevice('cpu'));

test('at most 320 dispatches, 4 submissions and 1 read-back; after step 200 as much memory in use as after step 10', async () => {
  setSeed(0);
  const model = new SqueezeNet10({ classes: 2 });
  const optimizer = new AdamW({ lr: 1e-4 }).addHook(clipGrads(1)).setup(model);
  const x = zeros([32, 3, 224, 224], { dtype: 'float32' });
  const t = array(new Int32Array(32)).to('gpu');
  const step = async () => {
    using _ = memoryScope();
    const loss = F.softmaxCrossEntropy(model.call(x), t);
    model.clearGrads();
    loss.backward();
    optimizer.update();
    return (await loss.data.to('cpu')).item();
  };
  const held = new Map<number, { arrays: number | undefined; bytes: number; buffersMade: number }>();
  for (let i = 1; i <= 200; i++) {
    const before = { ...backend.counters };
    await step();
    const { arrays, bytes } = memoryInfo('gpu');
    held.set(i, { arrays, bytes, buffersMade });
    if (i === 1) continue;
    const { dispatches, submissions, readBacks } = backend.counters;
    expect(dispatches - before.dispatches).toBeLessThanOrEqual(320);
    expect(submissions - before.submissions).toBeLessThanOrEqual(4);
    expect(readBacks - before.readBacks).toBeLessThanOrEqual(1);
  }
  expect(held.get(200)).toEqual(held.get(10));
});
