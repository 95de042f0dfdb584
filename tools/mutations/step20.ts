import type { Mutation } from '../mutation';

export const step20: Mutation[] = [
  {
    concept: 'a slice moves the offset and stretches the strides',
    file: 'steps/step20.ts',
    find: 'offset += from * stride;',
    replace: 'offset += from;',
  },
  {
    concept: 'the strides go in the new order',
    file: 'steps/step20.ts',
    find: 'pick(this.strides), this.offset',
    replace: 'this.strides, this.offset',
  },
  {
    concept: 'a write is seen through every view',
    file: 'steps/step20.ts',
    find: 'return inOrder ? new NDArray(this.buffer, shape, undefined, this.offset) : new NDArray(this.values, shape);',
    replace: 'return new NDArray(this.values, shape);',
  },
  {
    concept: 'do their offsets add up',
    file: 'steps/step20.ts',
    find: 'let offset = this.offset;',
    replace: 'let offset = 0;',
  },
];
