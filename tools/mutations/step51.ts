import type { Mutation } from '../mutation';

export const step51: Mutation[] = [
  {
    concept: 'mirror exchanges left and right',
    file: 'dezero/data/photo.ts',
    find: 'mirrored: !this.geometry.mirrored',
    replace: 'mirrored: this.geometry.mirrored',
  },
  {
    concept: 'takes the mean away',
    file: 'dezero/data/transform.ts',
    find: 'const shift = -(this.mean[c] ?? 0) * scale;',
    replace: 'const shift = -(this.mean[c] ?? 0);',
  },
  {
    concept: 'four epochs see four different pictures',
    file: 'dezero/data/transform.ts',
    find: '(Math.imul(epoch + 1, 0x9e3779b1) + index)',
    replace: '(Math.imul(1, 0x9e3779b1) + index)',
  },
  {
    concept: 'relu drops what speaks against the class',
    file: 'dezero/models/gradCam.ts',
    find: 'const map = relu(sum(mul(maps.data, weights), { axis: 1 })).reshape([h, w]);',
    replace: 'const map = sum(mul(maps.data, weights), { axis: 1 }).reshape([h, w]);',
  },
];
