/** Sets a cut up as a project of its own: the package, the steps so far, their checkpoints. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import type { Sources } from './sources';
import { BIRTH } from './stepNumbers';

const SETTINGS = [
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'vitest.config.mts',
  'dezero/backends/tsconfig.json',
];

/** The files of steps and checkpoints that a reader has after `step`, by their path from the root; also what checkpoints share. */
export function filesUpTo(root: string, step: number): { steps: string[]; checkpoints: string[]; shared: string[] } {
  const numbered = (folder: string, pattern: RegExp, from: number) =>
    readdirSync(path.join(root, folder))
      .filter((file) => Number(pattern.exec(file)?.[1] ?? 99) <= step && Number(pattern.exec(file)?.[1]) >= from)
      .map((file) => `${folder}/${file}`)
      .sort();
  const shared = readdirSync(path.join(root, 'tests')).filter((file) => /^[^.]+\.ts$/.test(file));
  return {
    steps: numbered('steps', /^step(\d\d)\.ts$/, 1),
    checkpoints: numbered('tests', /^step(\d\d)\.test\.ts$/, BIRTH),
    shared: shared.map((file) => `tests/${file}`).sort(),
  };
}

/** Writes the project after `step` into an empty folder, its packages linked. */
export function stage(root: string, sources: Sources, step: number, folder: string): void {
  const put = (at: string) => {
    mkdirSync(path.dirname(path.join(folder, at)), { recursive: true });
    return path.join(folder, at);
  };
  for (const [at, text] of sources) writeFileSync(put(`dezero/${at}`), text);
  const { steps, checkpoints, shared } = filesUpTo(root, step);
  const settings = SETTINGS.filter((at) => existsSync(path.join(root, at)));
  for (const at of [...settings, ...steps, ...checkpoints, ...shared]) copyFileSync(path.join(root, at), put(at));
  for (const at of readdirSync(path.join(root, 'dezero'), { recursive: true, encoding: 'utf8' })) {
    const from = path.join(root, 'dezero', at);
    if (!/\.(ts|json)$/.test(at) && statSync(from).isFile()) copyFileSync(from, put(`dezero/${at}`));
  }
  symlinkSync(realpathSync(path.join(root, 'node_modules')), path.join(folder, 'node_modules'), 'junction');
}
