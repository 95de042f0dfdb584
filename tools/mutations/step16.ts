import type { Mutation } from '../mutation';

export const step16: Mutation[] = [
  {
    concept: 'by generations',
    file: 'steps/step16.ts',
    find: 'g.generation - f.generation',
    replace: 'f.generation - g.generation',
  },
  {
    concept: 'generation of a result',
    file: 'steps/step16.ts',
    find: 'this.generation = creator.generation + 1;',
    replace: 'this.generation = creator.generation;',
  },
  { concept: 'that of its latest input', file: 'steps/step16.ts', find: 'Math.max(...', replace: 'Math.min(...' },
  {
    concept: 'each function once',
    file: 'steps/step16.ts',
    find: 'const found = new Set(y.creator ? [y.creator] : []); // the loop also goes through what is added on the way\n  for (const f of found) for (const x of f.inputs) if (x.creator) found.add(x.creator);',
    replace:
      'const found = y.creator ? [y.creator] : [];\n  for (const f of found) for (const x of f.inputs) if (x.creator) found.push(x.creator);',
  },
];
