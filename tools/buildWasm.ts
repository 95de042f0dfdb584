/**
 * Compiles the AssemblyScript kernels and embeds them in dezero/backends/cpu/kernels.generated.ts.
 * `npx ts-node tools/buildWasm.ts` writes it; with `--check` it only says whether the committed file is up to date.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.join(__dirname, '..');
const source = 'dezero/backends/cpu/assembly/index.ts';
const target = 'dezero/backends/cpu/kernels.generated.ts';
const options = [
  ...['-O3', '--noAssert', '--runtime', 'stub', '--use', 'abort='],
  ...['--importMemory', '--noExportMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
  ...['--enable', 'threads', '--enable', 'simd'],
];

function compile(features: readonly string[]): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'dezero-wasm-'));
  try {
    const file = path.join(folder, 'kernels.wasm');
    const asc = path.join(root, 'node_modules/assemblyscript/bin/asc.js');
    execFileSync(process.execPath, [asc, source, ...options, ...features, '-o', file], { cwd: root, stdio: 'inherit' });
    return readFileSync(file).toString('base64');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function generate(): string {
  return `// Made from assembly/ by tools/buildWasm.ts; do not edit.

/** The kernels as WebAssembly binaries, in base64: with SIMD, and with relaxed SIMD too. @since 28 */
export const binaries = {
  plain:
    '${compile([])}',
  relaxed:
    '${compile(['--enable', 'relaxed-simd'])}',
};
`;
}

function main(): void {
  const text = generate();
  const file = path.join(root, target);
  if (!process.argv.includes('--check')) {
    writeFileSync(file, text);
  } else if (!existsSync(file) || readFileSync(file, 'utf8').replaceAll('\r\n', '\n') !== text) {
    console.error(`${target} does not match ${path.dirname(source)}; run: npx ts-node tools/buildWasm.ts`);
    process.exitCode = 1;
  }
}

main();
