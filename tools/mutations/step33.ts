import type { Mutation } from '../mutation';

export const step33: Mutation[] = [
  {
    concept: 'is there a sumTo in its backward?',
    file: 'dezero/core/operators.ts',
    find: '(f.needsGrad(i) ? sumTo(gx(), f.input(i).shape) : null)',
    replace: '(f.needsGrad(i) ? gx() : null)',
  },
  {
    concept: 'backward of transpose is the transpose back',
    file: 'dezero/functions/shape.ts',
    find: 'return transpose(gy, axes && axes.map((_, i) => axes.indexOf(i)));',
    replace: 'return reshape(gy, this.input(0).shape);',
  },
  {
    concept: 'what was summed gets the gradient repeated',
    file: 'dezero/functions/reduce.ts',
    find: 'return broadcastTo(reshape(gy, keptShape(x, this.options)), x.shape);',
    replace: 'return broadcastTo(reshape(sum(gy), x.shape.map(() => 1)), x.shape);',
  },
  {
    concept: 'two largest elements: each gets half',
    file: 'dezero/functions/reduce.ts',
    find: 'const share = nd.div(chosen, nd.sum(chosen, { axis, keepdims: true }));',
    replace: 'const share = chosen;',
  },
];
