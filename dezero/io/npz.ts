import { DataError } from '../backends/errors';
import type { DType, NDArray } from '../ndarray';
import { decode, elementTypes, encode, type ElementType } from './elements';
import { bytesSource, type Source } from './source';
import { checkedSize, wrap, type TensorContent, type TensorFile, type Tensors } from './tensors';
import { openZip, writeZip } from './zip';

// prettier-ignore
const readable: Readonly<Record<string, ElementType>> = {
  f8: 'f64', f4: 'f32', f2: 'f16', i8: 'i64', i4: 'i32', i2: 'i16', i1: 'i8', u1: 'u8', b1: 'bool',
};

const written: Readonly<Record<DType, string>> = { float64: '<f8', float32: '<f4', int32: '<i4', bool: '|b1' };

const magic = '\x93NUMPY';

interface Header {
  /** '<' little-endian, '>' big-endian, '|' of one byte. */
  readonly order: string;
  readonly kind: string;
  readonly fortran: boolean;
  readonly shape: readonly number[];
  /** Where the elements begin. */
  readonly start: number;
}

/**
 * Reads the bytes of a .npy file. Half precision widens to float32; int64, int16, int8 and uint8 become int32.
 * Source: numpy.lib.format, versions 1 to 3.
 * @throws DataError naming the file and what does not fit.
 * @example
 * readNpy(writeNpy(array([[1, 2], [3, 4]])));
 * // → array([[1 2]
 * //          [3 4]])
 * @since 49
 */
export function readNpy(bytes: Uint8Array, name = 'these bytes'): NDArray {
  const { order, kind, fortran, shape, start } = parseHeader(bytes, name);
  const type = Object.hasOwn(readable, kind) ? readable[kind] : undefined;
  if (!type)
    throw new DataError(`${name}: has elements of type '${kind}'; those read are ${Object.keys(readable).join(', ')}`);
  const data = bytes.subarray(start);
  checkLength(data, checkedSize(shape, name) * elementTypes[type].bytes, name);
  const values = decode(data, type, name, { bigEndian: order === '>' });
  if (!fortran || shape.length < 2) return wrap(values, type, shape);
  const reversed = wrap(values, type, [...shape].reverse()); // in Fortran's order the first axis moves fastest
  return wrap(reversed.transpose().values, type, shape);
}

function checkLength(data: Uint8Array, needed: number, name: string): void {
  if (data.length === needed) return;
  throw new DataError(`${name}: ${data.length} bytes where the header asks for ${needed}; it is cut off or damaged`);
}

function parseHeader(bytes: Uint8Array, name: string): Header {
  const latin1 = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
  if (latin1(0, 6) !== magic) throw new DataError(`${name}: not a .npy file`);
  const version = bytes[6] ?? 0;
  if (version < 1 || version > 3)
    throw new DataError(`${name}: .npy version ${version} is unknown; those read are 1 to 3`);
  const first = version === 1 ? 10 : 12;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length < first ? Infinity : version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const start = first + length;
  if (start > bytes.length || length > 65535) throw new DataError(`${name}: its header is cut off or damaged`);
  const header = latin1(first, start);
  const [, order, kind] = /'descr'\s*:\s*'([<>|=])(\w+)'/.exec(header) ?? [];
  const [, fortran] = /'fortran_order'\s*:\s*(True|False)/.exec(header) ?? [];
  const [, shape] = /'shape'\s*:\s*\(([\d,\s]*)\)/.exec(header) ?? [];
  if (order === undefined || kind === undefined || fortran === undefined || shape === undefined) {
    throw new DataError(`${name}: only plain arrays of numbers are read, not ${header.trim().slice(0, 120)}`);
  }
  const sizes = shape.split(',').filter((size) => size.trim() !== '');
  return { order, kind, fortran: fortran === 'True', shape: sizes.map(Number), start };
}

/**
 * The bytes of a .npy file (version 1). The array must be on the cpu.
 * @example
 * const bytes = writeNpy(array([1, 2]));
 * readNpy(bytes); // → array([1 2])
 * @since 49
 */
export function writeNpy(x: NDArray): Uint8Array {
  return npy(written[x.dtype], x.shape, encode(x.values));
}

function npy(descr: string, shape: readonly number[], data: Uint8Array): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const start = Math.ceil((10 + header.length + 1) / 64) * 64; // NumPy puts the elements at a multiple of 64
  const length = String.fromCharCode((start - 10) & 255, (start - 10) >> 8);
  const text = `${magic}\x01\x00${length}${header.padEnd(start - 11)}\n`;
  const file = new Uint8Array(start + data.length);
  for (let i = 0; i < start; i++) file[i] = text.charCodeAt(i);
  file.set(data, start);
  return file;
}

// Texts are arrays without axes of NumPy's type U: four bytes a letter.

function readText(bytes: Uint8Array, name: string): string | null {
  const { order, kind, shape, start } = parseHeader(bytes, name);
  const [, count] = /^U(\d+)$/.exec(kind) ?? [];
  if (count === undefined || shape.length > 0) return null;
  const data = bytes.subarray(start);
  checkLength(data, 4 * Number(count), name);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const points = Array.from({ length: Number(count) }, (_, i) => view.getUint32(4 * i, order !== '>'));
  if (points.some((point) => point > 0x10ffff)) throw new DataError(`${name}: holds a damaged text`);
  return points
    .map((point) => String.fromCodePoint(point))
    .join('')
    .replace(/\0+$/, '');
}

function writeText(text: string): Uint8Array {
  const points = Array.from(text, (letter) => letter.codePointAt(0) ?? 0);
  return npy(`<U${points.length}`, [], encode(Int32Array.from(points)));
}

/**
 * Reads a .npz file, a zip of .npy files; texts in it become metadata.
 * @throws DataError naming file and array.
 * @example
 * const bytes = await writeNpz({ tensors: new Map([['W', array([1, 2])]]) });
 * (await readNpz(bytes)).tensors.get('W'); // → array([1 2])
 * @since 49
 */
export async function readNpz(from: Uint8Array | Source, name?: string): Promise<TensorFile> {
  const zip = await openZip(from instanceof Uint8Array ? bytesSource(from, name) : from);
  const tensors: Tensors = new Map();
  const texts: [string, string][] = [];
  for (const { name: file } of zip.entries) {
    const what = `${zip.name}: ${file}`;
    const bytes = await zip.read(file);
    const text = readText(bytes, what);
    const key = file.replace(/\.npy$/, '');
    if (text === null) tensors.set(key, readNpy(bytes, what));
    else texts.push([key, text]);
  }
  return { tensors, metadata: Object.fromEntries(texts) };
}

/**
 * The bytes of a .npz file (not compressed) with these arrays (on the cpu), and texts about them as NumPy strings.
 * @throws DataError if an array and a text have the same name.
 * @example
 * const bytes = await writeNpz({ tensors: new Map([['W', array([1, 2])]]) });
 * await writeFileSafely('W.npz', bytes); // numpy.load('W.npz')['W']
 * @since 49
 */
export function writeNpz({ tensors, metadata = {} }: TensorContent): Promise<Uint8Array> {
  const files = [...tensors].map(([name, x]) => [`${name}.npy`, writeNpy(x)] as const);
  for (const [name, text] of Object.entries(metadata)) {
    if (tensors.has(name))
      throw new DataError(`'${name}' names an array and a text; a .npz file can hold only one of them`);
    files.push([`${name}.npy`, writeText(text)]);
  }
  return writeZip(files);
}
