/**
 * Are the checkpoints awake? Breaks the code on purpose, one break of tools/mutations/ at a time, always in a copy, and asserts that the
 * checkpoint of the step that teaches it goes red and names the concept. `npm run mutate` tries all, `npm run mutate -- 14 31` those of two steps.
 * A break that never ends is stopped and counts as missed: a learner would wait without a word. Choose one that ends.
 */
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { Copy, type Failure } from './checkpoints';
import type { Mutation } from './mutation';
import { share } from './share';
import { addStep, nameOfStep, stepsIn } from './stepNumbers';

/** A break, and the step whose checkpoint has to notice, like `step14`. */
export interface Break extends Mutation {
  readonly step: string;
}

/** What became of a break: `says` is the verdict in words. */
export interface Verdict {
  readonly caught: boolean;
  readonly says: string;
}

/** What is tried. */
export interface Plan {
  /** The project's folder; it is only read. */
  readonly root: string;
  /** Like `step14`; all if none is named. */
  readonly only: readonly string[];
  /** How many breaks there must be in all. */
  readonly least: number;
  /** How much longer a checkpoint may take with a break than three times what it takes without. */
  readonly seconds: number;
}

/** Where a checkpoint can be run without harm to the project. */
export type Workplace = Pick<Copy, 'read' | 'run' | 'dispose'>;

const MOST_COPIES = 8; // each is a vitest and a worker of it
const LONGEST = 600; // seconds for a checkpoint with nothing broken, also on a busy machine

/** Reads the table: each tools/mutations/stepNN.ts exports its breaks under the step's name. */
export function readBreaks(folder: string, only: readonly string[] = []): Break[] {
  const load = createRequire(__filename); // import() would not go through ts-node
  const breaks: Break[] = [];
  for (const step of stepsIn(folder).map(nameOfStep)) {
    if (only.length > 0 && !only.includes(step)) continue;
    const exported = load(path.join(folder, `${step}.ts`)) as Record<string, readonly Mutation[] | undefined>;
    const mutations = exported[step];
    if (!mutations) throw new Error(`tools/mutations/${step}.ts must export const ${step}: Mutation[]`);
    breaks.push(...mutations.map((mutation) => ({ ...mutation, step })));
  }
  return breaks;
}

/** Makes one break, runs the checkpoint for so many seconds at most, and judges what it says. */
export async function judge(broken: Break, copy: Pick<Workplace, 'read' | 'run'>, seconds: number): Promise<Verdict> {
  const { step, concept, file, find, replace } = broken;
  const missed = (says: string): Verdict => ({ caught: false, says });
  if (concept.trim() === '') return missed('names no concept');
  if (find === replace) return missed('changes nothing');
  const text = copy.read(file);
  if (text === null) return missed(`there is no file ${file}`);
  const [before, after, ...more] = text.split(find);
  if (before === undefined || after === undefined || more.length > 0) {
    return missed(`find text not found exactly once in ${file}`);
  }
  const failures = await copy.run(step, seconds, { file, text: before + replace + after });
  if (failures === null) return missed('DID NOT END');
  if (failures.length === 0) return missed('STAYED GREEN');
  const said = failures.flatMap(({ test, messages }) => [test, ...messages]);
  const named = said.some((one) => one.toLowerCase().includes(concept.toLowerCase()));
  return named ? { caught: true, says: 'caught' } : missed(`red without naming the concept: ${quoted(failures)}`);
}

/** The first failure in one line. */
function quoted([first]: readonly Failure[]): string {
  return [first?.test, first?.messages[0]?.split('\n')[0]].filter(Boolean).join(' | ');
}

