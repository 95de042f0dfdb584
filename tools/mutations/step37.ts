import type { Mutation } from '../mutation';

const rules = 'dezero/backends/cpu/updates.ts';

export const step37: Mutation[] = [
  {
    concept: 'MomentumSGD takes other steps',
    file: rules,
    find: `    v[i] = momentum * v[i] - lr * g[i];
    p[i] += v[i];`,
    replace: `    v[i] = momentum * v[i] + lr * g[i];
    p[i] += v[i];`,
  },
  {
    concept: 'AdaGrad takes other steps',
    file: rules,
    find: 'h[i] += g[i] * g[i];',
    replace: 'h[i] = g[i] * g[i];',
  },
  {
    concept: 'Adam takes other steps',
    file: rules,
    find: 'const correct1 = 1 - beta1 ** step;',
    replace: 'const correct1 = 1;',
  },
  {
    concept: 'clipGrads(1) lets a gradient of length 1 through',
    file: 'dezero/optimizers/hooks.ts',
    find: 'nd.minimum(nd.div(maxNorm, nd.add(norm, 1e-6)), 1)',
    replace: 'nd.maximum(nd.div(maxNorm, nd.add(norm, 1e-6)), 1)',
  },
  {
    concept: 'does the optimizer ask its schedule',
    file: 'dezero/optimizers/optimizer.ts',
    find: `    const factor = this.schedule(this.steps);
    this.steps++;`,
    replace: `    const factor = 1;
    this.steps++;`,
  },
];
