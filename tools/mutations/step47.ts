import type { Mutation } from '../mutation';

export const step47: Mutation[] = [
  {
    concept: 'the gradient of conv2d is wrong',
    file: 'dezero/functions/conv.ts',
    find: 'const g = this.relu ? gate(gy, this.output()) : gy;',
    replace: 'const g = gy;',
  },
  {
    concept: 'the gradient goes to the largest of each window alone',
    file: 'dezero/backends/cpu/products.ts',
    find: 'gx[plane * area + at[i]] += g[i];',
    replace: 'gx[plane * area + at[i]] -= g[i];',
  },
  {
    concept: 'deconv2d undoes conv2d in shape',
    file: 'dezero/functions/conv.ts',
    find: 'const size = stride * (n - 1) + kernel - 2 * pad;',
    replace: 'const size = stride * n + kernel - 2 * pad;',
  },
  {
    concept: 'the loss does not fall',
    file: 'steps/step47.ts',
    find: '    model.clearGrads();\n',
    replace: '',
  },
];
