import type { Mutation } from '../mutation';

export const step13: Mutation[] = [
  {
    concept: 'every input gets its gradient',
    file: 'steps/step13.ts',
    find: '    return [gy, gy];',
    replace: '    return [gy];',
  },
  {
    concept: 'crossed',
    file: 'steps/step13.ts',
    find: '[gy * this.input(1).data, gy * this.input(0).data]',
    replace: '[gy * this.input(0).data, gy * this.input(1).data]',
  },
  {
    concept: 'every input gets its gradient',
    file: 'steps/step13.ts',
    find: 'if (x.creator) funcs.push(x.creator);',
    replace: 'if (x.creator && i === 0) funcs.push(x.creator);',
  },
  {
    concept: 'multiplies by gy',
    file: 'steps/step13.ts',
    find: 'return gy * 2 * this.input(0).data;',
    replace: 'return 2 * this.input(0).data;',
  },
];
