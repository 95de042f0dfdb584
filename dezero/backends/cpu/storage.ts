import type { Storage, TypedArray } from '../backend';

/** Memory on the cpu: an ordinary typed array, or a piece of the kernels' memory. @since 28 */
export interface CpuStorage extends Storage {
  readonly values: TypedArray;
  /** Its byte offset in the kernels' memory; −1 for an ordinary typed array. @since 28 */
  readonly pointer: number;
}
