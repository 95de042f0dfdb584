/**
 * Builds the package that npm publishes: `npm run build` writes dist/, JavaScript with its types, and beside it the files
 * that the code reads as it runs (trained weights).
 */
import { spawnSync } from 'node:child_process';
import { cpSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';

const root = path.join(__dirname, '..');
const from = path.join(root, 'dezero');
const to = path.join(root, 'dist');

/** What is not compiled goes along as it is, but for settings and the sources of what is embedded. */
function isAsset(file: string): boolean {
  const name = path.basename(file);
  return statSync(file).isDirectory() ? name !== 'assembly' : !name.endsWith('.ts') && name !== 'tsconfig.json';
}

function main(): number {
  rmSync(to, { recursive: true, force: true });
  const tsc = require.resolve('typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) return status ?? 1;
  cpSync(from, to, { recursive: true, filter: isAsset });
  return 0;
}

process.exitCode = main();
