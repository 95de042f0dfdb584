import type { Mutation } from '../mutation';

export const step48: Mutation[] = [
  {
    concept: 'a scope frees what is made in it',
    file: 'dezero/ndarray/scope.ts',
    find: '      if (tenancy.holds === 0) storage.backend.free(storage);\n',
    replace: '',
  },
  {
    concept: 'keep saves an array from the innermost scope',
    file: 'dezero/ndarray/scope.ts',
    find: '    else if (tenancy.scope === innermost) innermost.expel(storage);\n',
    replace: '',
  },
  {
    concept: 'keep what the scope of the epoch still needs',
    file: 'steps/step48.ts',
    find: '      keep(sum); // for the scope of the epoch\n',
    replace: '',
  },
  {
    concept: 'profile counts every operation',
    file: 'dezero/utils/profile.ts',
    find: 'sum.count++;',
    replace: 'sum.count = 1;',
  },
  {
    concept: 'the loss does not fall',
    file: 'steps/step48.ts',
    find: '      this.model.clearGrads();\n',
    replace: '',
  },
];
