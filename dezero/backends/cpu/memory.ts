/**
 * The memory that WebAssembly kernels work on, and a pool of blocks in it.
 *
 * It is reserved whole at the first `alloc` and never grows, so that typed arrays on it stay valid; the system puts real memory
 * behind a page only when something is written there. It is shared where the engine allows that, so that threads can work on it.
 */

const PAGE = 65536;
const LINE = 64; // bytes: blocks begin at whole cache lines
const LEAST = 256; // pages

/** Blocks of one WebAssembly memory, given out and taken back. @since 28 */
export class KernelMemory {
  readonly #most: number;
  #memory: WebAssembly.Memory | null | undefined;
  /** Free blocks: sizes by first address, first addresses by end, first addresses by size class. */
  readonly #sizes = new Map<number, number>();
  readonly #starts = new Map<number, number>();
  readonly #bins: Set<number>[] = [];
  readonly #used = new Map<number, number>();
  #total = 0;

  /** Reserves at most `bytes` (by default all that WebAssembly can address), or the largest half, quarter, … of it that can be had. @since 28 */
  constructor(bytes = 2 ** 32 - 2 ** 16) {
    this.#most = bytes;
  }

  /** The memory itself, reserved at the first use; null if the engine has none to give. @since 28 */
  get memory(): WebAssembly.Memory | null {
    if (this.#memory === undefined) {
      this.#memory = reserve(this.#most);
      // Address 0 stays unused, and so does the last line: kernels may read a little past a block's end.
      if (this.#memory) this.#put(LINE, this.#memory.buffer.byteLength - 2 * LINE);
    }
    return this.#memory;
  }

  /** What a typed array on a block is made of. @since 28 */
  get buffer(): ArrayBuffer {
    if (!this.memory)
      throw new RangeError('this engine gave no WebAssembly memory; check that alloc() is not null first');
    return this.memory.buffer;
  }

  /**
   * The address of a block of `bytes`, a multiple of 64, contents undefined; null if there is no room, or less than the share `leave` of all
   * would be left. Sizes are rounded up to one of eight steps between two powers of two: at most an eighth is wasted.
   * @since 28
   */
  alloc(bytes: number, leave = 0): number | null {
    const all = this.memory?.buffer.byteLength ?? 0;
    if (bytes > all) return null;
    const size = roundUp(bytes);
    if (this.#total + size > all * (1 - leave)) return null;
    for (let bin = sizeClass(size); bin < this.#bins.length; bin++) {
      const start = this.#bins[bin]?.values().next().value;
      if (start === undefined) continue;
      const whole = this.#take(start);
      if (whole > size) this.#put(start + size, whole - size);
      this.#used.set(start, size);
      this.#total += size;
      return start;
    }
    return null;
  }

  /** Takes a block back; it joins its free neighbours, so that a later block of any other size can lie there. @since 28 */
  free(start: number): void {
    const size = this.#used.get(start);
    if (size === undefined) throw new RangeError(`free: no block begins at ${start}; was it freed before?`);
    this.#used.delete(start);
    this.#total -= size;
    const before = this.#starts.get(start);
    let end = start + size;
    if (this.#sizes.has(end)) end += this.#take(end);
    if (before !== undefined) this.#take(before);
    const from = before ?? start;
    this.#put(from, end - from);
  }

  /** Bytes given out now. @since 28 */
  get used(): number {
    return this.#total;
  }

  #put(start: number, size: number): void {
    this.#sizes.set(start, size);
    this.#starts.set(start + size, start);
    (this.#bins[sizeClass(size)] ??= new Set()).add(start);
  }

  #take(start: number): number {
    const size = this.#sizes.get(start) ?? 0;
    this.#sizes.delete(start);
    this.#starts.delete(start + size);
    this.#bins[sizeClass(size)]?.delete(start);
    return size;
  }
}

/** The memory of this process. @since 28 */
export const kernelMemory = new KernelMemory();

function reserve(bytes: number): WebAssembly.Memory | null {
  if (typeof WebAssembly === 'undefined') return null;
  const kinds = typeof SharedArrayBuffer === 'undefined' ? [false] : [true, false];
  for (let pages = Math.floor(bytes / PAGE); pages >= LEAST; pages >>= 1) {
    for (const shared of kinds) {
      try {
        return new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
      } catch {
        // Not to be had; the next try is not shared, or smaller.
      }
    }
  }
  return null;
}

/** The largest class that starts at or below `size`: eight classes between two powers of two. */
function sizeClass(size: number): number {
  const exponent = 31 - Math.clz32(size);
  return exponent * 8 + ((size >>> (exponent - 3)) & 7);
}

/** The least size, in whole lines, at which a class starts and that holds `bytes`. */
function roundUp(bytes: number): number {
  const exponent = 31 - Math.clz32(Math.max(bytes - 1, 1));
  const step = Math.max(LINE, 2 ** (exponent - 3));
  return Math.max(LINE, Math.ceil(bytes / step) * step);
}

/** True if threads can work on this memory together. @since 28 */
export function isShared(memory: WebAssembly.Memory): boolean {
  return typeof SharedArrayBuffer !== 'undefined' && memory.buffer instanceof SharedArrayBuffer;
}
