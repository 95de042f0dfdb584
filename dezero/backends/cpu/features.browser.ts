/** Browsers have relaxed SIMD or do not; there is no flag to turn. The twin of `features.node.ts`. @since 28 */
export function enableRelaxedSimd(): void {}

/** Nobody asks for the loops alone here. @since 28 */
export function wantsReference(): boolean {
  return false;
}
