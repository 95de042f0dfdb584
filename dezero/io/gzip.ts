import { readFile } from '#files';
import { DataError } from '../backends/errors';

/**
 * The contents of a gzip file (RFC 1952). @throws DataError naming a file that is missing, cut off or damaged.
 * @example
 * // 10,000 labels, and pictures of 28 × 28
 * (await readGzip(assetPath('data/digits/digits.gz'))).length;
 * // → 7850000
 * @since 41
 */
export async function readGzip(file: string): Promise<Uint8Array> {
  const packed = await readFile(file);
  try {
    const stream = new Blob([new Uint8Array(packed)]).stream().pipeThrough(new DecompressionStream('gzip'));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch {
    throw new DataError(`${file}: no whole gzip file: it is cut off or damaged; remove it and fetch it again`);
  }
}
