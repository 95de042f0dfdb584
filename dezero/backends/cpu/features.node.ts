import { setFlagsFromString } from 'node:v8';

/**
 * Turns on WebAssembly's relaxed SIMD where the engine has it behind a flag: Node 20. To be called only if it is missing,
 * before anything is compiled.
 * @since 28
 */
export function enableRelaxedSimd(): void {
  setFlagsFromString('--experimental-wasm-relaxed-simd');
}

/** True if the environment variable `DEZERO_BACKEND` asks for the readable loops alone: `reference`. @since 28 */
export function wantsReference(): boolean {
  return process.env.DEZERO_BACKEND === 'reference';
}
