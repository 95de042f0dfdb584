import type { Mutation } from '../mutation';

export const step28: Mutation[] = [
  {
    concept: 'the gradient of x² is 2x',
    file: 'dezero/functions/math.ts',
    find: 'return mul(gy, mul(2, this.input(0)));',
    replace: 'return mul(gy, this.input(0));',
  },
  {
    concept: 'the gradient of eˣ is eˣ',
    file: 'dezero/functions/math.ts',
    find: `export class Exp extends Func {
  override forward(x: NDArray): NDArray {
    return nd.exp(x);
  }
  override backward(gy: Variable): Variable {
    return mul(gy, this.output());`,
    replace: `export class Exp extends Func {
  override forward(x: NDArray): NDArray {
    return nd.exp(x);
  }
  override backward(gy: Variable): Variable {
    return mul(gy, this.input(0));`,
  },
  {
    concept: 'adds its gradients',
    file: 'dezero/core/backward.ts',
    find: 'return before ? before.add(same) : same;',
    replace: 'return same;',
  },
  {
    concept: 'by generations',
    file: 'dezero/core/backward.ts',
    find: 'return [...found].sort((f, g) => g.generation - f.generation);',
    replace: 'return [...found];',
  },
];
