import type { Mutation } from '../mutation';

export const step04: Mutation[] = [
  { concept: 'central difference', file: 'steps/step04.ts', find: '/ (2 * eps)', replace: '/ eps' },
  { concept: 'central difference', file: 'steps/step04.ts', find: 'x.data - eps', replace: 'x.data' },
];
