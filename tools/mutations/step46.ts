import type { Mutation } from '../mutation';

export const step46: Mutation[] = [
  {
    concept: 'is += written',
    file: 'dezero/backends/cpu/products.ts',
    find: '(X[xAt] += columns[colAt])',
    replace: '(X[xAt] = columns[colAt])',
  },
  {
    concept: 'are the channels mixed',
    file: 'dezero/backends/cpu/products.ts',
    find: 'row + c * taps + tap',
    replace: 'row + tap * C + c',
  },
  {
    concept: 'does its size count the padding on both sides',
    file: 'dezero/ndarray/windows.ts',
    find: 'const exact = (n + 2 * pad[i] - kernel[i]) / stride[i];',
    replace: 'const exact = (n + pad[i] - kernel[i]) / stride[i];',
  },
  {
    concept: 'are the channels moved to the second axis',
    file: 'steps/step46.ts',
    find: '.transpose([0, 3, 1, 2]);',
    replace: '.transpose([0, 3, 2, 1]);',
  },
];
