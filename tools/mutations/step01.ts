import type { Mutation } from '../mutation';

export const step01: Mutation[] = [
  { concept: 'holds its value', file: 'steps/step01.ts', find: '    this.data = data;', replace: '    this.data = 0;' },
];
