/** Times of kernels, by the device's own clock. */

/** How long each run of an operation took. @since 48 */
export interface Timing {
  readonly name: string;
  readonly milliseconds: number;
}

const MOST = 4096; // time stamps in one set

/** Takes a time stamp before and after each run. @since 48 */
export class Timer {
  readonly #device: GPUDevice;
  readonly #stamps: GPUQuerySet;
  readonly #buffer: GPUBuffer;
  readonly #readable: GPUBuffer;
  readonly #names: string[] = [];
  #resolved = 0;

  /** The device must have the feature 'timestamp-query'. @since 48 */
  constructor(device: GPUDevice) {
    this.#device = device;
    this.#stamps = device.createQuerySet({ type: 'timestamp', count: MOST });
    this.#buffer = device.createBuffer({ size: MOST * 8, usage: 512 | 4 }); // QUERY_RESOLVE | COPY_SRC
    this.#readable = device.createBuffer({ size: MOST * 8, usage: 1 | 8 }); // MAP_READ | COPY_DST
  }

  /** How a pass for one run of an operation is to be begun; undefined when all stamps are used. @since 48 */
  next(name: string): GPUComputePassDescriptor | undefined {
    const at = 2 * this.#names.length;
    if (at >= MOST) return undefined;
    this.#names.push(name);
    return {
      timestampWrites: { querySet: this.#stamps, beginningOfPassWriteIndex: at, endOfPassWriteIndex: at + 1 },
    };
  }

  /** Called at the end of each submission. @since 48 */
  resolve(encoder: GPUCommandEncoder): void {
    const count = 2 * this.#names.length - this.#resolved;
    if (count === 0) return;
    // A place to resolve to begins at a multiple of 256 bytes: resolve all again, it is little.
    encoder.resolveQuerySet(this.#stamps, 0, 2 * this.#names.length, this.#buffer, 0);
    encoder.copyBufferToBuffer(this.#buffer, 0, this.#readable, 0, 2 * this.#names.length * 8);
    this.#resolved += count;
  }

  /** All times so far; to be called once, after the last submission. @since 48 */
  async read(): Promise<Timing[]> {
    if (this.#names.length === 0) return [];
    await this.#device.queue.onSubmittedWorkDone();
    await this.#readable.mapAsync(1);
    const stamps = new BigUint64Array(this.#readable.getMappedRange());
    const timings = this.#names.map((name, i) => ({
      name,
      milliseconds: Number(stamps[2 * i + 1] - stamps[2 * i]) / 1e6,
    }));
    this.#readable.destroy();
    this.#buffer.destroy();
    this.#stamps.destroy();
    return timings;
  }
}
