import type { Mutation } from '../mutation';

export const step41: Mutation[] = [
  {
    concept: 'grey values are shares of 255',
    file: 'dezero/data/mnist.ts',
    find: '(value) => value / 255',
    replace: '(value) => value',
  },
  {
    concept: 'row 4, column 9',
    file: 'dezero/utils/confusion.ts',
    find: 'const at = (t[i] ?? 0) * classes + (y[i] ?? 0);',
    replace: 'const at = (y[i] ?? 0) * classes + (t[i] ?? 0);',
  },
  {
    concept: 'the loss does not fall',
    file: 'steps/step41.ts',
    find: '    optimizer.update();\n',
    replace: '',
  },
];
