/**
 * Runs each step once and keeps what it prints and draws, for the pages and the checks. `npm run steps` runs those that have changed
 * since, `npm run steps -- 7 12` two of them, `npm run steps -- --again` also those that have not.
 */
import { readdirSync, existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { runStep } from './running';
import { addStep, nameOfStep, stepsIn } from './stepNumbers';
import { Keys, Store, type Stored } from './store';

/** Which steps to run, and where. */
export interface Plan {
  readonly root: string;
  /** All when empty. */
  readonly only: readonly number[];
  /** Run also what is in the store. */
  readonly again: boolean;
}

/** Runs what has to run, a line a step. True if all went well. */
export async function runSteps(
  { root, only, again }: Plan,
  log: (line: string) => void = console.log,
): Promise<boolean> {
  const steps = stepsIn(path.join(root, 'steps')).filter((step) => only.length === 0 || only.includes(step));
  for (const step of only.filter((one) => !steps.includes(one))) log(`${nameOfStep(step)}  there is no such step`);
  const keys = new Keys(root).all();
  const store = new Store(root);
  let well = only.every((step) => steps.includes(step));
  let total = 0;
  // One after the other: steps that measure would disturb each other.
  for (const step of steps) {
    const name = nameOfStep(step);
    const key = keys.get(name) ?? '';
    const known = again ? null : store.find(name, key);
    if (known) {
      log(line(name, known, 'in the store'));
      continue;
    }
    const drawn = path.join(root, 'out', name);
    rmSync(drawn, { recursive: true, force: true });
    const { code, output, seconds } = await runStep(root, name);
    total += seconds;
    if (code === 0) store.keep(name, key, { output, seconds }, drawn);
    else well = false;
    const pictures = existsSync(drawn) ? readdirSync(drawn) : [];
    log(line(name, { output, pictures, seconds }, code === 0 ? '' : 'FAILED'));
    if (code !== 0) log(output.trimEnd().replace(/^/gm, '    '));
  }
  log(`${steps.length} steps, ${total.toFixed(0)} s${well ? '' : ', not all went well'}`);
  return well;
}

function line(name: string, { output, pictures, seconds }: Stored, says: string): string {
  const lines = String(output.trimEnd().split('\n').length).padStart(4);
  const drawn = pictures.length === 0 ? '' : `${pictures.length} picture${pictures.length === 1 ? '' : 's'}`;
  return `${name}  ${seconds.toFixed(1).padStart(6)} s  ${lines} lines  ${drawn.padEnd(11)}  ${says}`.trimEnd();
}

async function main(): Promise<void> {
  const command = new Command('steps')
    .description('Runs each step once and keeps what it prints and draws.')
    .argument('[steps...]', 'numbers of steps; all if none is given', addStep)
    .option('--again', 'run also what is in the store', false)
    .parse();
  const [only = []] = command.processedArgs as [number[]?];
  const well = await runSteps({ root: path.dirname(__dirname), only, ...command.opts<{ again: boolean }>() });
  process.exitCode = well ? 0 : 1;
}

if (require.main === module) void main();
