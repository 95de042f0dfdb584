import type { Mutation } from '../mutation';

export const step22: Mutation[] = [
  {
    concept: 'the largest of negative numbers is negative',
    file: 'steps/step22.ts',
    find: "reduction('max', -Infinity,",
    replace: "reduction('max', 0,",
  },
  {
    concept: 'a sum along an axis takes that axis away',
    file: 'steps/step22.ts',
    find: '(axes.includes(i) ? 1 : n)',
    replace: '(axes.includes(i) ? n : 1)',
  },
  {
    concept: 'a mean along axis 0 divides by the number of rows',
    file: 'steps/step22.ts',
    find: 'x.size / total.size',
    replace: 'x.size',
  },
  {
    concept: 'keepdims leaves the axis there',
    file: 'steps/step22.ts',
    find: 'return keepdims ? y : y.reshape',
    replace: 'return y.reshape',
  },
];
