/** Threads that help with a job of the kernels. They share the kernels' memory, where a few words say what there is to do. */
import { hardwareThreads, spawn } from '#threads';
import { ValueError } from '../errors';
import type { Gemm } from './blas';
import type { Exports } from './loader';
import { isShared, type KernelMemory } from './memory';
import { NoRoom } from './tables';

/** What a helper is given. @since 28 */
export interface Post {
  readonly memory: WebAssembly.Memory;
  readonly module: WebAssembly.Module;
  /** Address of the crew's words. @since 28 */
  readonly words: number;
  /** Which of these words counts the helpers that are not ready yet. @since 28 */
  readonly starting: number;
  /** Address of its own scratch memory. @since 28 */
  readonly scratch: number;
  /** Which helper it is: 0, 1, … @since 28 */
  readonly number: number;
}

const WORDS = 8;
const STARTING = 5;
const MOST = 16;

/**
 * The thread that computes, and its helpers. They are started with the first job of several pieces, which does not wait for them: who is
 * there helps. A helper that has died is never waited for, since only those count that have begun.
 * @since 28
 */
export class Crew {
  readonly #memory: KernelMemory;
  readonly #module: WebAssembly.Module;
  readonly #exports: Exports;
  readonly #scratch: number;
  #helpers = 0;
  #words = 0;

  /** @throws NoRoom if the memory is full. @since 28 */
  constructor(memory: KernelMemory, module: WebAssembly.Module, exports: Exports) {
    this.#memory = memory;
    this.#module = module;
    this.#exports = exports;
    this.#scratch = this.#block(exports.scratchSize());
  }

  /** Does a job, on as many threads as there are and are wanted. `gemm` is JavaScript that gives a new one its BLAS. @since 28 */
  run(job: number, pieces: number, gemm = 'null'): void {
    if (pieces === 1 || threads === 1) return this.#exports.work(job, this.#scratch);
    if (this.#helpers < threads - 1) this.#hire(gemm);
    const words = new Int32Array(this.#memory.buffer, this.#words, WORDS);
    const [generation, open, active, failed, at] = [0, 1, 2, 3, 4];
    Atomics.store(words, at, job);
    Atomics.store(words, open, threads - 1);
    Atomics.add(words, generation, 1);
    Atomics.notify(words, generation, Math.min(pieces, threads) - 1);
    this.#exports.work(job, this.#scratch);
    // No piece is left; whoever comes now finds the door closed, and those inside finish theirs.
    Atomics.store(words, open, 0);
    for (let spins = 0, left; (left = Atomics.load(words, active)) > 0; spins++) {
      if (spins > 1e5) Atomics.wait(words, active, left, 1);
    }
    if (Atomics.load(words, failed))
      throw new Error('a helper thread failed in a kernel; setThreads(1) does without them');
  }

  #hire(gemm: string): void {
    const { memory } = this.#memory;
    if (!memory) return;
    if (!this.#words) {
      this.#words = this.#block(WORDS * 4);
      new Int32Array(memory.buffer, this.#words, WORDS).fill(0);
    }
    while (this.#helpers < threads - 1) {
      const scratch = this.#block(this.#exports.scratchSize());
      const number = this.#helpers;
      const post: Post = { memory, module: this.#module, words: this.#words, starting: STARTING, scratch, number };
      const words = new Int32Array(memory.buffer, this.#words, WORDS);
      Atomics.add(words, STARTING, 1);
      if (isShared(memory) && spawn(serve, post, gemm)) this.#helpers++;
      else {
        Atomics.sub(words, STARTING, 1);
        threads = this.#helpers + 1; // none to be had: so many there are
      }
    }
  }

  #block(bytes: number): number {
    const at = this.#memory.alloc(bytes);
    if (at === null) throw new NoRoom();
    return at;
  }
}

/** A helper's life. It is sent to its thread as text, and uses nothing from outside. */
function serve({ memory, module, words: at, starting, scratch, number }: Post, openBlas: () => Gemm | null): void {
  const words = new Int32Array(memory.buffer, at, 8);
  const [generation, open, active, failed, job] = [0, 1, 2, 3, 4];
  let kernels: Exports;
  try {
    const imports = { env: { memory }, blas: { gemm: openBlas() ?? (() => undefined) } };
    kernels = new WebAssembly.Instance(module, imports).exports as unknown as Exports;
  } finally {
    Atomics.sub(words, starting, 1);
    Atomics.notify(words, starting);
  }
  for (let seen = 0; ;) {
    // For some microseconds the next job is likely, and waking up takes as long.
    for (let spins = 0; spins < 10_000 && Atomics.load(words, generation) === seen; spins++);
    Atomics.wait(words, generation, seen);
    seen = Atomics.load(words, generation);
    Atomics.add(words, active, 1);
    try {
      if (number < Atomics.load(words, open)) kernels.work(Atomics.load(words, job), scratch);
    } catch {
      Atomics.store(words, failed, 1);
    }
    if (Atomics.sub(words, active, 1) === 1) Atomics.notify(words, active);
  }
}

let threads = Math.min(MOST, hardwareThreads());

/** How many threads the kernels use. @since 28 */
export function getThreads(): number {
  return threads;
}

/**
 * How many threads the kernels may use, from 1 to 16; at first as many as the machine has. Results do not depend on it. Where threads cannot share
 * memory (a browser's page without cross-origin isolation, or its main thread) there is one.
 * @throws ValueError for another number.
 * @example
 * setThreads(1); // results are the same for any number; only the time differs
 * @since 28
 */
export function setThreads(n: number): void {
  if (!Number.isInteger(n) || n < 1 || n > MOST)
    throw new ValueError(`setThreads: a whole number from 1 to ${MOST}, not ${n}`);
  threads = n;
}
