/** Reads the package's texts, and what stands beside them for the cut. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import type { Older } from './older';

/** Texts of files by their path from `dezero/`, with `/` on every system. */
export type Sources = ReadonlyMap<string, string>;

/** The package's texts in `root/dezero`. */
export function readSources(root: string): Sources {
  return readTexts(path.join(root, 'dezero'), (at) => !at.startsWith('backends/cpu/assembly/'));
}

/** The older bodies in `root/tools/older`: `until33/core/operators.ts` is for the steps before 33. */
export function readOlder(root: string): Older[] {
  return [...readTexts(path.join(root, 'tools/older'), () => true)].map(([at, text]) => {
    const [folder = '', ...rest] = at.split('/');
    return { until: Number(folder.replace('until', '')), path: rest.join('/'), text };
  });
}

/** What the names in tsconfig.json stand for that begin with `#`: paths from `dezero/`. */
export function readAliases(root: string): ReadonlyMap<string, string> {
  const { config } = ts.readConfigFile(path.join(root, 'tsconfig.json'), (at) => ts.sys.readFile(at)) as {
    config: { compilerOptions: { paths: Record<string, [string]> } };
  };
  const all = Object.entries(config.compilerOptions.paths).filter(([name]) => name.startsWith('#'));
  return new Map(all.map(([name, [target]]) => [name, target.replace('./dezero/', '')]));
}

function readTexts(folder: string, wanted: (at: string) => boolean): Map<string, string> {
  const all = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((at) => at.split(path.sep).join('/'));
  const files = all.filter((at) => at.endsWith('.ts') && wanted(at)).sort();
  return new Map(files.map((at) => [at, readFileSync(path.join(folder, at), 'utf8')]));
}
