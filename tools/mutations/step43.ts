import type { Mutation } from '../mutation';

const loops = 'dezero/backends/cpu/batchNorm.ts';

export const step43: Mutation[] = [
  {
    concept: 'the batch has its part in mean and variance',
    file: loops,
    find: 'const common = ofBatch ? (sums[c] + normal(c, i) * products[c]) / size : 0;',
    replace: 'const common = 0;',
  },
  {
    concept: 'running = 0.9 · running + 0.1 · batch',
    file: loops,
    find: 'r[c] * decay + b[c] * factor * (1 - decay)',
    replace: 'r[c] * (1 - decay) + b[c] * factor * decay',
  },
  {
    concept: 'the running variance is the unbiased one',
    file: loops,
    find: 'move(variance, batchVariance, size / (size - 1));',
    replace: 'move(variance, batchVariance, 1);',
  },
  {
    concept: 'in testMode the running statistics take the place of the batch',
    file: 'dezero/functions/regularize.ts',
    find: 'this.training ? nd.moments(x, this.state) : { mean, variance }',
    replace: 'this.training ? nd.moments(x, this.state) : nd.moments(x)',
  },
];
