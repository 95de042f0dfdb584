import type { Post } from './threads';

/** Threads that this machine runs at a time: one where a page does not let threads share memory, or where waiting is forbidden. @since 28 */
export function hardwareThreads(): number {
  const inWorker = typeof WorkerGlobalScope !== 'undefined' && globalThis instanceof WorkerGlobalScope;
  return inWorker && globalThis.crossOriginIsolated ? (navigator.hardwareConcurrency ?? 1) : 1;
}

declare const WorkerGlobalScope: (new () => unknown) | undefined;

/** Runs a function in a thread of its own; false if there is none to be had. @since 28 */
export function spawn(body: (post: Post, openBlas: () => null) => void, post: Post): boolean {
  try {
    const source = new Blob([`onmessage = ({ data }) => (${body.toString()})(data, () => null)`], {
      type: 'text/javascript',
    });
    new Worker(URL.createObjectURL(source)).postMessage(post);
    return true;
  } catch {
    return false;
  }
}
