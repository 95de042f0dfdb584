import { DataError, emptyPooled, release, ShapeError, typedArray, ValueError, type NDArray } from '../ndarray';
import type { Dataset, Target } from './dataset';
import { cpuArray, sampleGenerator } from './transform';

/** How a set is cut into batches. @since 40 */
export interface DataLoaderOptions {
  /** Samples in a batch. @since 40 */
  readonly batch: number;
  /** A new order every epoch; default false. @since 40 */
  readonly shuffle?: boolean;
  /** Decides the orders; default 0. @since 40 */
  readonly seed?: number;
  /** Leaves out a last batch that is not full; default false. @since 40 */
  readonly dropLast?: boolean;
  /** How many batches are being loaded while one is used; default 2. @since 40 */
  readonly prefetch?: number;
  /** Is told of each sample that cannot be read; default `console.warn`. @since 40 */
  readonly notice?: (line: string) => void;
}

interface Sample {
  readonly index: number;
  readonly x: NDArray;
  readonly t: Target;
}

/** A batch on its way. */
interface Loading {
  /** All that needs this thread has been done. */
  readonly begun: Promise<unknown>;
  readonly samples: Promise<Sample[]>;
}

/**
 * A set in batches: `for await (const [x, t] of new DataLoader(set, { batch: 32, shuffle: true }))` goes through it once, x of shape
 * (B, …) and t of shape (B), int32. The next batches are loaded while one is used. A batch belongs to the loader, which frees it when
 * the next is asked for, unless it was passed to `keep`. A sample that cannot be read is left out, with a notice.
 * @example
 * const loader = new DataLoader(new Spiral(), { batch: 30, shuffle: true });
 * let seen = 0;
 * for await (const [x, t] of loader) seen += t.size; // x is (30, 2), t is (30)
 * seen; // → 300
 * @since 40
 */
export class DataLoader {
  /** The epoch that the next loop goes through; a complete loop adds one. Set it to resume a run. @since 40 */
  epoch = 0;
  /** The batch that the next loop begins with, once; set it to resume in the middle of an epoch. @since 40 */
  firstBatch = 0;
  /** Which samples are in the batch given last. @since 40 */
  indices: readonly number[] = [];

  /** Whether a batch's memory goes back to the pool when the next is asked for. @since 40 */
  protected readonly frees: boolean = true;
  private readonly options: Required<DataLoaderOptions>;
  private readonly unreadable = new Map<number, string>();
  private leftover: readonly NDArray[] = [];

  /** @throws ValueError for a batch size that does not fit the set, DataError for a set of no samples. @since 40 */
  constructor(
    readonly set: Dataset,
    { batch, shuffle = false, seed = 0, dropLast = false, prefetch = 2, notice = console.warn }: DataLoaderOptions,
  ) {
    if (!Number.isInteger(batch) || batch < 1)
      throw new ValueError(`DataLoader: batch must be a whole number from 1 on, not ${batch}`);
    if (set.length === 0)
      throw new DataError('DataLoader: the set has no samples; is it the right folder, file or split?');
    if (batch > set.length) {
      throw new ValueError(
        `DataLoader: batch ${batch} is larger than the set of ${set.length}; choose a batch of ${set.length} or less`,
      );
    }
    if (!Number.isInteger(prefetch) || prefetch < 0) {
      throw new ValueError(`DataLoader: prefetch must be a whole number from 0 on, not ${prefetch}`);
    }
    this.options = { batch, shuffle, seed, dropLast, prefetch, notice };
  }

  /** Batches in an epoch. @since 40 */
  get length(): number {
    const { batch, dropLast } = this.options;
    return dropLast ? Math.floor(this.set.length / batch) : Math.ceil(this.set.length / batch);
  }

