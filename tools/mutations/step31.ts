import type { Mutation } from '../mutation';

export const step31: Mutation[] = [
  {
    concept: 'against the gradient',
    file: 'steps/step31.ts',
    find: 'x.sub(x.grad.mul(lr))',
    replace: 'x.add(x.grad.mul(lr))',
  },
  {
    concept: 'does clearGrad run before each backward',
    file: 'steps/step31.ts',
    find: 'for (const x of xs) x.clearGrad();',
    replace: '',
  },
  {
    concept: 'the second derivative of x⁴ − 2x² is 12x² − 4',
    file: 'steps/step31.ts',
    find: '12 * x ** 2 - 4;',
    replace: '4 * x ** 3 - 4 * x;',
  },
  {
    concept: 'x ← x − f′(x) / f″(x)',
    file: 'steps/step31.ts',
    find: 'x -= gx / secondDerivative(x);',
    replace: 'x -= gx * secondDerivative(x);',
  },
];
