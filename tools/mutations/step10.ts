import type { Mutation } from '../mutation';

export const step10: Mutation[] = [
  { concept: 'finds a wrong gradient', file: 'steps/step10.ts', find: '<= 1e-6 *', replace: '<= 1e6 *' },
  { concept: 'repeat', file: 'steps/step10.ts', find: 'let state = seed;', replace: 'let state = Math.random();' },
];
