import type { Mutation } from '../mutation';

export const step29: Mutation[] = [
  {
    concept: 'Sub: gradients 1 and −1',
    file: 'dezero/core/operators.ts',
    find: 'toOperands(this, () => gy, () => neg(gy))',
    replace: 'toOperands(this, () => gy, () => gy)',
  },
  {
    concept: 'Div: gradients 1/b and −a/b²',
    file: 'dezero/core/operators.ts',
    find: 'div(neg(a), mul(b, b))',
    replace: 'div(a, mul(b, b))',
  },
  {
    concept: 'Pow: the gradient of x³ is 3x²',
    file: 'dezero/core/operators.ts',
    find: 'pow(this.input(0), this.c - 1)',
    replace: 'pow(this.input(0), this.c)',
  },
  {
    concept: 'an operator bound to the wrong function',
    file: 'dezero/core/expr.ts',
    find: 'binary((a, b) => a - b, sub)',
    replace: 'binary((a, b) => a - b, add)',
  },
];
