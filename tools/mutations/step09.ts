import type { Mutation } from '../mutation';

export const step09: Mutation[] = [
  { concept: 'seed gradient', file: 'steps/step09.ts', find: 'this.grad ??= 1;', replace: 'this.grad ??= 0;' },
  {
    concept: 'a text is refused',
    file: 'steps/step09.ts',
    find: "if (type !== 'number')",
    replace: "if (type === 'undefined')",
  },
  {
    concept: 'a bare number is refused',
    file: 'steps/step09.ts',
    find: 'this.forward(dataOf(input))',
    replace: 'this.forward(input.data)',
  },
];
