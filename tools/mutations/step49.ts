import type { Mutation } from '../mutation';

export const step49: Mutation[] = [
  {
    concept: 'its count of steps too',
    file: 'dezero/optimizers/optimizer.ts',
    find: "return all.set('steps', nd.onCpu(Float64Array.of(this.steps)).reshape([]));",
    replace: 'return all;',
  },
  {
    concept: 'counted from the end of the header',
    file: 'dezero/io/safetensors.ts',
    find: 'data_offsets: [size, size + bytes.length] }',
    replace: 'data_offsets: [size + 8, size + 8 + bytes.length] }',
  },
  {
    concept: 'model.npz brings every parameter back',
    file: 'dezero/io/npz.ts',
    find: "float32: '<f4'",
    replace: "float32: '>f4'",
  },
  {
    concept: 'all that does not fit is listed',
    file: 'dezero/models/model.ts',
    find: 'if (slot.shape && !sameShape(slot.shape, x.shape)) {',
    replace: 'if (slot.shape && slot.shape.length !== x.shape.length) {',
  },
];
