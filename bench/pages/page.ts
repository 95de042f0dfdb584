/** What a page of the benchmark offers to `browser.ts`: it keeps one task at a time. */
import type { Settings } from '../child';

/** Work made ready to be done again and again. */
export interface PageTask {
  /** Gives the device something to do. */
  call(): unknown;
  /** Waits until it is done. */
  settle(): Promise<unknown> | undefined;
}

/** Makes tasks ready, by name. */
export type PageTasks = Readonly<Record<string, (settings: Settings) => PageTask | Promise<PageTask>>>;

/** A page, as seen from outside. */
export interface Page {
  /** Opens the gpu; says what computes here. */
  open(): Promise<string>;
  prepare(task: string, settings: Settings): Promise<void>;
  /** Milliseconds that so many calls took together. */
  run(calls: number): Promise<number>;
}

/** Puts a page's tasks where `browser.ts` finds them. */
export function offer(open: () => Promise<string>, tasks: PageTasks): void {
  let current: PageTask | undefined;
  const page: Page = {
    open,
    async prepare(task, settings) {
      current = undefined;
      current = await tasks[task]?.(settings);
      if (!current) throw new Error(`has no '${task}'`);
    },
    async run(calls) {
      if (!current) throw new Error('nothing has been prepared');
      const began = performance.now();
      for (let i = 0; i < calls; i++) current.call();
      await current.settle();
      return performance.now() - began;
    },
  };
  Object.assign(globalThis, { page });
}
