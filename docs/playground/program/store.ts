/** The files that a program has written: they stay in memory, and the page shows them. */
import { show } from './page';

const files = new Map<string, Uint8Array>();
const normal = (name: string): string => name.replace(/^\.\//, '');

export function put(name: string, content: Uint8Array | string): void {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : Uint8Array.from(content);
  files.set(normal(name), bytes);
  show({ kind: 'file', name: normal(name), bytes });
}

export function take(name: string): Uint8Array | undefined {
  return files.get(normal(name));
}

export function drop(name: string): void {
  files.delete(normal(name));
}

/** The files below a folder, by their path from there. */
export function below(folder: string): string[] {
  const start = `${normal(folder)}/`;
  return [...files.keys()].filter((file) => file.startsWith(start)).map((file) => file.slice(start.length)).sort(); // prettier-ignore
}
