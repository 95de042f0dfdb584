/** Device memory in blocks, given out and taken back. */
import { DeviceError } from '../errors';

/** A piece of device memory. @since 48 */
export interface Block {
  readonly buffer: GPUBuffer;
  /** Bytes. @since 48 */
  readonly size: number;
  /** Different for each block there ever was. @since 48 */
  readonly id: number;
  /** The submission that used it last. @since 48 */
  usedIn: number;
  /** The operation that wrote to it first. @since 48 */
  writer?: string;
}

/** What is held at a moment. @since 48 */
export interface Held {
  /** Arrays in use. @since 48 */
  readonly arrays: number;
  /** Bytes of the blocks they have. @since 48 */
  readonly bytes: number;
  /** Bytes of blocks that wait to be used again. @since 48 */
  readonly waiting: number;
  /** The most bytes in use at once so far. @since 48 */
  readonly peak: number;
}

const LEAST = 256; // bytes
const SPARE = 2 ** 28; // bytes that may wait, however little is in use

/** Blocks by size: what is given back waits for the next array of about its size. @since 48 */
export class Pool {
  readonly #device: GPUDevice;
  readonly #usage: GPUBufferUsageFlags;
  readonly #failed: (error: DeviceError) => void;
  readonly #waiting = new Map<number, Block[]>();
  #made = 0;
  #arrays = 0;
  #bytes = 0;
  #idle = 0;
  #peak = 0;
  /** Counts the blocks that were destroyed. @since 48 */
  dropped = 0;

  /** `failed` is told when the device has no more memory; that is known only some time later. @since 48 */
  constructor(device: GPUDevice, usage: GPUBufferUsageFlags, failed: (error: DeviceError) => void) {
    this.#device = device;
    this.#usage = usage;
    this.#failed = failed;
  }

  /** What is held now. @since 48 */
  get held(): Held {
    return { arrays: this.#arrays, bytes: this.#bytes, waiting: this.#idle, peak: this.#peak };
  }

  /** Begins to look for the peak anew. @since 48 */
  forgetPeak(): void {
    this.#peak = this.#bytes;
  }

  /**
   * A block of at least `bytes`, contents undefined; `untouched` asks for one that no operation after submission `submitted` uses.
   * @throws DeviceError if the device allows no array of that size.
   * @since 48
   */
  take(bytes: number, submitted: number, untouched = false): Block {
    const size = roundUp(bytes);
    const most = Math.min(this.#device.limits.maxBufferSize, this.#device.limits.maxStorageBufferBindingSize);
    if (size > most)
      throw new DeviceError(
        `an array of ${inMiB(bytes)} is over this gpu's limit of ${inMiB(most)} for one array; use smaller batches or pictures`,
      );
    const waiting = this.#waiting.get(size) ?? [];
    const at = untouched ? waiting.findIndex((block) => block.usedIn <= submitted) : waiting.length - 1;
    const [found] = at >= 0 ? waiting.splice(at, 1) : [];
    if (found) this.#idle -= size;
    const block = found ?? this.#make(size, submitted);
    this.#arrays++;
    this.#bytes += size;
    this.#peak = Math.max(this.#peak, this.#bytes);
    return block;
  }

  /** Takes a block back; operations enqueued before may still use it. @since 48 */
  give(block: Block): void {
    const waiting = this.#waiting.get(block.size);
    if (waiting) waiting.push(block);
    else this.#waiting.set(block.size, [block]);
    this.#arrays--;
    this.#bytes -= block.size;
    this.#idle += block.size;
  }

  #make(size: number, submitted: number): Block {
    if (this.#idle > Math.max(SPARE, this.#bytes)) this.#drop(submitted);
    this.#device.pushErrorScope('out-of-memory');
    const buffer = this.#device.createBuffer({ size, usage: this.#usage });
    const held = this.held;
    const block: Block = { buffer, size, id: this.#made++, usedIn: -1 };
    this.#device.popErrorScope().then(
      (error) => error && this.#failed(outOfMemory(block, held)),
      () => undefined, // the device is gone, and says so itself
    );
    return block;
  }

  /** Gives all that waits, and that no operation still uses, back to the system. */
  #drop(submitted: number): void {
    for (const [size, blocks] of this.#waiting) {
      const busy = blocks.filter((block) => block.usedIn > submitted);
      for (const block of blocks) if (block.usedIn <= submitted) block.buffer.destroy();
      const dropped = blocks.length - busy.length;
      this.#idle -= size * dropped;
      this.dropped += dropped;
      this.#waiting.set(size, busy);
    }
  }
}

/** The error for a device whose memory is full. @since 48 */
export function outOfMemory({ size, writer = 'an upload' }: Pick<Block, 'size' | 'writer'>, held: Held): DeviceError {
  const { arrays, bytes, waiting } = held;
  return new DeviceError(
    `out of memory on the gpu: ${inMiB(size)} for ${writer} did not fit beside ${inMiB(bytes)} in ${arrays} arrays ` +
      `(and ${inMiB(waiting)} waiting to be used again); use smaller batches, or memoryScope() in the loop so that it frees what it makes`,
  );
}

/** Bytes as people read them. @since 48 */
export function inMiB(bytes: number): string {
  const mebibytes = bytes / 2 ** 20;
  return `${mebibytes < 10 ? Number(mebibytes.toPrecision(2)) : Math.round(mebibytes)} MiB`;
}

/** The least size, at most a quarter more, that is one of four steps between two powers of two. */
function roundUp(bytes: number): number {
  if (bytes <= LEAST) return LEAST;
  const step = Math.max(LEAST, 2 ** (Math.floor(Math.log2(bytes - 1)) - 2));
  return Math.ceil(bytes / step) * step;
}
