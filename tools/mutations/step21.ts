import type { Mutation } from '../mutation';

export const step21: Mutation[] = [
  {
    concept: 'aligned at the right',
    file: 'steps/step21.ts',
    find: 'b.at(i - length) ?? 1]',
    replace: 'b[i] ?? 1]',
  },
  {
    concept: 'sizes that differ, neither of them 1, do not fit',
    file: 'steps/step21.ts',
    find: 'if (m !== n && m !== 1 && n !== 1) throw',
    replace: 'if (m > n && m !== 1 && n !== 1) throw',
  },
  {
    concept: 'a repeated axis has stride 0',
    file: 'steps/step21.ts',
    find: 'this.strides[i - added]! : 0)',
    replace: 'this.strides[i - added]! : 1)',
  },
  {
    concept: 'sub is left minus right',
    file: 'steps/step21.ts',
    find: '(a, b) => a - b',
    replace: '(a, b) => b - a',
  },
];
