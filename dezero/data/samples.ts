import type { NDArray } from '../ndarray';
import { Dataset, type Target } from './dataset';

/**
 * Samples that are at hand: a list of pairs (x, target).
 * @example
 * const set = new Samples([[array([1, 2]), 0], [array([3, 4]), 1]]);
 * await set.get(1); // → [ array([3 4]), 1 ]
 * @since 45
 */
export class Samples extends Dataset {
  /** Each x with its target. @since 45 */
  constructor(readonly pairs: readonly (readonly [x: NDArray, target: Target])[]) {
    super();
  }

  /** How many pairs there are. @since 45 */
  get length(): number {
    return this.pairs.length;
  }

  /** The pair at `index`. @throws ValueError for a number that there is none of. @since 45 */
  override async get(index: number): Promise<[NDArray, Target]> {
    const [x, target] = this.pairs[this.checkIndex(index)]!; // !: checkIndex has refused all other numbers
    return [x, target];
  }
}
