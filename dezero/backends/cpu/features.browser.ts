/** Browsers have relaxed SIMD or do not; there is no flag to turn. The twin of `features.node.ts`. @since 28 */
export function enableRelaxedSimd(): void {}
