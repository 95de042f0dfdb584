import { DataError } from '../backends/errors';
import type { DType } from '../ndarray';
import { decode, elementTypes, encode, type ElementType } from './elements';
import { bytesSource, readExactly, type Source } from './source';
import { checkedSize, wrap, type TensorContent, type TensorFile, type Tensors } from './tensors';

// prettier-ignore
const readable: Readonly<Record<string, ElementType>> = {
  F64: 'f64', F32: 'f32', F16: 'f16', BF16: 'bf16', I64: 'i64', I32: 'i32', I16: 'i16', I8: 'i8', U8: 'u8', BOOL: 'bool',
};

const written: Readonly<Record<DType, string>> = { float64: 'F64', float32: 'F32', int32: 'I32', bool: 'BOOL' };

const largestHeader = 100_000_000;

interface Entry {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/**
 * Reads a safetensors file: eight bytes of length, a JSON header, then the arrays one after the other without gap or
 * overlap. F16 and BF16 widen to float32; I64, I16, I8 and U8 become int32.
 * Source: the format's description at github.com/huggingface/safetensors.
 * @throws DataError naming the file and what does not fit.
 * @example
 * const bytes = writeSafetensors({
 *   tensors: new Map([['W', array([1, 2])]]),
 *   metadata: { by: 'me' },
 * });
 * (await readSafetensors(bytes)).metadata; // → { by: 'me' }
 * @since 49
 */
export async function readSafetensors(from: Uint8Array | Source, name?: string): Promise<TensorFile> {
  const source = from instanceof Uint8Array ? bytesSource(from, name) : from;
  const prefix = await readExactly(source, 0, 8);
  const length = Number(new DataView(prefix.buffer, prefix.byteOffset, 8).getBigUint64(0, true));
  if (length > largestHeader)
    throw new DataError(`${source.name}: no safetensors file: its header would have ${length} bytes`);
  const { __metadata__: texts = {}, ...arrays } = parseHeader(await readExactly(source, 8, length), source.name);
  const entries = Object.entries(arrays).map(([key, value]) => parseEntry(key, value, source.name));
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  const start = 8 + length;
  checkCover(entries, source, start);
  const tensors: Tensors = new Map();
  for (const { name: key, type, shape, begin, end } of entries) {
    const bytes = await readExactly(source, start + begin, end - begin);
    tensors.set(key, wrap(decode(bytes, type, `${source.name}: ${key}`), type, shape));
  }
  return { tensors, metadata: parseMetadata(texts, source.name) };
}

/** The arrays must fill the file from `start` to its end, without gap or overlap. */
function checkCover(entries: readonly Entry[], source: Source, start: number): void {
  let at = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== at) {
      const how = begin < at ? 'overlap' : 'leave a gap';
      throw new DataError(`${source.name}: arrays ${how}: ${name} begins at byte ${begin} of the data, not at ${at}`);
    }
    at = end;
  }
  if (start + at === source.size) return;
  throw new DataError(
    `${source.name}: the header speaks of ${start + at} bytes, the file has ${source.size}; ` +
      'it is cut off or damaged: fetch it again',
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseHeader(bytes: Uint8Array, file: string): Record<string, unknown> {
  let header: unknown = null;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    // no JSON: null is no object either
  }
  if (isObject(header)) return header;
  throw new DataError(`${file}: not a safetensors file, or damaged: its header is no JSON object`);
}

function parseEntry(name: string, value: unknown, file: string): Entry {
  const { dtype, shape, data_offsets: offsets } = isObject(value) ? value : {};
  const type = typeof dtype === 'string' && Object.hasOwn(readable, dtype) ? readable[dtype] : undefined;
  if (!type) {
    throw new DataError(
      `${file}: ${name} has dtype ${JSON.stringify(dtype)}; those read are ${Object.keys(readable).join(', ')}`,
    );
  }
  const bytes = checkedSize(shape, `${file}: ${name}`) * elementTypes[type].bytes;
  const [begin, end, ...more] = Array.isArray(offsets) ? (offsets as unknown[]) : [];
  const proper = Number.isSafeInteger(begin) && Number.isSafeInteger(end) && Number(begin) >= 0 && more.length === 0;
  if (!proper || Number(end) - Number(begin) !== bytes) {
    throw new DataError(
      `${file}: ${name} lies at ${JSON.stringify(offsets)}, but its shape and dtype need ${bytes} bytes`,
    );
  }
  return { name, type, shape: Array.isArray(shape) ? shape.map(Number) : [], begin: Number(begin), end: Number(end) };
}

function parseMetadata(texts: unknown, file: string): Record<string, string> {
  const isText = (pair: [string, unknown]): pair is [string, string] => typeof pair[1] === 'string';
  const pairs = isObject(texts) ? Object.entries(texts) : null;
  if (!pairs?.every(isText)) throw new DataError(`${file}: __metadata__ must be texts by name`);
  return Object.fromEntries(pairs);
}

/**
 * The bytes of a safetensors file with these arrays (on the cpu) in their order, and texts about them. The same arrays
 * give the same bytes.
 * @throws DataError for an array named `__metadata__`, which the format keeps for the texts.
 * @example
 * const bytes = writeSafetensors({ tensors: new Map([['W', array([1, 2])]]) });
 * (await readSafetensors(bytes)).tensors.get('W'); // → array([1 2])
 * @since 49
 */
export function writeSafetensors({ tensors, metadata = {} }: TensorContent): Uint8Array {
  if (tensors.has('__metadata__')) throw new DataError("an array cannot be named '__metadata__' in a safetensors file");
  const header: [string, unknown][] = Object.keys(metadata).length > 0 ? [['__metadata__', metadata]] : [];
  const parts: Uint8Array[] = [];
  let size = 0;
  for (const [name, x] of tensors) {
    const bytes = encode(x.values);
    header.push([name, { dtype: written[x.dtype], shape: x.shape, data_offsets: [size, size + bytes.length] }]);
    parts.push(bytes);
    size += bytes.length;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const length = Math.ceil(json.length / 8) * 8; // padded with spaces, so that the arrays begin at a multiple of 8
  const file = new Uint8Array(8 + length + size).fill(0x20, 8, 8 + length);
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true);
  file.set(json, 8);
  let at = 8 + length;
  for (const bytes of parts) {
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}
