/** Makes the WebAssembly kernels of `assembly/` ready to run. */
import { enableRelaxedSimd } from '#features';
import type { Gemm } from './blas';
import { binaries } from './kernels.generated';
import { isShared } from './memory';

/** With relaxed SIMD a product and a sum are one instruction, rounded once. @since 28 */
export type Flavour = 'plain' | 'relaxed';

/** What `assembly/index.ts` exports; addresses are in bytes. @since 28 */
export interface Exports {
  /** Bytes of scratch memory that each thread needs. @since 28 */
  scratchSize(): number;
  /** Takes pieces of the job at an address until none is left. @since 28 */
  work(job: number, scratch: number): void;
}

/** A program of kernels, and the kernels running on a memory. @since 28 */
export interface Loaded {
  readonly module: WebAssembly.Module;
  readonly exports: Exports;
}

const MEMORY_IMPORT = [6, ...Array.from('memory', (letter) => letter.charCodeAt(0)), 2];

/** The quickest flavour that this engine runs, or null. @since 28 */
export function bestFlavour(): Flavour | null {
  return (['relaxed', 'plain'] as const).find(runs) ?? null;
}

/** The kernels, working on `memory`; `gemm` multiplies where a job leaves that to BLAS, by default there is none. @since 28 */
export function load(flavour: Flavour, memory: WebAssembly.Memory, gemm: Gemm = () => undefined): Loaded {
  if (!runs(flavour)) throw new WebAssembly.CompileError(`this engine does not run the ${flavour} kernels`);
  const module = new WebAssembly.Module(decode(flavour, isShared(memory)));
  const { exports } = new WebAssembly.Instance(module, { env: { memory }, blas: { gemm } });
  return { module, exports: exports as unknown as Exports };
}

/** True if this engine runs a flavour, if need be after turning it on. */
function runs(flavour: Flavour): boolean {
  const bytes = decode(flavour, true);
  if (flavour === 'relaxed' && !WebAssembly.validate(bytes)) enableRelaxedSimd();
  return WebAssembly.validate(bytes);
}

/** The binary; whether the memory it imports is shared is one byte of it, and nothing else depends on that. */
function decode(flavour: Flavour, shared: boolean): Uint8Array<ArrayBuffer> {
  const bytes = Uint8Array.from(atob(binaries[flavour]), (letter) => letter.charCodeAt(0));
  const at = bytes.findIndex((_, i) => MEMORY_IMPORT.every((byte, j) => bytes[i + j] === byte));
  bytes[at + MEMORY_IMPORT.length] = shared ? 3 : 1;
  return bytes;
}
