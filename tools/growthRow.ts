/** One line of growth: the package as it stood after a step, type-checked, run by its step, tested by the checkpoints so far. */
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cut } from './cut';
import { gainedBy } from './gained';
import type { Older } from './older';
import { runNode, runStep } from './running';
import { readAliases, readOlder, readSources, type Sources } from './sources';
import { filesUpTo, stage } from './stage';
import { BIRTH, nameOfStep } from './stepNumbers';
import { hashOf, Keys, Store } from './store';
import { Typechecker } from './typecheck';

/** What growth says of a step. */
export interface Row {
  readonly step: number;
  /** Lines that the package has more than after the step before, empty ones not counted. */
  readonly lines: number;
  /** Exports it has more. */
  readonly gained: readonly string[];
  /** False where steps/stepNN.ts is not yet written: then types alone are checked. */
  readonly exists: boolean;
  readonly seconds: number;
  /** What had to be run, and was not in the store. */
  readonly ran: readonly string[];
  /** What went wrong; nothing if all is well. */
  readonly problems: readonly string[];
}

const SETUP = 'tests/toBeAllClose.ts'; // what vitest.config.mts runs before each checkpoint
const MOST_ERRORS = 8;

/** Works the lines out. What several of them need is done once. */
export class Growth {
  private readonly sources: Sources;
  private readonly older: readonly Older[];
  private readonly aliases: ReadonlyMap<string, string>;
  private readonly cuts = new Map<number, Sources>();
  private readonly typechecker: Typechecker;
  private readonly keys: Keys;
  private readonly store: Store;

  constructor(private readonly root: string) {
    this.sources = readSources(root);
    this.older = readOlder(root);
    this.aliases = readAliases(root);
    this.typechecker = new Typechecker(root);
    this.keys = new Keys(root);
    this.store = new Store(root);
  }

  /** The package after a step; before step 28 there is none. */
  after(step: number): Sources {
    const known = this.cuts.get(step);
    if (known) return known;
    const made =
      step < BIRTH ? new Map<string, string>() : cut(this.sources, step, { older: this.older, aliases: this.aliases });
    this.cuts.set(step, made);
    return made;
  }

  async row(step: number): Promise<Row> {
    const began = performance.now();
    const sources = this.after(step);
    const before = this.after(step - 1);
    const { steps, checkpoints, shared } = filesUpTo(this.root, step);
    const exists = steps.includes(`steps/${nameOfStep(step)}.ts`);
    const files = [...steps, ...checkpoints, ...shared];
    const texts = [...files, 'tsconfig.json', 'package-lock.json'].map((at) => readFileSync(path.join(this.root, at), 'utf8')); // prettier-ignore
    const whole = `row${step}-${hashOf(process.version, ...[...sources].flat(), ...files, ...texts)}`;
    let problems: readonly string[] = [];
    let ran: readonly string[] = [];
    if (this.store.passed(whole) === null) {
      ({ problems, ran } = await this.check(step, sources, exists));
      if (problems.length === 0) this.store.pass(whole, { ran });
    }
    const seconds = (performance.now() - began) / 1000;
    return { step, lines: linesOf(sources) - linesOf(before), gained: gainedBy(sources, before).map(({ name }) => name), exists, seconds, ran, problems }; // prettier-ignore
  }

  private async check(step: number, sources: Sources, exists: boolean): Promise<Pick<Row, 'problems' | 'ran'>> {
    const { steps, checkpoints, shared } = filesUpTo(this.root, step);
    const { errors, program } = this.typechecker.check(sources, [...steps, ...checkpoints, ...shared]);
    if (errors.length > 0) return { problems: shortened(errors), ran: [] };
    const name = nameOfStep(step);
    const keys = this.keys.of(program, [...(exists ? [`steps/${name}.ts`] : []), ...checkpoints, SETUP]);
    const setup = keys.get(SETUP) ?? '';
    const stepKey = keys.get(`steps/${name}.ts`);
    const open = checkpoints.filter((at) => this.store.passed(checkpointKey(at, keys, setup)) === null);
    const isOpen = stepKey !== undefined && !this.store.find(name, stepKey) && this.store.passed(`${name}-${stepKey}`) === null; // prettier-ignore
    const ran = [...(isOpen ? [name] : []), ...open.map((at) => path.basename(at, '.ts'))];
    if (ran.length === 0) return { problems: [], ran };
    const folder = realpathSync(mkdtempSync(path.join(tmpdir(), `dezero-growth${step}-`)));
    const problems: string[] = [];
    try {
      stage(this.root, sources, step, folder);
      if (isOpen) {
        const { code, output, seconds } = await runStep(folder, name);
        if (code === 0) this.store.pass(`${name}-${stepKey}`, { seconds });
        else problems.push(`${name} does not run:\n${tail(output, folder)}`);
      }
      for (const [at, failure] of await runCheckpoints(folder, open)) {
        if (failure === null) this.store.pass(checkpointKey(at, keys, setup), {});
        else problems.push(`${at} is red:\n${tail(failure, folder)}`);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    }
    return { problems, ran };
  }
}

function checkpointKey(at: string, keys: ReadonlyMap<string, string>, setup: string): string {
  return `${path.basename(at, '.ts')}-${hashOf(keys.get(at) ?? '', setup)}`;
}

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly title: string; readonly failureMessages: readonly string[] }[];
  }[];
}

/** Runs checkpoints in a folder: each with what failed, null if it is green. */
async function runCheckpoints(folder: string, files: readonly string[]): Promise<Map<string, string | null>> {
  if (files.length === 0) return new Map();
  const vitest = path.join(folder, 'node_modules/vitest/vitest.mjs');
  const report = path.join(folder, 'report.json');
  const args = ['run', '--maxWorkers=1', '--cache=false', '--reporter=json', `--outputFile=${report}`, ...files];
  const { output } = await runNode(folder, [vitest, ...args], 60 + 60 * files.length);
  const { testResults } = existsSync(report)
    ? (JSON.parse(readFileSync(report, 'utf8')) as Report)
    : { testResults: [] };
  return new Map(
    files.map((at) => {
      const found = testResults.find(({ name }) => path.resolve(name) === path.join(folder, at));
      if (found?.status === 'passed' && found.assertionResults.length > 0) return [at, null];
      const failed = found?.assertionResults.filter(({ failureMessages }) => failureMessages.length > 0) ?? [];
      const said = failed.map(({ title, failureMessages }) => `${title}\n${failureMessages.join('\n')}`);
      return [at, [...said, found?.message ?? output].join('\n')];
    }),
  );
}

/** The end of what was printed, without the ways through packages, which say nothing to a reader. */
function tail(text: string, folder: string): string {
  const lines = text.replaceAll(`${folder}${path.sep}`, '').trimEnd().split('\n'); // prettier-ignore
  const telling = lines.filter((line) => !/^\s*at .*(node_modules|node:|<anonymous>)/.test(line));
  return telling.slice(-25).join('\n').replace(/^/gm, '    '); // prettier-ignore
}

function shortened(errors: readonly string[]): string[] {
  const more = errors.length - MOST_ERRORS;
  return [...errors.slice(0, MOST_ERRORS), ...(more > 0 ? [`and ${more} more`] : [])];
}

function linesOf(sources: Sources): number {
  return [...sources.values()].reduce((sum, text) => sum + text.split('\n').filter((line) => line.trim()).length, 0);
}

// A worker of growth.ts
if (require.main === module && process.send) {
  const growth = new Growth(path.dirname(__dirname));
  process.on('message', (step: number) => void growth.row(step).then((row) => process.send?.(row)));
  process.on('disconnect', () => process.exit());
}
