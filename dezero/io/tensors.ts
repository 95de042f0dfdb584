import type { Shape, TypedArray } from '../backends/backend';
import { DataError } from '../backends/errors';
import { getBackend } from '../backends/registry';
import { NDArray } from '../ndarray';
import { elementTypes, type ElementType } from './elements';

/** Arrays by name, in the order of the file. @since 49 */
export type Tensors = Map<string, NDArray>;

/** What a file of arrays holds: the arrays, and short texts about them. @since 49 */
export interface TensorFile {
  /** By name, in order. @since 49 */
  readonly tensors: Tensors;
  /** Texts by name. @since 49 */
  readonly metadata: Readonly<Record<string, string>>;
}

/** What is written to a file of arrays. @since 49 */
export interface TensorContent {
  /** By name, in order. @since 49 */
  readonly tensors: Tensors;
  /** Texts by name. @since 49 */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/**
 * Typed values as an array on the cpu, whatever the current device is; not copied, and of no memory scope.
 * @since 49
 */
export function wrap(
  values: TypedArray,
  type: ElementType,
  shape: Shape,
  strides?: readonly number[],
  offset = 0,
): NDArray {
  return new NDArray(getBackend('cpu').upload(elementTypes[type].dtype, values), shape, strides, offset);
}

/** The number of elements of a shape that comes from a file. @throws DataError if it is no shape. @since 49 */
export function checkedSize(shape: unknown, what: string): number {
  const isSize = (n: unknown): n is number => Number.isSafeInteger(n) && Number(n) >= 0;
  if (!Array.isArray(shape) || shape.length > 32 || !shape.every(isSize)) {
    throw new DataError(`${what} has no proper shape; the file is damaged`);
  }
  const size = shape.reduce<number>((product, n) => product * n, 1);
  if (!Number.isSafeInteger(size)) throw new DataError(`${what} has an impossible shape: (${shape.join(', ')})`);
  return size;
}
