/** Runs programs of the project, each in a group of processes of its own, which ends with it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface Run {
  /** 0 if all went well. */
  readonly code: number;
  /** What it printed, errors included. */
  readonly output: string;
  readonly seconds: number;
}

const running = new Set<ChildProcess>();

function end({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // it has ended by itself
  }
}

process.once('exit', () => running.forEach(end));

/** Runs node with these arguments in a folder; after `limit` seconds it is stopped. `more` joins the environment. */
export function runNode(
  folder: string,
  args: readonly string[],
  limit: number,
  more: Readonly<Record<string, string>> = {},
): Promise<Run> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    // What it prints must not depend on who asks, nor on whether there is a BLAS, which rounds otherwise.
    const { NODE_OPTIONS: _options, FORCE_COLOR: _color, TS_NODE_PROJECT: _project, ...rest } = process.env;
    const env = { ...Object.fromEntries(Object.entries(rest).filter(([name]) => !name.startsWith('VITEST'))), NO_COLOR: '1', DEZERO_BLAS: 'off', ...more }; // prettier-ignore
    const child = spawn(process.execPath, args, {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    running.add(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      end(child);
    }, 1000 * limit);
    const done = () => {
      clearTimeout(timer);
      running.delete(child);
    };
    child.on('error', (error) => {
      done();
      reject(error);
    });
    child.on('close', (code) => {
      done();
      if (late) output += `\nstopped after ${limit} s\n`;
      resolve({ code: late ? 1 : (code ?? 1), output, seconds: (performance.now() - began) / 1000 });
    });
  });
}

/**
 * Runs a step as a reader does, `npx ts-node steps/stepNN.ts`, but with nothing in the cache and no network: what it prints is to hang on
 * the project alone.
 */
export async function runStep(folder: string, name: string, limit = 900): Promise<Run> {
  const file = path.join('steps', `${name}.ts`);
  const cache = mkdtempSync(path.join(tmpdir(), 'dezero-cache-'));
  const alone = { DEZERO_CACHE: cache, DEZERO_MIRROR: 'http://127.0.0.1:9' };
  try {
    return await runNode(folder, [require.resolve('ts-node/dist/bin.js'), file], limit, alone);
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
}
