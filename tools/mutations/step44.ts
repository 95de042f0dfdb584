import type { Mutation } from '../mutation';

export const step44: Mutation[] = [
  {
    concept: 'does h·Wh join x·Wx',
    file: 'dezero/layers/recurrent.ts',
    find: 'return tanh(this.x2h.call(x).add(this.h2h.call(h)));',
    replace: 'return tanh(this.x2h.call(x).add(h));',
  },
  {
    concept: 'is the state null again',
    file: 'dezero/layers/recurrent.ts',
    find: '    this.carried.value = null;\n',
    replace: '',
  },
  {
    concept: 'does unchainBackward take the creators away',
    file: 'dezero/core/variable.ts',
    find: `        x.creator = null;
        x.generation = 0;`,
    replace: '',
  },
  {
    concept: 'is it cleared, walked back and updated',
    file: 'steps/step44.ts',
    find: '    model.clearGrads();\n    loss.backward();',
    replace: '    loss.backward();',
  },
];
