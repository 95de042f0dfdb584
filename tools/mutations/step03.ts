import type { Mutation } from '../mutation';

export const step03: Mutation[] = [
  { concept: 'exp of 1 is e', file: 'steps/step03.ts', find: 'return Math.exp(x);', replace: 'return 1 + x;' },
  {
    concept: 'composite chains all three',
    file: 'steps/step03.ts',
    find: '  return new Square().call(b);',
    replace: '  return b;',
  },
];
