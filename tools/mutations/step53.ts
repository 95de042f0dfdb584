import type { Mutation } from '../mutation';

export const step53: Mutation[] = [
  {
    concept: 'rates fall with depth',
    file: 'steps/step53.ts',
    find: 'isEarly(path)), lr: early }',
    replace: 'isEarly(path)), lr: head }',
  },
  {
    concept: 'each parameter is in exactly one group',
    file: 'steps/step53.ts',
    find: '!isEarly(path) && !isHead(path)',
    replace: '!isHead(path)',
  },
  {
    concept: 'frozen layers do not move while the head learns',
    file: 'steps/step53.ts',
    find: 'frozen: body, ',
    replace: '',
  },
  {
    concept: 'goes on from what it saved by itself',
    file: 'dezero/models/trainer.ts',
    find: 'await this.save(file);',
    replace: '',
  },
];
