/** The page's side of the compiler's worker: one for all panels, started when it is first asked. */
import type { Answers, Question } from '../protocol';

export class Compiler {
  private worker: Worker | null = null;
  private readonly waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  private count = 0;

  constructor(private readonly base: string) {}

  /** @throws Error if the compiler cannot be fetched. */
  ask<Q extends Question>(question: Q): Promise<Answers[Q['kind']]> {
    const worker = (this.worker ??= this.start());
    const id = this.count++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      worker.postMessage({ id, question });
    });
  }

  private start(): Worker {
    const worker = new Worker(`${this.base}compiler.js`);
    worker.onmessage = ({ data }: MessageEvent<{ id: number; value: never; error?: string }>) => {
      const { resolve, reject } = this.waiting.get(data.id) ?? {};
      this.waiting.delete(data.id);
      if (data.error === undefined) resolve?.(data.value);
      else reject?.(new Error(data.error));
    };
    worker.onerror = () => {
      this.worker = null; // the next question starts another
      for (const { reject } of this.waiting.values())
        reject(new Error('the compiler cannot be fetched, or broke down'));
      this.waiting.clear();
    };
    return worker;
  }
}
