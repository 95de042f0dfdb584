import type { Mutation } from '../mutation';

export const step11: Mutation[] = [
  {
    concept: 'every output remembers its creator',
    file: 'steps/step11.ts',
    find: '    for (const output of outputs) output.setCreator(this);\n',
    replace: '    outputs[0]?.setCreator(this);\n',
  },
  {
    concept: 'add takes both inputs',
    file: 'steps/step11.ts',
    find: '    return [x0 + x1];',
    replace: '    return [x0];',
  },
];
