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

interface Koffi {
  load(path: string): { func(definition: string): (...numbers: number[]) => void };
  address(memory: ArrayBufferView): bigint;
}

/** Opens a library for addresses of a memory that begins at `start`. Other threads get it as text: it uses nothing from outside. */
function open(koffi: Koffi, name: string, start: number): Gemm {
  const library = koffi.load(name);
  const arguments_ = (type: string) =>
    `int, int, int, int, int, int, ${type}, uintptr_t, int, uintptr_t, int, ${type}, uintptr_t, int`;
  const single = library.func(`void cblas_sgemm(${arguments_('float')})`);
  const double = library.func(`void cblas_dgemm(${arguments_('double')})`);
  // The kernels' threads divide the work between them; if the library did so too, they would wait for one another.
  for (const setter of [
    'openblas_set_num_threads(int)',
    'MKL_Set_Num_Threads(int)',
    'bli_thread_set_num_threads(int64)',
  ]) {
    try {
      library.func(`void ${setter}`)(1);
    } catch {
      // another library's
    }
  }
  const [rowMajor, asItIs, turned] = [101, 111, 112];
  return (bytes, m, n, k, a, aStep, aTurned, b, bStep, bTurned, c, cStep, add) =>
    (bytes === 4 ? single : double)(
      rowMajor, aTurned ? turned : asItIs, bTurned ? turned : asItIs, m, n, k, 1,
      start + (a >>> 0), aStep, start + (b >>> 0), bStep, add, start + (c >>> 0), cStep,
    ); // prettier-ignore
}

/**
 * The system's BLAS, reached through the optional package `koffi`: the first of the usual libraries that is there, or the one that the
 * environment variable `DEZERO_BLAS` names; `off` is none. It works on `memory` without a copy.
 * @since 28
 */
export function openBlas(memory: WebAssembly.Memory, notice: (line: string) => void): Blas | null {
  const wanted = process.env.DEZERO_BLAS ?? '';
  if (wanted === 'off') return null;
  const here = createRequire(__filename);
  let koffi: Koffi;
  let place: string;
  try {
    place = here.resolve('koffi');
    koffi = here(place) as Koffi;
  } catch {
    if (wanted) notice(`DEZERO_BLAS=${wanted} needs the package koffi (npm install koffi); going on without BLAS`);
    return null;
  }
  const start = Number(koffi.address(new Uint8Array(memory.buffer)));
  for (const name of wanted ? [wanted] : (NAMES[process.platform] ?? [])) {
    try {
      const gemm = open(koffi, name, start);
      const source = `(${open.toString()})(require(${JSON.stringify(place)}), ${JSON.stringify(name)}, ${start})`;
      return { name, gemm, source };
    } catch (error) {
      if (wanted) notice(`DEZERO_BLAS=${wanted} is of no use: ${String(error)}; going on without BLAS`);
    }
  }
  return null;
}