/** Tries the plan on copies; prints a line a break and a summary. True if all is as it should be. */
export async function mutate(
  { root, only, least, seconds }: Plan,
  print: (line: string) => void,
  copyOf: (root: string) => Workplace = Copy.of,
): Promise<boolean> {
  const start = performance.now();
  const steps = stepsIn(path.join(root, 'steps')).map(nameOfStep);
  const unknown = only.filter((step) => !steps.includes(step));
  if (unknown.length > 0) throw new Error(`there is no ${unknown.map((step) => `steps/${step}.ts`).join(' and no ')}`);
  const breaks = readBreaks(path.join(root, 'tools/mutations'), only);
  const wrong = problems(steps, breaks, only, least);
  const broken = [...new Set(breaks.map(({ step }) => step))];

  const copies: Workplace[] = [];
  const tidy = () => copies.splice(0).forEach((copy) => copy.dispose());
  const interrupted = () => {
    tidy();
    process.exit(130);
  };
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  let missed = 0;
  try {
    const wanted = Math.min(availableParallelism(), MOST_COPIES, breaks.length);
    while (copies.length < wanted) copies.push(copyOf(root));

    const ill = new Map<string, string>(); // step → what its checkpoint says with nothing broken
    const took = new Map<string, number>(); // step → seconds
    const whole = async (step: string, copy: Workplace) => {
      if (copy.read(`tests/${step}.test.ts`) === null) return `there is no tests/${step}.test.ts`;
      const begin = performance.now();
      const failures = await copy.run(step, LONGEST);
      took.set(step, (performance.now() - begin) / 1000);
      return failures === null ? 'it did not end' : failures.length === 0 ? null : quoted(failures);
    };
    await share(broken, copies, whole, (step, says) => {
      if (says === null) return;
      ill.set(step, says);
      print(`${step}  WITH NOTHING BROKEN: ${says}`);
    });

    const width = Math.max(...breaks.map(({ concept }) => concept.length));
    const healthy = breaks.filter(({ step }) => !ill.has(step));
    missed = breaks.length - healthy.length;
    const tried = (one: Break, copy: Workplace) => judge(one, copy, seconds + 3 * (took.get(one.step) ?? 0));
    await share(healthy, copies, tried, ({ step, concept }, { caught, says }) => {
      if (!caught) missed++;
      print(`${step}  ${concept.padEnd(width)}  ${says}`);
    });
  } finally {
    tidy();
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
  }
  for (const line of wrong) print(line);
  const took = ((performance.now() - start) / 1000).toFixed(0);
  print(`${breaks.length - missed} of ${breaks.length} breaks caught, in ${broken.length} steps, ~${took} s`);
  return missed === 0 && wrong.length === 0;
}

/** What is wrong with the table itself. */
function problems(
  steps: readonly string[],
  breaks: readonly Break[],
  only: readonly string[],
  least: number,
): string[] {
  const asked = only.length > 0 ? only : steps;
  const bare = asked.filter((step) => !breaks.some((one) => one.step === step));
  const stray = breaks
    .map(({ step }) => step)
    .filter((step, i, all) => !steps.includes(step) && all.indexOf(step) === i);
  return [
    ...bare.map((step) => `${step}  has no break in tools/mutations/${step}.ts`),
    ...stray.map((step) => `${step}  has breaks, but there is no steps/${step}.ts`),
    ...(only.length === 0 && breaks.length < least ? [`there are ${breaks.length} breaks, not ${least}`] : []),
  ];
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Not a whole number.');
  return Number(text);
}

async function main(): Promise<void> {
  const command = new Command('mutate')
    .description("Breaks the code on purpose, one break at a time, and asserts that the step's checkpoint names it.")
    .argument('[steps...]', 'numbers of the steps to try; all if none is given', addStep)
    .option('--least <breaks>', 'how many breaks there must be in all', wholeNumber, 60)
    .option(
      '--seconds <n>',
      'how much longer a checkpoint may take with a break than three times without',
      wholeNumber,
      30,
    )
    .parse();
  const options = command.opts<{ least: number; seconds: number }>();
  const [given = []] = command.processedArgs as [number[]?];
  const only = given.map(nameOfStep);
  const root = path.join(__dirname, '..');
  try {
    if (!(await mutate({ root, only, ...options }, console.log))) process.exitCode = 1;
  } catch (error) {
    command.error(`mutate: ${error instanceof Error ? error.message : String(error)}`);
  }
}

if (require.main === module) void main();
