import type { Mutation } from '../mutation';

export const step27: Mutation[] = [
  {
    concept: 'two points lie 2 eps apart',
    file: 'steps/step27.ts',
    find: '(y1.data - y0.data) / (2 * eps)',
    replace: '(y1.data - y0.data) / eps',
  },
  {
    concept: 'does Mul give each input the other',
    file: 'steps/step27.ts',
    find: '[gy * this.input(1).data, gy * this.input(0).data]',
    replace: '[gy * this.input(0).data, gy * this.input(1).data]',
  },
  {
    concept: 'are gradients added up',
    file: 'steps/step27.ts',
    find: 'x.grad = (x.grad ?? 0) + gx;',
    replace: 'x.grad = gx;',
  },
  {
    concept: 'the formula computes what the program computes',
    file: 'steps/step27.ts',
    find: '`4 * ${y} * (1 - ${y})`',
    replace: '`4 * ${y} * (1 + ${y})`',
  },
];
