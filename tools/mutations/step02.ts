import type { Mutation } from '../mutation';

export const step02: Mutation[] = [
  {
    concept: 'multiplies a number by itself',
    file: 'steps/step02.ts',
    find: 'return x ** 2;',
    replace: 'return x * 2;',
  },
  {
    concept: 'a new box',
    file: 'steps/step02.ts',
    find: '    return new Variable(y);',
    replace: '    input.data = y;\n    return input;',
  },
];
