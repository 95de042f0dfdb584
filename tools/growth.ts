/**
 * Does the package grow step by step? For each step from 28 on: the package is cut as it stood after it, the cut is type-checked, the step
 * runs on it, and the checkpoints so far pass on it; so no step uses what has not been taught. What the store knows is not run again.
 * `npm run growth` tries all steps, `npm run growth -- 36` one, `npm run growth -- 36 --out folder` writes its cut to look at.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { Growth, type Row } from './growthRow';
import { share } from './share';
import { stage } from './stage';
import { addStep, BIRTH, LAST } from './stepNumbers';
import type { Sources } from './sources';

const WIDTH = 60; // of the names in a line

const heading = 'step   lines   seconds   result    exports gained';

/** A line of the table. */
export function format({ step, lines, gained, exists, seconds, problems }: Row): string {
  const result = problems.length > 0 ? 'RED' : exists ? 'ok' : 'types ok';
  let names = '';
  let shown = 0;
  while (shown < gained.length && names.length + (gained[shown]?.length ?? 0) < WIDTH) names += `${gained[shown++]} `;
  const more = gained.length - shown;
  const rest = [names.trim(), more > 0 ? `and ${more} more` : '', exists ? '' : '(step not yet written)'].filter(Boolean).join(' '); // prettier-ignore
  return `  ${step}  ${`+${lines}`.padStart(6)}  ${seconds.toFixed(1).padStart(8)}   ${result.padEnd(8)}  ${rest}`.trimEnd();
}

/** Works out the rows of some steps, several at once, and hands each on in order. */
async function grow(steps: readonly number[], take: (row: Row) => void): Promise<void> {
  const start = () => fork(path.join(__dirname, 'growthRow.ts'), { execArgv: ['--require', require.resolve('ts-node/register')] }); // prettier-ignore
  const workers = Array.from({ length: Math.min(2, availableParallelism(), steps.length) }, start);
  try {
    await share(steps, workers, (step, worker) => ask(worker, step), (_, row) => take(row)); // prettier-ignore
  } finally {
    for (const worker of workers) if (worker.connected) worker.disconnect();
  }
}

function ask(worker: ChildProcess, step: number): Promise<Row> {
  return new Promise((resolve, reject) => {
    const failed = () => reject(new Error(`the process that checks step ${step} has ended`));
    worker.once('exit', failed);
    worker.once('message', (row) => {
      worker.off('exit', failed);
      resolve(row as Row);
    });
    worker.send(step);
  });
}

/** Writes the project after a step into a folder, for a reader: formatted, and ready to run. */
async function write(root: string, step: number, folder: string): Promise<void> {
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new Error(`${folder} is not empty; name another folder`);
  const { format: pretty, resolveConfig } = await import('prettier');
  const config = await resolveConfig(path.join(root, 'dezero/index.ts'));
  const sources: Sources = new Growth(root).after(step);
  const formatted = new Map<string, string>();
  for (const [at, text] of sources) {
    formatted.set(at, at.endsWith('.generated.ts') ? text : await pretty(text, { ...config, parser: 'typescript' }));
  }
  stage(root, formatted, step, folder);
}

async function main(): Promise<void> {
  const command = new Command('growth')
    .description('Checks that each step needs nothing that a later one teaches.')
    .argument('[steps...]', `numbers of steps; all from ${BIRTH} to ${LAST} if none is given`, addStep)
    .option('--out <folder>', 'write the package as it stood after the step, to look at, and check nothing')
    .parse();
  const [given = []] = command.processedArgs as [number[]?];
  const { out } = command.opts<{ out?: string }>();
  const root = path.dirname(__dirname);
  const early = given.find((step) => step < BIRTH);
  if (early !== undefined) command.error(`growth: the package is born in step ${BIRTH}; step ${early} has none`);
  const [only, ...others] = given;
  if (out !== undefined) {
    if (only === undefined || others.length > 0)
      return command.error('growth: --out takes one step, as in 36 --out folder');
    await write(root, only, out).catch((error: Error) => command.error(`growth: ${error.message}`));
    return console.log(`the package after step ${only}: ${path.join(out, 'dezero')}`);
  }
  const began = performance.now();
  const all = Array.from({ length: LAST - BIRTH + 1 }, (_, i) => BIRTH + i);
  const red: Row[] = [];
  const missing: number[] = [];
  console.log(heading);
  await grow(given.length > 0 ? given : all, (row) => {
    console.log(format(row));
    if (row.problems.length > 0) red.push(row);
    if (!row.exists) missing.push(row.step);
  });
  const told = new Map<string, number>();
  for (const { step, problems } of red) {
    console.log(`\nafter step ${step}:`);
    for (const problem of problems) {
      const first = told.get(problem);
      const [head = ''] = problem.split(':\n', 1);
      console.log(`  ${first === undefined ? problem.replaceAll('\n', '\n  ') : `${head}, as after step ${first}`}`);
      told.set(problem, first ?? step);
    }
  }
  const unwritten = missing.length > 0 ? `; not yet written: ${missing.join(', ')}` : '';
  console.log(`\n${red.length > 0 ? `${red.length} red` : 'all is well'}, ${((performance.now() - began) / 1000).toFixed(0)} s${unwritten}`); // prettier-ignore
  process.exitCode = red.length > 0 ? 1 : 0;
}

if (require.main === module) void main();
