import type { Mutation } from '../mutation';

export const step07: Mutation[] = [
  { concept: 'remembers its creator', file: 'steps/step07.ts', find: '    this.creator = creator;\n', replace: '' },
  { concept: 'walks all the way', file: 'steps/step07.ts', find: '    f.input.backward();\n', replace: '' },
];
