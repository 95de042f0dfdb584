import type { Parameter, Variable } from '../core';
import * as nd from '../ndarray';
import { ValueError, type NDArray } from '../ndarray';
import { changeAsOne } from './gradients';

/** How a loss is scaled. @since 53 */
export interface LossScalerOptions {
  /** The factor to begin with; default 2¹⁶. @since 53 */
  readonly scale?: number;
  /** Good updates in a row after which the scale is doubled; default 2000. @since 53 */
  readonly growAfter?: number;
}

const LARGEST = 2 ** 30;

/**
 * Keeps gradients from vanishing in numbers of 16 bits, which know nothing between 0 and 6·10⁻⁸: the loss is multiplied by a scale before
 * `backward`, and with it every gradient, which is divided by it again before the update. A scale that is too large shows in gradients that
 * are infinite or NaN: that update is left out and the scale halved. After `growAfter` good ones in a row it is doubled. It is a power of two,
 * so that in float32 nothing is rounded by it. (Micikevicius et al., "Mixed precision training", 2018.)
 * @example
 * const scaler = new O.LossScaler({ scale: 1024 });
 * const W = new Parameter([3, 4]);
 * scaler.scaled(W.square().sum()).backward();
 * W.grad; // → variable([6144 8192])
 * const largest = scaler.unscale([W]);
 * W.grad; // → variable([6 8])
 * scaler.accept(Number.isFinite(largest?.item())); // → true
 * scaler.accept(false); // → false
 * scaler.scale; // → 512
 * @since 53
 */
export class LossScaler {
  /** What the loss is multiplied by. @since 53 */
  scale: number;
  /** Good updates since the scale last changed. @since 53 */
  good = 0;
  private readonly growAfter: number;

  /** `{ scale, growAfter }`. @throws ValueError for a scale that is no power of two. @since 53 */
  constructor({ scale = 2 ** 16, growAfter = 2000 }: LossScalerOptions = {}) {
    if (!(scale >= 1 && scale <= LARGEST && Number.isInteger(Math.log2(scale)))) {
      throw new ValueError(`LossScaler: scale must be a power of two from 1 to 2³⁰, not ${scale}`);
    }
    if (!(growAfter >= 1)) throw new ValueError(`LossScaler: growAfter must be from 1 on, not ${growAfter}`);
    this.scale = scale;
    this.growAfter = growAfter;
  }

  /** The loss to call `backward` on. @since 53 */
  scaled(loss: Variable): Variable {
    return loss.mul(this.scale);
  }

  /** Brings gradients back to their size. Returns the largest of them, shape [1], on their device: infinite or NaN if one is; null if there are none. @since 53 */
  unscale(parameters: Iterable<Parameter>): NDArray | null {
    let largest: NDArray | null = null;
    changeAsOne(parameters, (all) => {
      const unscaled = nd.div(all, this.scale);
      largest = nd.max(nd.abs(unscaled)).reshape([1]);
      return unscaled;
    });
    return largest;
  }

  /**
   * Takes note of whether the gradients were finite; true if the update is to be done.
   * @throws ValueError where they are not even at scale 1.
   * @since 53
   */
  accept(finite: boolean): boolean {
    if (!finite) {
      if (this.scale === 1) throw new ValueError('LossScaler: gradients are infinite or NaN even at scale 1; the training has diverged: a smaller learning rate, or float32, may help'); // prettier-ignore
      this.scale /= 2;
      this.good = 0;
    } else if (++this.good >= this.growAfter) {
      this.scale = Math.min(LARGEST, 2 * this.scale);
      this.good = 0;
    }
    return finite;
  }
}
