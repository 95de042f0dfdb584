import type { Mutation } from '../mutation';

export const step34: Mutation[] = [
  {
    concept: 'the gradient of x is gy·Wᵀ',
    file: 'dezero/functions/linear.ts',
    find: 'sumTo(matmul(gy, swapLast(W)), x.shape)',
    replace: 'sumTo(matmul(gy, W.reshape([...x.shape.slice(0, -2), W.shape[1] ?? 1, W.shape[0] ?? 1])), x.shape)',
  },
  {
    concept: 'of linear must be that of linearSimple',
    file: 'dezero/functions/linear.ts',
    find: 'b ? sumTo(gy, b.shape) : null',
    replace: 'b ? sumTo(gy, b.shape).mul(1 / (gy.shape[0] ?? 1)) : null',
  },
  {
    concept: 'is it divided by N?',
    file: 'dezero/functions/loss.ts',
    find: 'mul(gy, a.sub(b).mul(2 / (a.shape[0] ?? 1)))',
    replace: 'mul(gy, a.sub(b).mul(2))',
  },
  {
    concept: 'the slope of sigmoid is y (1 − y)',
    file: 'dezero/backends/cpu/elementwise.ts',
    find: 'y[i] = 1 - b[i * q];',
    replace: 'y[i] = 1 - b[i * q] * b[i * q];',
  },
  {
    concept: 'a gradient of linear, sigmoid or meanSquaredError is wrong',
    file: 'dezero/functions/activation.ts',
    find: 'mul(gy, y.mul(y.neg().add(1)))',
    replace: 'mul(gy, y.mul(y).neg().add(1))',
  },
];
