import type { Mutation } from '../mutation';

const activation = 'dezero/functions/activation.ts';
const loss = 'dezero/functions/loss.ts';

export const step38: Mutation[] = [
  {
    concept: 'is the largest subtracted before exp',
    file: activation,
    find: 'const e = nd.exp(nd.sub(x, nd.max(x, { axis, keepdims: true })));',
    replace: 'const e = nd.exp(x);',
  },
  {
    concept: 'is Σ gy·y subtracted',
    file: activation,
    find: 'return y.mul(gy.sub(sum(gy.mul(y), { axis: this.axis, keepdims: true })));',
    replace: 'return y.mul(gy);',
  },
  {
    concept: '(softmax − 1 at the label) / N',
    file: loss,
    find: 'gy.mul(1 / this.labels.size)',
    replace: 'gy',
  },
  {
    concept: 'left of 0 its gradient is the slope',
    file: activation,
    find: 'const slopes = nd.where(nd.greater(x, 0), nd.full([], 1, x), nd.full([], this.slope, x));',
    replace: 'const slopes = nd.where(nd.greater(x, 0), nd.full([], 1, x), nd.full([], 0, x));',
  },
];
