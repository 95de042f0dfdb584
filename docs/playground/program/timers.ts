/** Knows which timers still run: a program has ended when nothing of it is left to happen. */

const running = new Set<number>();
const { setTimeout: later, clearTimeout: never } = globalThis; // the worker's own
let whenIdle: (() => void) | null = null;

function ended(id: number): void {
  running.delete(id);
  if (running.size === 0) later(() => running.size === 0 && whenIdle?.(), 0);
}

/** Puts watched timers in the place of the worker's own. */
export function watchTimers(): void {
  const scope = globalThis as unknown as Record<string, unknown>;
  const watch = (make: typeof setTimeout, once: boolean) => (f: (...values: unknown[]) => void, delay?: number, ...values: unknown[]) => {
    const id = make(() => {
      try {
        f(...values);
      } finally {
        if (once) ended(id);
      }
    }, delay) as unknown as number;
    running.add(id);
    return id;
  }; // prettier-ignore
  const clear = (id?: number) => {
    never(id); // ends intervals too
    ended(id ?? 0);
  };
  const { setTimeout, setInterval } = globalThis;
  Object.assign(scope, { setTimeout: watch(setTimeout, true), setInterval: watch(setInterval as typeof setTimeout, false), clearTimeout: clear, clearInterval: clear }); // prettier-ignore
}

/** Resolves once no timer runs. */
export function idle(): Promise<void> {
  return running.size === 0 ? Promise.resolve() : new Promise((resolve) => (whenIdle = resolve));
}
