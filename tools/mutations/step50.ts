import type { Mutation } from '../mutation';

export const step50: Mutation[] = [
  {
    concept: 'do the parts of a Fire come in their order',
    file: 'dezero/models/squeezenet.ts',
    find: 'concat([this.expand1x1.call(s), this.expand3x3.call(s)]',
    replace: 'concat([this.expand3x3.call(s), this.expand1x1.call(s)]',
  },
  {
    concept: 'a loader must know whose file it is',
    file: 'dezero/io/pth.ts',
    find: "metadata: { format: 'pt' }",
    replace: 'metadata: {}',
  },
  {
    concept: 'shorter side 256, the middle 224',
    file: 'dezero/data/photoTransforms.ts',
    find: 'return width <= height\n',
    replace: 'return width >= height\n',
  },
  {
    concept: 'the likeliest answer comes first',
    file: 'steps/step50.ts',
    find: 'answers.sort((a, b) => b.probability - a.probability)',
    replace: 'answers.sort((a, b) => a.probability - b.probability)',
  },
];
