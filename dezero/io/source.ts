import { DataError } from '../backends/errors';

/** Bytes that can be read at any place: a file, or memory. @since 41 */
export interface Source {
  /** What error messages call it. @since 41 */
  readonly name: string;
  /** In bytes. @since 41 */
  readonly size: number;
  /** The bytes from `offset` on; fewer than `length` only where the source ends. @since 41 */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Gives the file back. Reading afterwards is an error. @since 41 */
  close(): Promise<void>;
}

/**
 * Bytes in memory as a source.
 * @example
 * bytesSource(Uint8Array.of(1, 2, 3)).size; // → 3
 * @since 41
 */
export function bytesSource(bytes: Uint8Array, name = 'these bytes'): Source {
  return {
    name,
    size: bytes.length,
    read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)),
    close: () => Promise.resolve(),
  };
}

/**
 * Exactly `length` bytes. @throws DataError if the source is shorter.
 * @example
 * await readExactly(bytesSource(Uint8Array.of(1, 2, 3)), 1, 2);
 * // → Uint8Array(2) [ 2, 3 ]
 * @since 41
 */
export async function readExactly(source: Source, offset: number, length: number): Promise<Uint8Array> {
  const bytes = offset + length <= source.size ? await source.read(offset, length) : null;
  if (bytes?.length === length) return bytes;
  throw new DataError(
    `${source.name}: the file ends at byte ${source.size}, but ${length} bytes are needed from byte ${offset} on; ` +
      'it is cut off or damaged: fetch it again',
  );
}
