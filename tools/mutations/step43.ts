import type { Mutation } from '../mutation';

const file = 'dezero/functions/regularize.ts';

export const step43: Mutation[] = [
  {
    concept: 'the batch has its part in mean and variance',
    file,
    find: 'variance = mean(v.sub(center).square(), { axis, keepdims: true });',
    replace: 'variance = asVariable(mean(v.sub(center).square(), { axis, keepdims: true }).data);',
  },
  {
    concept: 'running = 0.9 · running + 0.1 · batch',
    file,
    find: 'nd.add(nd.mul(running, decay), nd.mul(batch.reshape([C]), 1 - decay))',
    replace: 'nd.add(nd.mul(running, 1 - decay), nd.mul(batch.reshape([C]), decay))',
  },
  {
    concept: 'the running variance is the unbiased one',
    file,
    find: 'nd.mul(variance.data, count / (count - 1))',
    replace: 'variance.data',
  },
  {
    concept: 'in testMode the running statistics take the place of the batch',
    file,
    find: 'center = asVariable(runningMean.reshape(row));',
    replace: 'center = mean(v, { axis, keepdims: true });',
  },
];
