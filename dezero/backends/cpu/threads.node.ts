import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Gemm } from './blas';
import type { Post } from './threads';

/** Threads that this machine runs at a time; the environment variable `DEZERO_THREADS` overrides it. @since 28 */
export function hardwareThreads(): number {
  const wanted = Number(process.env.DEZERO_THREADS);
  return Number.isInteger(wanted) && wanted >= 1 ? wanted : availableParallelism();
}

/**
 * Runs a function in a thread of its own that does not keep the program alive, with what the JavaScript `gemm` gives; false if there is none to be had.
 * @since 28
 */
export function spawn(body: (post: Post, gemm: Gemm | null) => void, post: Post, gemm: string): boolean {
  try {
    const source = `(${body.toString()})(require('node:worker_threads').workerData, ${gemm})`;
    const worker = new Worker(source, { eval: true, workerData: post, execArgv: [], stdin: false });
    worker.on('error', () => undefined); // who computes alone computes the same
    worker.unref();
    return true;
  } catch {
    return false;
  }
}
