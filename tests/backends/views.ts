/** Arrays for the tests of the cpu's kernels, made without an NDArray around them. */
import type { Backend, DType, TypedArray, View } from '../../dezero/backends/backend';
import * as reference from '../../dezero/backends/cpu/elementwise';
import { KernelMemory } from '../../dezero/backends/cpu/memory';
import type { CpuStorage } from '../../dezero/backends/cpu/storage';

/** What the kernels under test work on. */
export const memory = new KernelMemory(2 ** 27);
/** Where an array can lie. */
export const places = ['in the memory of the kernels', 'in ordinary arrays'] as const;
/** One of these. */
export type Place = (typeof places)[number];

const KINDS = { float64: Float64Array, float32: Float32Array, int32: Int32Array, bool: Uint8Array };
const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** An array of this shape; what is not given is NaN, or the most there can be. */
export function make(
  place: Place,
  shape: number[],
  value: (i: number) => number = () => NaN,
  dtype: DType = 'float32',
): View {
  const Kind = KINDS[dtype];
  const length = sizeOf(shape);
  const pointer = place === places[0] ? memory.alloc(Math.max(1, length) * Kind.BYTES_PER_ELEMENT) : -1;
  if (pointer === null) throw new Error('the test needs more memory');
  const values: TypedArray = pointer < 0 ? new Kind(length) : new Kind(memory.buffer, pointer, length);
  for (let i = 0; i < length; i++) values[i] = value(i);
  const storage: CpuStorage = { backend: {} as Backend, dtype, length, freed: false, values, pointer };
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  return { storage, dtype, shape, strides, offset: 0 };
}

/** The elements of a view in order. */
export const valuesOf = (x: View) => Array.from(reference.dense(x));
/** Numbers of both signs without a pattern. */
export const waves = (seed: number) => (i: number) => 3 * Math.sin(1 + seed * 17.3 + i * i * 0.37);

/** Views of an array of the shape wanted: as it lies, transposed, backwards, of every second element, of one row or number repeated. */
export function views(place: Place, shape: number[], value: (i: number) => number, dtype: DType = 'float32'): View[] {
  const plain = make(place, shape, value, dtype);
  const turned = make(place, shape.toReversed(), value, dtype);
  const double = make(place, shape.with(-1, 2 * (shape.at(-1) ?? 1)), value, dtype);
  const row = make(place, [shape.at(-1) ?? 1], value, dtype);
  const column = make(place, [shape[0] ?? 1], value, dtype);
  const repeated = shape.map(() => 0);
  return [
    plain,
    { ...turned, shape, strides: turned.strides.toReversed() },
    { ...plain, strides: plain.strides.with(0, -(plain.strides[0] ?? 0)), offset: (plain.strides[0] ?? 0) * ((shape[0] ?? 1) - 1) },
    { ...double, shape, strides: double.strides.with(-1, 2) },
    { ...row, shape, strides: repeated.with(-1, 1) },
    { ...column, shape, strides: repeated.with(0, 1) },
    { ...row, shape, strides: repeated },
  ]; // prettier-ignore
}

/** Relative error at most `tolerance`; beside that, an absolute one where sums of both signs may end near 0. */
export function expectClose(out: View, expected: View, tolerance = 0, absolute = 0): void {
  const [got, wanted] = [valuesOf(out), valuesOf(expected)];
  got.forEach((value, i) => {
    const right = wanted[i] ?? NaN;
    if (Object.is(value, right) || value === right) return;
    if (!(Math.abs(value - right) <= tolerance * Math.abs(right) + absolute))
      throw new Error(`element ${i}: ${value}, not ${right}`);
  });
}
