import type { Blas } from './blas';

/** Browsers have none. @since 28 */
export function openBlas(): Blas | null {
  return null;
}