  /** One epoch. @since 40 */
  async *[Symbol.asyncIterator](): AsyncGenerator<[x: NDArray, t: NDArray], void, undefined> {
    const epoch = this.epoch;
    const order = this.order(epoch);
    const loading: Loading[] = [];
    let current = this.leftover;
    this.leftover = [];
    let read = 0;
    try {
      let next = this.firstBatch;
      this.firstBatch = 0;
      const first = next;
      while (next < this.length || loading.length > 0) {
        while (next < this.length && loading.length <= this.options.prefetch)
          loading.push(this.load(order, next++, epoch));
        this.letGo(current);
        current = [];
        const samples = (await loading.shift()?.samples) ?? [];
        await Promise.all(loading.map(({ begun }) => begun));
        await turn();
        if (samples.length === 0) continue;
        read += samples.length;
        this.indices = samples.map(({ index }) => index);
        const x = stack(samples.map((sample) => sample.x), this.frees); // prettier-ignore
        const t = stackTargets(samples.map((sample) => sample.t), this.frees); // prettier-ignore
        const batch = [x, t] as const;
        current = batch;
        yield [...batch];
      }
      this.letGo(current);
      current = [];
      if (read === 0 && first < next) {
        const [reason = ''] = this.unreadable.values();
        throw new DataError(`none of the ${this.set.length} samples can be read: ${reason}`);
      }
      this.epoch = epoch + 1;
    } finally {
      // After `break` the last batch is still the caller's to look at, and nothing goes on loading.
      this.leftover = current;
      await Promise.allSettled(loading.map(({ samples }) => samples));
    }
  }

  private letGo(batch: readonly NDArray[]): void {
    if (this.frees) batch.forEach(release);
  }

  private order(epoch: number): number[] {
    const { shuffle, seed } = this.options;
    if (!shuffle) return Array.from({ length: this.set.length }, (_, i) => i);
    return [...sampleGenerator(seed, epoch, -1).permutation(this.set.length)];
  }

  private load(order: readonly number[], batch: number, epoch: number): Loading {
    const indices = order.slice(batch * this.options.batch, (batch + 1) * this.options.batch);
    const begun = indices.map(async (index) => this.set.begin(index, epoch));
    const arrivals = Promise.all(begun.map((one, i) => this.arrival(indices[i] ?? 0, one)));
    const samples = arrivals.then((all) => all.filter((sample) => sample !== null));
    samples.catch(() => undefined); // whoever awaits the samples meets the error
    return { begun: Promise.allSettled(begun), samples };
  }

  /** The sample, or null with a notice if it cannot be read. */
  private async arrival(index: number, begun: ReturnType<Dataset['begin']>): Promise<Sample | null> {
    try {
      const [x, t] = await (await begun).sample;
      return { index, x, t };
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      if (!this.unreadable.has(index)) this.options.notice(`${error.message} (left out)`);
      this.unreadable.set(index, error.message);
      return null;
    }
  }
}

/** (…), (…), … → (B, …) */
function stack(arrays: readonly NDArray[], pooled: boolean): NDArray {
  const [first] = arrays;
  if (!first) throw new ValueError('DataLoader: a batch needs at least one sample');
  const shape = [arrays.length, ...first.shape];
  const own = () => cpuArray(first.dtype, typedArray(first.dtype, arrays.length * first.size), shape);
  const out = pooled ? emptyPooled(shape, first.dtype) : own();
  arrays.forEach((x, i) => {
    if (x.shape.join() !== first.shape.join()) {
      throw new ShapeError(
        'DataLoader',
        [first.shape, x.shape],
        'samples of a batch must have one shape; for photos use Resize and CenterCrop',
      );
    }
    out.values.set(x.values, i * first.size);
  });
  return out;
}

function stackTargets(targets: readonly Target[], pooled: boolean): NDArray {
  const arrays = targets.filter((t) => typeof t !== 'number');
  if (arrays.length > 0) return stack(arrays, pooled);
  return cpuArray('int32', Int32Array.from(targets, Number), [targets.length]);
}

/** Gives the event loop its turn: a training loop that waits for nothing else would keep it from everything (Ctrl-C too). */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else setTimeout(resolve, 0);
  });
}
