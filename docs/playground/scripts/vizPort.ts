/** The library thinks that it has a worker for itself: these take the place of the worker's own functions (docs/playground/bundle.ts). */

interface Answer {
  readonly id: number;
  readonly result?: string;
  readonly error?: { readonly message: string };
}

const waiting = new Map<number, (answer: Answer) => void>();

/** Says who waits for an answer. */
export function hear(id: number, heard: (answer: Answer) => void): void {
  waiting.set(id, heard);
}

export function postMessage(answer: Answer): void {
  waiting.get(answer.id)?.(answer);
  waiting.delete(answer.id);
}

export function addEventListener(): void {
  // its messages come by a call
}
