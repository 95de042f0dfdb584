import type { Mutation } from '../mutation';

export const step15: Mutation[] = [
  { concept: 'topological', file: 'steps/step15.ts', find: 'order.slice(i + 1)', replace: 'order.slice(0, i)' },
  {
    concept: 'gradients added',
    file: 'steps/step15.ts',
    find: '      x.grad = (x.grad ?? 0) + gx;\n    }\n  }\n}\n\n/** True',
    replace: '      x.grad = gx;\n    }\n  }\n}\n\n/** True',
  },
  { concept: 'begun without old ones', file: 'steps/step15.ts', find: 'v.clearGrad();', replace: 'v.grad ??= 0;' },
];
