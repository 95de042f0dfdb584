import { Variable } from '../core';
import * as nd from '../ndarray';
import { ValueError } from '../ndarray';
import { changeAsOne } from './gradients';
import type { Hook } from './optimizer';

/**
 * Adds rate · p to each gradient: pulls parameters towards 0, as half the rate times their squares in the loss would.
 * @example
 * const W = new Parameter([1, -2]);
 * const optimizer = new O.SGD({ lr: 1 })
 *   .setup([{ params: [W] }])
 *   .addHook(O.weightDecay(0.1));
 * W.grad = variable([0, 0]);
 * optimizer.update();
 * W; // → variable([ 0.9 -1.8])
 * @since 37
 */
export function weightDecay(rate: number): Hook {
  if (!(rate >= 0)) throw new ValueError(`weightDecay: rate must be from 0 on, not ${rate}`);
  return (parameters) => {
    for (const p of parameters) if (p.grad) p.grad = new Variable(nd.add(p.grad.data, nd.mul(p.data, rate)));
  };
}

/**
 * Scales all gradients by one factor so that their common length √Σg² is at most `maxNorm` (Pascanu et al., 2013). The length is
 * computed and used on the device; nothing is read back.
 * @example
 * const W = new Parameter([10, 10]);
 * const optimizer = new O.SGD({ lr: 1 })
 *   .setup([{ params: [W] }])
 *   .addHook(O.clipGrads(1));
 * W.grad = variable([30, 40]); // of length 50, and then of 1
 * optimizer.update();
 * W; // → variable([9.4 9.2])
 * @since 37
 */
export function clipGrads(maxNorm: number): Hook {
  if (!(maxNorm > 0)) throw new ValueError(`clipGrads: the largest norm must be above 0, not ${maxNorm}`);
  const factorFor = (norm: nd.NDArray) => nd.minimum(nd.div(maxNorm, nd.add(norm, 1e-6)), 1);
  return (parameters) => {
    const withGrad = parameters.filter((p) => p.grad);
    const grads = withGrad.flatMap((p) => (p.grad ? [p.grad.data] : []));
    const [first] = grads;
    if (!first) return;
    if (first.device === 'cpu') {
      const squares = grads.map((g) => nd.sum(nd.square(g)).reshape([1]));
      const factor = factorFor(nd.sqrt(nd.sum(nd.concat(squares))));
      for (const p of withGrad) if (p.grad) p.grad = new Variable(nd.mul(p.grad.data, factor.astype(p.grad.dtype)));
      return;
    }
    // On a gpu as one array. (On the cpu the copy would cost more than it saves.)
    changeAsOne(withGrad, (all) => nd.mul(all, factorFor(nd.sqrt(nd.sum(nd.square(all))))));
  };
}
