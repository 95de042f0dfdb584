import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Gemm } from './blas';
import type { Post } from './threads';

/** Threads that this machine runs at a time; the environment variable `DEZERO_THREADS` overrides it. @since 28 */
export function hardwareThreads(): number {
  const wanted = Number(process.env.DEZERO_THREADS);
  return Number.isInteger(wanted) && wanted >= 1 ? wanted : availableParallelism();
}

const posts: Post[] = [];
const MOST_STARTING = 2000; // milliseconds

/**
 * Runs a function in a thread of its own that does not keep the program alive, with what opens the BLAS that the JavaScript `gemm` gives; false if there
 * is no thread to be had.
 * @since 28
 */
export function spawn(body: (post: Post, openBlas: () => Gemm | null) => void, post: Post, gemm: string): boolean {
  try {
    const source = `(${body.toString()})(require('node:worker_threads').workerData, () => ${gemm})`;
    const worker = new Worker(source, { eval: true, workerData: post, execArgv: [], stdin: false });
    worker.on('error', () => undefined); // who computes alone computes the same
    worker.unref();
    // A program that ends while a thread of its own loads a library crashes.
    if (posts.length === 0) process.once('exit', () => posts.forEach(waitForStart));
    posts.push(post);
    return true;
  } catch {
    return false;
  }
}

function waitForStart({ memory, words: at, starting }: Post): void {
  const words = new Int32Array(memory.buffer, at);
  const last = Date.now() + MOST_STARTING;
  for (let left; (left = Atomics.load(words, starting)) > 0 && Date.now() < last;) {
    Atomics.wait(words, starting, left, last - Date.now());
  }
}
