import type { Mutation } from '../mutation';

export const step09: Mutation[] = [
  { concept: 'seed gradient', file: 'steps/step09.ts', find: 'this.grad ??= 1;', replace: 'this.grad ??= 0;' },
  {
    concept: 'a text is refused',
    file: 'steps/step09.ts',
    find: "if (typeof data === 'number') return;",
    replace: 'if (data !== undefined) return;',
  },
  {
    concept: 'a bare number is refused',
    file: 'steps/step09.ts',
    find: 'this.forward(dataOf(input))',
    replace: 'this.forward(input.data)',
  },
];
