import type { Mutation } from '../mutation';

export const step45: Mutation[] = [
  {
    concept: 'is each gate at its place',
    file: 'dezero/layers/recurrent.ts',
    find: 'before ? f.mul(before).add(i.mul(u)) : i.mul(u)',
    replace: 'before ? before.add(i.mul(u)) : i.mul(u)',
  },
  {
    concept: 'are z and 1 − z exchanged',
    file: 'dezero/layers/recurrent.ts',
    find: 'return n.add(z.mul(h.sub(n)));',
    replace: 'return h.add(z.mul(n.sub(h)));',
  },
  {
    concept: 'is the sequence cut into as many pieces as the batch has rows',
    file: 'dezero/data/sequences.ts',
    find: '(i % batch) * steps + Math.floor(i / batch)',
    replace: 'i',
  },
  {
    concept: 'are the scores divided by it',
    file: 'steps/step45.ts',
    find: 'F.softmax(y.div(temperature))',
    replace: 'F.softmax(y)',
  },
];
