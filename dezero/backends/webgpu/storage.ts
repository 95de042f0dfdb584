import type { Storage } from '../backend';
import type { Block } from './pool';

/** Memory on the gpu: float32 and int32 as they are, a bool as a u32 of 0 or 1. @since 48 */
export interface GpuStorage extends Storage {
  readonly block: Block;
}
