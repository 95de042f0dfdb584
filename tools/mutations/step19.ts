import type { Mutation } from '../mutation';

export const step19: Mutation[] = [
  {
    concept: 'one row of a (2, 3, 4) passes over 4 cells',
    file: 'steps/step19.ts',
    find: 'sizeOf(shape.slice(axis + 1))',
    replace: 'sizeOf(shape.slice(0, axis))',
  },
  {
    concept: 'element (i, j) is at i·strides[0] + j·strides[1]',
    file: 'steps/step19.ts',
    find: 'const stride = this.strides[axis]!; // !: there is one for each axis',
    replace: 'const stride = rowMajorStrides(this.shape)[axis]!;',
  },
  {
    concept: 'rows of different lengths are refused',
    file: 'steps/step19.ts',
    find: 'if (length !== shape[axis])',
    replace: 'if (typeof length !== typeof shape[axis])',
  },
  {
    concept: 'numbers of different lengths still stand in columns',
    file: 'steps/step19.ts',
    find: 'cell.padStart(width)',
    replace: 'cell',
  },
];
