import type { Mutation } from '../mutation';

export const step05: Mutation[] = [
  {
    concept: 'multiplications are counted',
    file: 'steps/step05.ts',
    find: 'count += row.length;',
    replace: 'count += 1;',
  },
  {
    concept: 'from the output',
    file: 'steps/step05.ts',
    find: 'multiply(product.matrix, J)',
    replace: 'multiply(J, product.matrix)',
  },
];
