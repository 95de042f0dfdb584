import { inspect } from 'node:util';
import { vi } from 'vitest';

/** Runs a step's `main` and returns the lines it prints, as the terminal would show them. */
export async function captured(main: () => void | Promise<void>): Promise<string[]> {
  const printed: string[] = [];
  const print = (...parts: unknown[]) => {
    printed.push(parts.map((part) => (typeof part === 'string' ? part : inspect(part))).join(' '));
  };
  const log = vi.spyOn(console, 'log').mockImplementation(print);
  const table = vi.spyOn(console, 'table').mockImplementation(print);
  try {
    await main();
  } finally {
    log.mockRestore();
    table.mockRestore();
  }
  return printed.flatMap((text) => text.split('\n'));
}
