import type { Backend, DType, View } from '../backend';
import { copy } from './elementwise';
import { countOf, isDense, rowMajor } from './layout';
import type { Queue } from './queue';

/** Memory for the length of one operation. @since 48 */
export class Scratch {
  /** Takes it from the backend's pool. @since 48 */
  constructor(
    private readonly backend: Backend,
    private readonly queue: Queue,
  ) {}

  /** Runs f with an array of so many elements, contents undefined, and takes its memory back. @since 48 */
  use(dtype: DType, length: number, f: (x: View) => void): void {
    const storage = this.backend.alloc(dtype, length, true);
    try {
      f({ storage, dtype, shape: [length], strides: [1], offset: 0 });
    } finally {
      this.backend.free(storage); // for operations enqueued later
    }
  }

  /** Runs f with x as it is where its elements lie one after the other, else with a copy where they do. @since 48 */
  dense(x: View, f: (x: View) => void): void {
    if (isDense(x)) return f(x);
    this.use(x.dtype, countOf(x), (memory) => {
      const laidOut = { ...memory, shape: x.shape, strides: rowMajor(x.shape) };
      copy(this.queue, x, laidOut);
      f(laidOut);
    });
  }

  /** The same for two. @since 48 */
  denseBoth(x: View, y: View, f: (x: View, y: View) => void): void {
    this.dense(x, (denseX) => this.dense(y, (denseY) => f(denseX, denseY)));
  }
}
