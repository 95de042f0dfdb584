import type { Mutation } from '../mutation';

export const step25: Mutation[] = [
  {
    concept: 'quote puts a backslash before it',
    file: 'steps/step25.ts',
    find: "text.replace(/[\\\\\"]/g, '\\\\$&')",
    replace: 'text',
  },
  {
    concept: 'an arrow goes from the first node to the second',
    file: 'steps/step25.ts',
    find: '`  ${from} -> ${to}`',
    replace: '`  ${to} -> ${from}`',
  },
  {
    concept: 'which look do variables have',
    file: 'steps/step25.ts',
    find: 'shape=ellipse',
    replace: 'shape=box',
  },
  {
    concept: 'is the background transparent',
    file: 'steps/step25.ts',
    find: 'bgcolor=transparent, ',
    replace: '',
  },
];
