import type { Mutation } from '../mutation';

const activation = 'dezero/functions/activation.ts';
const loops = 'dezero/backends/cpu/softmax.ts';

export const step38: Mutation[] = [
  {
    concept: 'is the largest subtracted before exp',
    file: loops,
    find: 'for (let k = 0; k < length; k++) if (scores[at + k * step] > most) most = scores[at + k * step];',
    replace: 'most = 0;',
  },
  {
    concept: 'is Σ gy·y subtracted',
    file: activation,
    find: 'return y.mul(gy.sub(sum(gy.mul(y), { axis: this.axis, keepdims: true })));',
    replace: 'return y.mul(gy);',
  },
  {
    concept: '(softmax − 1 at the label) / N',
    file: loops,
    find: 'const scale = round(dense(gy)[0] * round(1 / t.length));',
    replace: 'const [scale] = dense(gy);',
  },
  {
    concept: 'left of 0 its gradient is the slope',
    file: activation,
    find: 'const slopes = nd.where(nd.greater(x, 0), nd.full([], 1, x), nd.full([], this.slope, x));',
    replace: 'const slopes = nd.where(nd.greater(x, 0), nd.full([], 1, x), nd.full([], 0, x));',
  },
];
