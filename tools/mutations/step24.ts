import type { Mutation } from '../mutation';

export const step24: Mutation[] = [
  {
    concept: 'a variable used twice adds its gradients',
    file: 'steps/step24.ts',
    find: 'x.grad = x.grad ? nd.add(x.grad, gx) : gx;',
    replace: 'x.grad = gx;',
  },
  {
    concept: 'the rows of a variable stand below each other',
    file: 'steps/step24.ts',
    find: ".replaceAll('\\n', '\\n         ')",
    replace: '',
  },
  {
    concept: 'the gradient of square is gy · 2x',
    file: 'steps/step24.ts',
    find: 'nd.mul(gy, nd.mul(2, this.input(0).data))',
    replace: 'nd.mul(gy, this.input(0).data)',
  },
  {
    concept: 'a gradient of another shape than its variable is refused',
    file: 'steps/step24.ts',
    find: 'if (String(gx.shape) !== String(x.shape))',
    replace: 'if (gx.shape.length < x.shape.length)',
  },
];
