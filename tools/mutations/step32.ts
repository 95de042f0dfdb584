import type { Mutation } from '../mutation';

export const step32: Mutation[] = [
  {
    concept: 'is the graph recorded during backward?',
    file: 'dezero/core/backward.ts',
    find: 'withGrad(createGraph, ',
    replace: 'withGrad(false, ',
  },
  {
    concept: 'without createGraph there is no graph of the gradient',
    file: 'dezero/core/backward.ts',
    find: 'withGrad(createGraph, ',
    replace: 'withGrad(true, ',
  },
  {
    concept: 'a second backward adds up',
    file: 'dezero/core/backward.ts',
    find: 'total(leaf, leaf.grad, g)',
    replace: 'total(leaf, null, g)',
  },
  {
    concept: 'is y a variable in backward, or only its number?',
    file: 'dezero/functions/math.ts',
    find: 'const y = this.output();',
    replace: 'const y = asVariable(this.output().data);',
  },
  {
    concept: 'the derivatives of tanh',
    file: 'dezero/functions/math.ts',
    find: 'y.mul(y).neg().add(1)',
    replace: 'y.mul(y).add(1)',
  },
  {
    concept: 'the derivatives of log',
    file: 'dezero/functions/math.ts',
    find: 'gy.div(this.input(0))',
    replace: 'gy.mul(this.input(0))',
  },
];
