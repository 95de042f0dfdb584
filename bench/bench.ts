import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import type { Pace, Result } from './compare';
import { browser } from './browser';
import { expr } from './expr';
import { finetune } from './finetune';
import { memory } from './memory';
import { operations } from './operations';
import { overhead } from './overhead';
import { start } from './start';
import { Table } from './table';
import { training } from './training';
import { Children, type Family } from './ways';

/** Each family in a file of its own; a new one is an import and a line here. */
export const families: Readonly<Record<string, Family>> = {
  operations,
  training,
  overhead,
  start,
  expr,
  memory,
  finetune,
  browser,
};

const ONLY_BY_NAME: readonly string[] = ['finetune', 'browser']; // they take long, and need photos and weights, or a browser

/** What the command line says. */
export interface Options {
  readonly families: readonly string[];
  readonly json?: string;
  /** Part of a title; the others are left out. */
  readonly only: string;
  readonly peers: boolean;
  readonly quick: boolean;
  readonly device: 'cpu' | 'gpu';
  readonly rounds: number;
  readonly threads: number;
  readonly seconds: number;
  readonly limit: number;
  readonly python: string;
  readonly data?: string;
  readonly weights?: string;
}

function whole(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('A whole number from 1 on is needed.');
  return Number(text);
}

function device(text: string): string {
  if (text !== 'cpu' && text !== 'gpu') throw new InvalidArgumentError("'cpu' or 'gpu' is needed.");
  return text;
}

/** Reads the command line. @throws CommanderError if `exits` is false and it cannot be understood. */
export function parse(args: readonly string[], exits = true): Options {
  const program = new Command('npm run bench --')
    .description('Times ways to do the same work side by side, ours and others in turns. It compares; it decides nothing.')
    .argument('[family...]', `what to run: ${Object.keys(families).join(', ')}; default all but ${ONLY_BY_NAME.join(', ')}`)
    .option('--peers', 'also compare with numpy and PyTorch, where this machine has them', false)
    .option('--json <file>', 'also write the figures to a file')
    .option('--only <text>', 'only the comparisons whose title has this in it', '')
    .option('--device <name>', "'gpu': also measure ours on the gpu, if there is one", device, 'cpu')
    .option('--rounds <n>', 'how many rounds of turns; best by threes', whole, 9)
    .option('--threads <n>', 'how many threads everybody may use', whole, availableParallelism())
    .option('--seconds <n>', 'time for each way in each comparison; what is slower gets fewer rounds', whole, 60)
    .option('--limit <n>', 'seconds after which a single call is stopped', whole, 180)
    .option('--python <program>', 'the Python of the peers', process.platform === 'win32' ? 'python' : '/usr/bin/python3')
    .option('--data <file>', 'the archive of photos for finetune')
    .option('--weights <file>', 'the weights for finetune, .pth')
    .option('--quick', 'small sizes and few rounds: to see that it works', false); // prettier-ignore
  if (!exits) program.exitOverride().configureOutput({ writeErr: () => undefined });
  program.parse(args, { from: 'user' });
  const byDefault = Object.keys(families).filter((name) => !ONLY_BY_NAME.includes(name));
  const chosen = program.args.length > 0 ? program.args : byDefault;
  const unknown = chosen.find((name) => !Object.hasOwn(families, name));
  if (unknown !== undefined) program.error(`'${unknown}' is not one of ${Object.keys(families).join(', ')}`);
  return { ...program.opts<Omit<Options, 'families'>>(), families: chosen };
}

/** How long to measure. */
export function paceOf({ quick, rounds, seconds }: Options): Pace {
  return quick
    ? { rounds: Math.min(rounds, 3), roundMs: 5, warmUpMs: 20, budgetMs: 5000, restMs: 5 }
    : { rounds, roundMs: 100, warmUpMs: 300, budgetMs: seconds * 1000, restMs: 50 };
}

async function main(): Promise<void> {
  const options = parse(process.argv.slice(2));
  const machine = { node: process.version, cpu: cpus()[0]?.model.trim() ?? 'unknown', cores: availableParallelism() };
  console.log(`${machine.cpu}, ${machine.cores} cores, ${options.threads} threads each, Node ${machine.node}`);
  const children = new Children(options);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1)); // and with it the children
  const results: Result[] = [];
  const save = () => {
    if (options.json === undefined) return;
    const text = JSON.stringify({ machine, options, ways: children.described, results }, null, 2);
    writeFileSync(options.json, `${text}\n`);
  };
  for (const name of options.families) {
    const family = families[name];
    if (!family) continue;
    const table = new Table(family.ours(options));
    console.log(`\n${name}: ${family.about}\n${table.head()}`);
    for await (const some of family.run({ options, pace: paceOf(options), children })) {
      results.push(...some);
      console.log(table.rows(some));
      save(); // a long run that is stopped has not been for nothing
    }
    children.closeAll();
  }
  for (const [name, note] of Object.entries(children.described)) console.log(`${name}: ${note}`);
}

if (require.main === module) {
  void main().then(
    () => process.exit(),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
}
