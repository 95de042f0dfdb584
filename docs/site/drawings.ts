/** What ```` ```drawing name ```` draws: docs/drawings/name.ts, which exports a function `draw` that returns an SVG. */
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Book } from '../plugins/book';
import { Mistake } from '../plugins/mistake';

export type Draw = (book: Book) => string;

/** All drawings by name, each loaded when it is asked for. */
export function loadDrawings(root: string): Readonly<Record<string, Draw>> {
  const folder = path.join(root, 'docs/drawings');
  const load = createRequire(__filename); // at run time, so that a new file is found without being listed
  const names = readdirSync(folder).flatMap((file) => (file.endsWith('.ts') ? [path.basename(file, '.ts')] : []));
  const draw = (name: string, book: Book) => {
    const file = load(path.join(folder, `${name}.ts`)) as { readonly draw?: Draw };
    if (!file.draw) throw new Mistake(`docs/drawings/${name}.ts exports no function draw`);
    try {
      return file.draw(book);
    } catch (error) {
      throw new Mistake(`docs/drawings/${name}.ts: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  return Object.fromEntries(names.map((name) => [name, (book: Book) => draw(name, book)]));
}
