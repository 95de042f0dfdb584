import { openFile, writeFileSafely } from '#files';
import { DataError, ValueError } from '../backends/errors';
import { readNpz, writeNpz } from './npz';
import { readSafetensors, writeSafetensors } from './safetensors';
import { bytesSource, type Source } from './source';
import type { TensorFile, Tensors } from './tensors';
import { openZip } from './zip';

/** A kind of file that arrays can be read from. @since 49 */
export interface TensorFormat {
  /** Whether these are its first bytes; the names in it are given if it is a zip. @since 49 */
  recognises(head: Uint8Array, zipped: readonly string[] | null): boolean;
  /** Its arrays. @since 49 */
  read(source: Source): Promise<TensorFile>;
}

const formats: TensorFormat[] = [
  { recognises: (_head, zipped) => zipped?.every((name) => name.endsWith('.npy')) ?? false, read: readNpz },
  // A safetensors file has no mark of its own: eight bytes of length (never so much that the last two count), then JSON.
  { recognises: (head) => head[6] === 0 && head[7] === 0 && head[8] === 0x7b, read: readSafetensors },
];

/**
 * Adds a format to what `readTensors` can read.
 * @example
 * registerFormat({
 *   recognises: ([first]) => first === 0x23, // '#'
 *   read: async ({ size }) => ({
 *     tensors: new Map([['size', array(size)]]),
 *     metadata: {},
 *   }),
 * });
 * (await readTensors(new TextEncoder().encode('# a text'))).tensors.get('size');
 * // → array(8)
 * @since 49
 */
export function registerFormat(format: TensorFormat): void {
  formats.push(format);
}

/**
 * Arrays from the content of a file: safetensors, .npz or PyTorch's .pth, told apart by their bytes.
 * @throws DataError naming the file if it is none of them, or damaged.
 * @example
 * const bytes = writeSafetensors({ tensors: new Map([['W', array([1, 2])]]) });
 * // what kind of file it is, the bytes say
 * (await readTensors(bytes)).tensors.get('W');
 * // → array([1 2])
 * @since 49
 */
export async function readTensors(from: Uint8Array | Source, name?: string): Promise<TensorFile> {
  const source = from instanceof Uint8Array ? bytesSource(from, name) : from;
  const head = await source.read(0, 16);
  const isZip = head[0] === 0x50 && head[1] === 0x4b;
  const zipped = isZip ? (await openZip(source)).entries.map((entry) => entry.name) : null;
  const format = formats.find((one) => one.recognises(head, zipped));
  if (format) return format.read(source);
  throw new DataError(`${source.name}: not a safetensors, npz or PyTorch file: ${describe(head, zipped)}`);
}

function describe(head: Uint8Array, zipped: readonly string[] | null): string {
  if (zipped) return `it is a zip of ${zipped.slice(0, 3).join(', ')}${zipped.length > 3 ? ', …' : ''}`;
  if (head.length === 0) return 'it is empty';
  const begin = JSON.stringify(String.fromCharCode(...head));
  return `it begins with ${begin}${head[0] === 0x3c ? ' (a web page, perhaps the error message of a server)' : ''}`;
}

/**
 * Arrays from a file, whatever its kind. @throws DataError naming the file.
 * @example
 * await saveTensors('W.safetensors', new Map([['W', array([1, 2])]]));
 * (await loadTensors('W.safetensors')).tensors.get('W'); // → array([1 2])
 * @since 49
 */
export async function loadTensors(path: string): Promise<TensorFile> {
  const source = await openFile(path);
  try {
    return await readTensors(source);
  } finally {
    await source.close();
  }
}

/**
 * Writes arrays to a file: `.npz` by that extension, otherwise safetensors. Arrays on the gpu are fetched first. The
 * file is there wholly or not at all; on failure an old one is untouched.
 * @throws ValueError for a .pth, which only PyTorch writes; DataError naming path and cause.
 * @example
 * // the ending says which format
 * await saveTensors('W.npz', new Map([['W', array([1, 2])]]));
 * (await loadTensors('W.npz')).tensors.get('W'); // → array([1 2])
 * @since 49
 */
export async function saveTensors(
  path: string,
  tensors: Tensors,
  metadata?: Readonly<Record<string, string>>,
): Promise<void> {
  if (/\.(pth|pt)$/i.test(path)) {
    throw new ValueError(
      `${path}: PyTorch's own files are only read here; save as .safetensors, which PyTorch can load too`,
    );
  }
  const here: Tensors = new Map();
  for (const [name, x] of tensors) here.set(name, await x.to('cpu'));
  const file = { tensors: here, metadata };
  await writeFileSafely(path, /\.npz$/i.test(path) ? await writeNpz(file) : writeSafetensors(file));
}
