import { createRequire } from 'node:module';
import type { Blas, Gemm } from './blas';

const NAMES: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  linux: ['libopenblas.so.0', 'libopenblas.so', 'libblis.so.4', 'libblis.so', 'libmkl_rt.so.2', 'libmkl_rt.so'],
  darwin: [
    '/System/Library/Frameworks/Accelerate.framework/Accelerate',
    '/opt/homebrew/opt/openblas/lib/libopenblas.dylib',
    '/usr/local/opt/openblas/lib/libopenblas.dylib',
  ],
  win32: ['libopenblas.dll', 'openblas.dll', 'mkl_rt.2.dll', 'mkl_rt.dll'],
};

const GEMM = (type: 'float' | 'double') =>
  `(int, int, int, int, int, int, ${type}, uintptr_t, int, uintptr_t, int, ${type}, uintptr_t, int)`;

interface Koffi {
  load(path: string): { func(definition: string): Gemm };
  address(memory: ArrayBufferView): bigint;
}

/**
 * The system's BLAS, reached through the optional package `koffi`: the first of the usual libraries that is there, or the one that the
 * environment variable `DEZERO_BLAS` names; `off` is none. It works on `memory` without a copy.
 * @since 28
 */
export function openBlas(memory: WebAssembly.Memory, notice: (line: string) => void): Blas | null {
  const wanted = process.env.DEZERO_BLAS ?? '';
  if (wanted === 'off') return null;
  let koffi: Koffi;
  try {
    koffi = createRequire(__filename)('koffi') as Koffi;
  } catch {
    if (wanted) notice(`DEZERO_BLAS=${wanted} needs the package koffi (npm install koffi); going on without BLAS`);
    return null;
  }
  for (const name of wanted ? [wanted] : (NAMES[process.platform] ?? [])) {
    try {
      const library = koffi.load(name);
      const [sgemm, dgemm] = [
        library.func(`void cblas_sgemm${GEMM('float')}`),
        library.func(`void cblas_dgemm${GEMM('double')}`),
      ];
      return { name, start: Number(koffi.address(new Uint8Array(memory.buffer))), gemm: { 4: sgemm, 8: dgemm } };
    } catch (error) {
      if (wanted) notice(`DEZERO_BLAS=${wanted} is of no use: ${String(error)}; going on without BLAS`);
    }
  }
  return null;
}
