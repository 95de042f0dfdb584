import type { Mutation } from '../mutation';

export const step52: Mutation[] = [
  {
    concept: 'does setRequiresGrad(false) reach them all',
    file: 'dezero/layers/layer.ts',
    find: 'for (const [, parameter] of chosen) parameter.requiresGrad = requires;',
    replace: 'for (const [, parameter] of chosen.slice(0, 1)) parameter.requiresGrad = requires;',
  },
  {
    concept: 'a frozen parameter gets no gradient',
    file: 'dezero/optimizers/optimizer.ts',
    find: 'return frozen || !parameter.requiresGrad;',
    replace: 'return frozen;',
  },
  {
    concept: 'are they kept beyond the scope',
    file: 'steps/step52.ts',
    find: 'seen.push([maps.getItem(i).data, label])',
    replace: 'seen.push([maps.getItem(0).data, label])',
  },
  {
    concept: 'a head of another size',
    file: 'dezero/models/model.ts',
    find: 'if (slot.shape && !sameShape(slot.shape, x.shape)) {',
    replace: 'if (slot.shape && slot.shape.length !== x.shape.length) {',
  },
];
