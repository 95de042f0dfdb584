import type { Mutation } from '../mutation';

export const step35: Mutation[] = [
  {
    concept: 'a layer in a layer puts its field before the name',
    file: 'dezero/layers/layer.ts',
    find: 'if (holdsFields(value)) yield* fieldsOf(value, `${path}.`, [...around, owner]);',
    replace: "if (holdsFields(value)) yield* fieldsOf(value, '', [...around, owner]);",
  },
  {
    concept: 'layers in a list are numbered',
    file: 'dezero/layers/layer.ts',
    find: 'if (value instanceof Layer || Array.isArray(value)) return true;',
    replace: 'if (value instanceof Layer) return true;',
  },
  {
    concept: 'clearGrads forgets the gradient of every parameter',
    file: 'dezero/layers/layer.ts',
    find: 'for (const [, parameter] of this.parameters()) parameter.clearGrad();',
    replace: 'for (const [, parameter] of this.parameters()) if (parameter.ndim > 1) parameter.clearGrad();',
  },
  {
    concept: 'variance 1 / inputs',
    file: 'dezero/layers/initial.ts',
    find: 'Math.sqrt(gain / fan)',
    replace: 'gain / fan',
  },
];
