import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { Unavailable, type Comparison, type Way } from './compare';
import { each, environment, type Bench, type Family } from './ways';

const root = path.join(__dirname, '..');

/** A program, from its start to its end. */
function command(name: string, [program = '', ...args]: readonly string[], threads: number, why: string): Way {
  return {
    name,
    time(calls) {
      const began = performance.now();
      for (let i = 0; i < calls; i++) {
        const { status, error } = spawnSync(program, args, { cwd: root, env: environment(name, threads), stdio: 'ignore' });
        if (error !== undefined || status !== 0) throw new Unavailable(why);
      }
      return Promise.resolve(performance.now() - began);
    }, // prettier-ignore
  };
}

function* comparisons({ options: { peers, python, threads } }: Bench): Generator<Comparison> {
  const node = (script: string, ...flags: string[]) => [process.execPath, ...flags, '-e', script];
  const way = (name: string, program: readonly string[], why = 'does not run') => command(name, program, threads, why);
  const npx = process.platform === 'win32' ? 'npx.cmd' : 'npx';
  const ours = ['dezero'];
  yield {
    title: 'npx ts-node steps/step01.ts',
    ways: [way('dezero', [npx, 'ts-node', 'steps/step01.ts']), way('node', node('0'))],
    ours,
  }; // prettier-ignore
  yield {
    title: 'load the package',
    ways: [
      way('dezero', node("require('./dezero')", '-r', 'ts-node/register')),
      way('mathjs', node("require('mathjs')")),
      way('tfjs', node("require('./bench/node_modules/@tensorflow/tfjs')"), 'not installed: npm ci --prefix bench'),
      ...(peers ? ['numpy', 'torch'].map((name) => way(name, [python, '-c', `import ${name}`], `needs python3-${name}`)) : []),
    ],
    ours,
  }; // prettier-ignore
}

/** How long a program takes to begin. */
export const start: Family = {
  about: 'a process from start to end; node: an empty program, without ts-node',
  ours: () => ['dezero'],
  run: (bench) => each(comparisons(bench), { ...bench, pace: { ...bench.pace, warmUpMs: 0 } }),
};
