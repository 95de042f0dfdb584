import type { Mutation } from '../mutation';

export const step30: Mutation[] = [
  {
    concept: 'is sin backward gy · cos x?',
    file: 'dezero/functions/math.ts',
    find: 'mul(gy, cos(this.input(0)))',
    replace: 'mul(gy, sin(this.input(0)))',
  },
  {
    concept: 'the derivative of cos is −sin',
    file: 'dezero/functions/math.ts',
    find: 'mul(gy, neg(sin(this.input(0))))',
    replace: 'mul(gy, sin(this.input(0)))',
  },
  {
    concept: 'do the signs of the series alternate?',
    file: 'steps/step30.ts',
    find: '(-1) ** i / factorial',
    replace: '1 / factorial',
  },
  {
    concept: 'the first term below the threshold is the last one',
    file: 'steps/step30.ts',
    find: '!(Math.abs(term.item()) >= threshold)',
    replace: 'term.item() < threshold',
  },
];
