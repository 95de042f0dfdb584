import type { Mutation } from '../mutation';

const file = 'dezero/functions/regularize.ts';

export const step42: Mutation[] = [
  {
    concept: 'what is left is divided by 1 − ratio',
    file,
    find: '.astype(v.dtype), 1 / (1 - ratio));',
    replace: '.astype(v.dtype), 1);',
  },
  {
    concept: 'is ratio what is hidden, or what is kept',
    file,
    find: 'nd.lessEqual(ratio, draws)',
    replace: 'nd.lessEqual(draws, ratio)',
  },
  {
    concept: 'in testMode dropout must let everything pass',
    file,
    find: 'if (!isTraining() || ratio === 0) return v;',
    replace: 'if (ratio === 0) return v;',
  },
  {
    concept: 'another update must hide others',
    file,
    find: "const draws = generator.fill('uniform', nd.empty(v.shape, v.dtype, v.device));",
    replace: "const draws = generator.standIn().fill('uniform', nd.empty(v.shape, v.dtype, v.device));",
  },
];
