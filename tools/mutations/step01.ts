import type { Mutation } from '../mutation';

export const step01: Mutation[] = [
  {
    concept: 'holds its value',
    file: 'steps/step01.ts',
    find: 'public data: number) {}',
    replace: 'public data: number) {\n    this.data = 0;\n  }',
  },
];
