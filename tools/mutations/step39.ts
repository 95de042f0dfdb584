import type { Mutation } from '../mutation';

const transform = 'dezero/data/transform.ts';

export const step39: Mutation[] = [
  {
    concept: 'Normalize subtracts the mean of each channel',
    file: transform,
    find: 'const shift = -(this.mean[c] ?? 0) * scale;',
    replace: 'const shift = -(this.mean[0] ?? 0) * scale;',
  },
  {
    concept: 'the first transform comes first',
    file: transform,
    find: 'for (const transform of this.transforms)',
    replace: 'for (const transform of this.transforms.toReversed())',
  },
  {
    concept: 'another epoch, or another seed, must draw anew',
    file: transform,
    find: 'Math.imul(epoch + 1, 0x9e3779b1)',
    replace: 'Math.imul(1, 0x9e3779b1)',
  },
  {
    concept: 'refuses other numbers',
    file: 'dezero/data/dataset.ts',
    find: 'index >= 0 && index < this.length) return index;',
    replace: 'index >= 0 && index <= this.length) return index;',
  },
];
