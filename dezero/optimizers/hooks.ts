import { Variable } from '../core';
import * as nd from '../ndarray';
import { ValueError } from '../ndarray';
import type { Hook } from './optimizer';

/** Adds rate · p to each gradient: pulls parameters towards 0, as half the rate times their squares in the loss would. @since 37 */
export function weightDecay(rate: number): Hook {
  if (!(rate >= 0)) throw new ValueError(`weightDecay: rate must be from 0 on, not ${rate}`);
  return (parameters) => {
    for (const p of parameters) if (p.grad) p.grad = new Variable(nd.add(p.grad.data, nd.mul(p.data, rate)));
  };
}

/**
 * Scales all gradients by one factor so that their common length √Σg² is at most `maxNorm` (Pascanu et al., 2013). The length is
 * computed and used on the device; nothing is read back.
 * @since 37
 */
export function clipGrads(maxNorm: number): Hook {
  if (!(maxNorm > 0)) throw new ValueError(`clipGrads: the largest norm must be above 0, not ${maxNorm}`);
  return (parameters) => {
    const grads = parameters.flatMap((p) => (p.grad ? [p.grad.data.reshape([-1])] : []));
    if (grads.length === 0) return;
    const all = nd.concat(grads); // one array, so that it takes as few operations for many parameters as for one
    const norm = nd.sqrt(nd.sum(nd.square(all)));
    const clipped = nd.mul(all, nd.minimum(nd.div(maxNorm, nd.add(norm, 1e-6)), 1));
    let from = 0;
    for (const p of parameters) {
      if (!p.grad) continue;
      const piece = clipped.slice({ from, to: from + p.size });
      p.grad = new Variable(piece.reshape(p.shape).astype(p.dtype));
      from += p.size;
    }
  };
}
