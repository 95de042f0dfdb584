import type { Mutation } from '../mutation';

export const step18: Mutation[] = [
  { concept: 'retainGrad keeps', file: 'steps/step18.ts', find: 'if (!retainGrad)', replace: 'if (retainGrad)' },
  {
    concept: 'retainGrad',
    file: 'steps/step18.ts',
    find: '      if (!retainGrad) for (const y of f.outputs) y.clearGrad();',
    replace: '     ',
  },
  {
    concept: 'noGrad makes no links',
    file: 'steps/step18.ts',
    find: 'if (config.enableGrad) {',
    replace: 'if (this.inputs) {',
  },
  {
    concept: 'noGrad restores',
    file: 'steps/step18.ts',
    find: '    config.enableGrad = before;',
    replace: '    config.enableGrad = true;',
  },
];
