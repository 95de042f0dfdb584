import type { Mutation } from '../mutation';

export const step14: Mutation[] = [
  {
    concept: 'adds its gradients',
    file: 'steps/step14.ts',
    find: 'x.grad = (x.grad ?? 0) + gx;',
    replace: 'x.grad = gx;',
  },
  { concept: 'clearGrad', file: 'steps/step14.ts', find: '    this.grad = null;', replace: '    this.grad = 0;' },
];
