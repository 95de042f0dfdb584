import type { Mutation } from '../mutation';

export const step08: Mutation[] = [
  { concept: 'the loop goes on', file: 'steps/step08.ts', find: 'f; f = f.input.creator)', replace: 'f; f = null)' },
  {
    concept: 'stack',
    file: 'steps/step08.ts',
    find: '    let gy = this.grad;\n',
    replace: '    backwardRecursive(this);\n    let gy = this.grad;\n',
  },
];
