import type { Mutation } from '../mutation';

export const step06: Mutation[] = [
  {
    concept: 'chain rule',
    file: 'steps/step06.ts',
    find: 'return gy * 2 * this.input.data;',
    replace: 'return 2 * this.input.data;',
  },
  {
    concept: 'the slope of exp is exp itself',
    file: 'steps/step06.ts',
    find: 'return gy * Math.exp(this.input.data);',
    replace: 'return gy * this.input.data;',
  },
];
