import type { DType, TypedArray } from '../backends/backend';
import { DataError } from '../backends/errors';

/** An element as files hold it. @since 49 */
export type ElementType = 'f64' | 'f32' | 'f16' | 'bf16' | 'i64' | 'i32' | 'i16' | 'i8' | 'u8' | 'bool';

/** Bytes of one element in a file, and the dtype it is read as: the narrowest of ours that holds it. @since 49 */
export const elementTypes: Readonly<Record<ElementType, { readonly bytes: number; readonly dtype: DType }>> = {
  f64: { bytes: 8, dtype: 'float64' },
  f32: { bytes: 4, dtype: 'float32' },
  f16: { bytes: 2, dtype: 'float32' },
  bf16: { bytes: 2, dtype: 'float32' },
  i64: { bytes: 8, dtype: 'int32' },
  i32: { bytes: 4, dtype: 'int32' },
  i16: { bytes: 2, dtype: 'int32' },
  i8: { bytes: 1, dtype: 'int32' },
  u8: { bytes: 1, dtype: 'int32' },
  bool: { bytes: 1, dtype: 'bool' },
};

/** The element type in which a dtype is written. @since 49 */
export const elementTypeOf: Readonly<Record<DType, ElementType>> = {
  float64: 'f64',
  float32: 'f32',
  int32: 'i32',
  bool: 'bool',
};

/**
 * The elements in a file's bytes as a new typed array of the dtype in `elementTypes`.
 * Half and bfloat16 widen to float32; a 64-bit integer must fit int32.
 * @throws DataError naming `what` for an integer that does not fit.
 * @since 49
 */
export function decode(bytes: Uint8Array, type: ElementType, what: string, { bigEndian = false } = {}): TypedArray {
  const width = elementTypes[type].bytes;
  const copy = new Uint8Array(bytes); // not slice(): that of Node's Buffer does not copy
  if (bigEndian) for (let at = 0; at < copy.length; at += width) copy.subarray(at, at + width).reverse();
  const { buffer } = copy;
  switch (type) {
    case 'f64':
      return new Float64Array(buffer);
    case 'f32':
      return new Float32Array(buffer);
    case 'f16':
      return widenHalf(new Uint16Array(buffer));
    case 'bf16':
      // bfloat16 is the upper half of a float32.
      return new Float32Array(Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16).buffer);
    case 'i64':
      return narrow(new DataView(buffer), what);
    case 'i32':
      return new Int32Array(buffer);
    case 'i16':
      return Int32Array.from(new Int16Array(buffer));
    case 'i8':
      return Int32Array.from(new Int8Array(buffer));
    case 'u8':
      return Int32Array.from(copy);
    case 'bool':
      return copy.map((byte) => (byte === 0 ? 0 : 1));
    default:
      return type satisfies never;
  }
}

/**
 * The bytes of a typed array, as files hold them (little-endian, as is every machine that runs JavaScript).
 * @since 49
 */
export function encode(values: TypedArray): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

let halves: Float32Array | undefined;

/** IEEE half precision: (−1)^s · 2^(e − 15) · (1 + m/1024), looked up among all 65,536 values. */
function widenHalf(bits: Uint16Array): Float32Array {
  halves ??= Float32Array.from({ length: 65536 }, (_, half) => {
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >> 10) & 31;
    const mantissa = half & 1023;
    if (exponent === 31) return mantissa ? NaN : sign * Infinity;
    return sign * (exponent === 0 ? mantissa * 2 ** -24 : (1 + mantissa / 1024) * 2 ** (exponent - 15));
  });
  const out = new Float32Array(bits.length);
  for (let i = 0; i < out.length; i++) out[i] = halves[bits[i] ?? 0] ?? 0;
  return out;
}

function narrow(view: DataView, what: string): Int32Array {
  const out = new Int32Array(view.byteLength / 8);
  for (let i = 0; i < out.length; i++) {
    const low = view.getInt32(8 * i, true);
    if (view.getInt32(8 * i + 4, true) !== low >> 31) {
      throw new DataError(`${what} holds ${view.getBigInt64(8 * i, true)}, which does not fit int32`);
    }
    out[i] = low;
  }
  return out;
}
