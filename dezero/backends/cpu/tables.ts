import type { KernelMemory } from './memory';

/** One axis of a table: how many steps, and how many elements each goes on. @since 28 */
export type Axis = readonly [size: number, stride: number];

/** Thrown where the kernels' memory has no room; the caller goes on without them. @since 28 */
export class NoRoom extends Error {}

const LIMIT = 2 ** 24; // bytes of tables to keep

/** The axes with these sizes and strides. @since 28 */
export function axes(sizes: readonly number[], strides: readonly number[]): Axis[] {
  return sizes.map((size, axis) => [size, strides[axis]]);
}

/** How many elements there are along some axes. @since 28 */
export function countOf(along: readonly Axis[]): number {
  return along.reduce((product, [size]) => product * size, 1);
}

/** The byte offsets of elements (of 4 bytes if not said otherwise) along some axes, the last axis fastest. @since 28 */
export function offsets(along: readonly Axis[], bytes = 4): Int32Array {
  const table = new Int32Array(countOf(along));
  let count = 1;
  for (const [size, stride] of along) {
    // From the back, so that each entry is read before it is written over.
    for (let i = count - 1; i >= 0; i--) {
      const from = table[i];
      for (let j = size - 1; j >= 0; j--) table[i * size + j] = from + j * stride * bytes;
    }
    count *= size;
  }
  return table;
}

/** Offset tables in the kernels' memory, kept for the next call that needs the same. @since 28 */
export class Tables {
  readonly #memory: KernelMemory;
  readonly #kept = new Map<string, { readonly at: number; readonly bytes: number }>();
  #bytes = 0;

  constructor(memory: KernelMemory) {
    this.#memory = memory;
  }

  /** The address of `offsets(along, bytes)`, good until the next `trim`. @throws NoRoom. @since 28 */
  get(along: readonly Axis[], bytes = 4): number {
    const key = `${along.join(';')}x${bytes}`;
    const kept = this.#kept.get(key);
    if (kept) {
      this.#kept.delete(key); // to the end of the queue
      this.#kept.set(key, kept);
      return kept.at;
    }
    const table = offsets(along, bytes);
    const at = this.#memory.alloc(table.byteLength);
    if (at === null) throw new NoRoom();
    new Int32Array(this.#memory.buffer, at, table.length).set(table);
    this.#kept.set(key, { at, bytes: table.byteLength });
    this.#bytes += table.byteLength;
    return at;
  }

  /** Drops the tables used longest ago, down to `limit` bytes: 16 MiB by default. @since 28 */
  trim(limit = LIMIT): void {
    for (const [key, { at, bytes }] of this.#kept) {
      if (this.#bytes <= limit) return;
      this.#memory.free(at);
      this.#kept.delete(key);
      this.#bytes -= bytes;
    }
  }
}
