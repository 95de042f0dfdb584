import type { Mutation } from '../mutation';

export const step23: Mutation[] = [
  {
    concept: 'is each sum complete',
    file: 'steps/step23.ts',
    find: 'y[i * N + j]! += factor * b[k * N + j]!;',
    replace: 'y[i * N + j] = factor * b[k * N + j]!;',
  },
  {
    concept: 'the edge that fills no whole tile',
    file: 'steps/step23.ts',
    find: 'k < K; k += 4',
    replace: 'k + 4 <= K; k += 4',
  },
  {
    concept: 'does matmul take values, not buffer',
    file: 'steps/step23.ts',
    find: 'multiply(a.values, b.values, M, K, N)',
    replace: 'multiply(a.buffer, b.buffer, M, K, N)',
  },
  {
    concept: 'the inner sizes must be equal',
    file: 'steps/step23.ts',
    find: ' || K !== rows) {',
    replace: ' || K < rows) {',
  },
];
