import type { Mutation } from '../mutation';

export const step17: Mutation[] = [
  {
    concept: 'drops its past',
    file: 'steps/step17.ts',
    find: 'cut ? new Variable(state.data) : state',
    replace: 'cut ? add(state, new Variable(0)) : state',
  },
  { concept: 'a circle', file: 'steps/step17.ts', find: '    this.outputs = outputs;\n', replace: '' },
  {
    concept: 'weak references',
    file: 'steps/step17.ts',
    find: '    this.weakOutputs = outputs.map((y) => new WeakRef(y));\n',
    replace: '',
  },
];
