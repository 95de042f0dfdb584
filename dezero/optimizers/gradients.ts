import { Variable, type Parameter } from '../core';
import * as nd from '../ndarray';
import type { NDArray } from '../ndarray';

/** Puts f(all gradients, as one array) in their place: on a gpu that takes as few operations for many parameters as for one. @since 37 */
export function changeAsOne(parameters: Iterable<Parameter>, f: (all: NDArray) => NDArray): void {
  const withGrad = [...parameters].filter((p) => p.grad);
  const grads = withGrad.flatMap((p) => (p.grad ? [p.grad.data.reshape([-1])] : []));
  if (grads.length === 0) return;
  const changed = f(nd.concat(grads));
  let from = 0;
  for (const p of withGrad) {
    p.grad = new Variable(changed.slice({ from, to: from + p.size }).reshape(p.shape));
    from += p.size;
  }
}
