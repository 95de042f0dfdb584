/** A child's side of `child.ts`. */
import { createInterface } from 'node:readline';
import { Unavailable } from '../compare';
import type { Answer, Request, Settings } from '../child';

/** Work made ready to be done again and again. */
export interface Task {
  call(): unknown;
  /** Waits until all that was called is done, and counts as part of it. */
  settle?(): unknown;
  /** Bytes that arrays use. */
  used?(): number;
  note?(): string;
  dispose?(): unknown;
}

/** Makes tasks ready, by name. */
export type Tasks = Readonly<Record<string, (settings: Settings) => Task | Promise<Task>>>;

/** Answers requests until there are no more. */
export async function serve(tasks: Tasks): Promise<void> {
  let [current, key]: [Task | null, string] = [null, ''];
  for await (const line of createInterface({ input: process.stdin })) {
    const { task, settings, calls } = JSON.parse(line) as Request;
    try {
      if (key !== JSON.stringify([task, settings])) {
        await current?.dispose?.();
        [current, key] = [null, ''];
        const prepare = tasks[task];
        if (!prepare) throw new Unavailable(`has no '${task}'`);
        current = await prepare(settings);
        key = JSON.stringify([task, settings]);
      }
      if (!current) continue;
      answer(await run(current, calls));
    } catch (error) {
      if (error instanceof Unavailable) answer({ missing: error.message });
      else answer({ error: error instanceof Error ? error.message : String(error) });
    }
  }
  process.exit();
}

async function run(task: Task, calls: number): Promise<Answer> {
  const began = performance.now();
  for (let i = 0; i < calls; i++) {
    const result = task.call();
    if (result instanceof Promise) await result;
  }
  await task.settle?.();
  return {
    milliseconds: performance.now() - began,
    resident: process.memoryUsage.rss(),
    ...(task.used && { used: task.used() }),
    ...(task.note && { note: task.note() }),
  };
}

function answer(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** A setting that must be a number. */
export function number(settings: Settings, name: string): number {
  const value = settings[name];
  if (typeof value !== 'number') throw new TypeError(`the setting '${name}' must be a number`);
  return value;
}
