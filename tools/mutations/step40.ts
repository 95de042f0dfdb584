import type { Mutation } from '../mutation';

const loader = 'dezero/data/dataloader.ts';

export const step40: Mutation[] = [
  {
    concept: 'another epoch, another order',
    file: loader,
    find: 'sampleGenerator(seed, epoch, -1)',
    replace: 'sampleGenerator(seed, 0, -1)',
  },
  {
    concept: 'a run with a seed must come out the same again',
    file: loader,
    find: 'sampleGenerator(seed, epoch, -1)',
    replace: 'sampleGenerator(Math.floor(1e9 * Math.random()), epoch, -1)',
  },
  {
    concept: 'the last batch holds what is left',
    file: loader,
    find: 'return dropLast ? Math.floor',
    replace: 'return !dropLast ? Math.floor',
  },
  {
    concept: 'a last batch of 2 counts for less than one of 4',
    file: 'steps/step40.ts',
    find: 'const share = t.size / loader.set.length;',
    replace: 'const share = 1 / loader.length;',
  },
];
