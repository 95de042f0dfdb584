/** Before step 32 a gradient has no graph of its own: it is summed on arrays, and nothing of it is recorded. */
import { noGrad } from '../../../../dezero/core/config';
import type { Func } from '../../../../dezero/core/func';
import { Variable, type BackwardOptions } from '../../../../dezero/core/variable';
import * as nd from '../../../../dezero/ndarray';
import type { GraphError } from '../../../../dezero/ndarray';
import { currentScope, type MemoryScope } from '../../../../dezero/ndarray';

declare function nothingBehind(y: Variable): GraphError;
declare function functionsBehind(y: Variable): Func[];
declare function step(f: Func, grads: Gradients): void;
declare class Gradients {
  constructor(scope: MemoryScope | null);
  get(x: Variable): Variable | undefined;
  add(x: Variable, g: Variable): void;
  take(y: Variable, retain: boolean): Variable | null;
  rest(): Map<Variable, Variable>;
}

/**
 * Walks the graph from y back to the leaves, functions of the highest generation first, so that a variable's gradient is
 * complete before the function that made it passes it on.
 * @since 28
 */
export function runBackward(y: Variable, seed: Variable, { retainGrad = false }: BackwardOptions): void {
  if (!y.creator) throw nothingBehind(y);
  const grads = new Gradients(currentScope());
  grads.add(y, seed);
  noGrad(() => {
    for (const f of functionsBehind(y)) {
      if (!f.outputs.some((output) => grads.get(output))) continue;
      step(f, grads);
      for (const output of f.outputs) {
        const gy = grads.take(output, retainGrad);
        output.grad = retainGrad ? gy : null;
      }
    }
    for (const [leaf, g] of grads.rest()) leaf.grad = total(leaf, leaf.grad, g);
  });
}

/** What the gradients of x come to with one more, in x's dtype. */
function total(x: Variable, before: Variable | null | undefined, g: Variable): Variable {
  if (!before && g.dtype === x.dtype) return g;
  const same = g.data.astype(x.dtype);
  return new Variable(before ? nd.add(before.data, same) : same);
}
