import type { Mutation } from '../mutation';

export const step12: Mutation[] = [
  { concept: 'add(2, 3)', file: 'steps/step12.ts', find: 'new Add().call(x0, x1)', replace: 'new Add().call(x0, x0)' },
  {
    concept: 'plain arguments',
    file: 'steps/step12.ts',
    find: 'this.forward(...xs)',
    replace: 'this.forward(xs[0] ?? 0, xs[1] ?? 0)',
  },
];
