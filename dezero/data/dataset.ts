import { ValueError, type NDArray } from '../ndarray';

/** What belongs to a sample: the number of its class, or an array. @since 39 */
export type Target = number | NDArray;

/**
 * Samples by number, each with what belongs to it. Loading one may take time, so `get` is async.
 * @example
 * class Squares extends Dataset {
 *   readonly length = 10;
 *   override get(index: number): Promise<[NDArray, Target]> {
 *     return Promise.resolve([array([this.checkIndex(index)]), index ** 2]);
 *   }
 * }
 * await new Squares().get(3); // → [ array([3]), 9 ]
 * @since 39
 */
export abstract class Dataset {
  /** How many samples there are. @since 39 */
  abstract readonly length: number;

  /**
   * Sample `index` and its label. `epoch` lets random transforms vary: equal (index, epoch) give equal samples, whatever was
   * loaded before. Default 0.
   * @since 39
   */
  abstract get(index: number, epoch?: number): Promise<[NDArray, Target]>;

  /**
   * Sets out to load a sample. What is awaited here keeps this thread busy (finding and reading a file); what `sample` promises is on its
   * way elsewhere (decoding), and goes on while this thread computes. A loader waits for the first before it hands out a batch.
   * @since 40
   */
  begin(index: number, epoch = 0): Promise<{ readonly sample: Promise<[NDArray, Target]> }> {
    return Promise.resolve({ sample: this.get(index, epoch) });
  }

  /** The index itself, or an error that says how many samples there are. @since 39 */
  protected checkIndex(index: number): number {
    if (Number.isInteger(index) && index >= 0 && index < this.length) return index;
    throw new ValueError(`get(${index}): there are ${this.length} samples, numbered from 0 to ${this.length - 1}`);
  }
}

/**
 * Some samples of another set, in the order given.
 * @example
 * const some = new Subset(new Spiral(), [0, 10, 20]);
 * some.length; // → 3
 * @since 40
 */
export class Subset extends Dataset {
  /** @throws ValueError for an index that `set` does not have. @since 40 */
  constructor(
    readonly set: Dataset,
    readonly indices: readonly number[],
  ) {
    super();
    for (const index of indices) {
      if (Number.isInteger(index) && index >= 0 && index < set.length) continue;
      throw new ValueError(`Subset: there is no sample ${index} in a set of ${set.length}`);
    }
  }

  /** @since 40 */
  get length(): number {
    return this.indices.length;
  }

  /** Sample `indices[index]` of the other set. @since 40 */
  async get(index: number, epoch = 0): Promise<[NDArray, Target]> {
    return this.set.get(this.indices[this.checkIndex(index)] ?? 0, epoch);
  }

  /** @since 40 */
  override async begin(index: number, epoch = 0): Promise<{ readonly sample: Promise<[NDArray, Target]> }> {
    return this.set.begin(this.indices[this.checkIndex(index)] ?? 0, epoch);
  }
}
