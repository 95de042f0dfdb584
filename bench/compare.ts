import { median, quantile, ratio, type Ratio } from './statistics';

/** One way to do a piece of work. */
export interface Way {
  readonly name: string;
  /** Milliseconds that so many calls took, one after the other. @throws Unavailable, TooSlow. */
  time(calls: number): Promise<number>;
}

/** A way that is not to be had here; the message says what to do about it. */
export class Unavailable extends Error {}

/** A call that was stopped: it takes longer than this. */
export class TooSlow extends Error {
  constructor(readonly milliseconds: number) {
    super(`stopped after ${milliseconds / 1000} s`);
  }
}

/** What a call amounts to: multiplications and additions, or bytes read and written. */
export interface Work {
  readonly amount: number;
  readonly kind: 'operations' | 'bytes';
}

/** A way that does nothing but reach a limit of the machine. */
export interface Limit {
  readonly way: Way;
  /** Of one call, counted as in `Work`. */
  readonly amount: number;
}

/** How long and how often to measure. */
export interface Pace {
  readonly rounds: number;
  /** A way's turn is filled with calls up to this. */
  readonly roundMs: number;
  readonly warmUpMs: number;
  /** Of one way in one comparison: what takes longer sits out the later rounds. */
  readonly budgetMs: number;
  /** Between two turns, so that the threads of the last one have gone to sleep. */
  readonly restMs: number;
}

/** Ways to do the same work. */
export interface Comparison {
  readonly title: string;
  readonly ways: readonly Way[];
  /** Which of the ways are ours: each of the others is measured against them. */
  readonly ours: readonly string[];
  readonly work?: Work;
  /** What bounds a way, by its name. They are measured in the same rounds. */
  readonly limits?: Readonly<Record<string, Limit>>;
  readonly pace?: Partial<Pace>;
}

/** What one way took. */
export interface Figure {
  readonly title: string;
  readonly way: string;
  readonly unit: 'µs' | 'bytes';
  readonly median: number;
  readonly quartiles: readonly [number, number];
  readonly best: number;
  readonly rounds: number;
  /** True if it was stopped: it takes more than the median says. */
  readonly atLeast?: boolean;
  /** Ours over this one, by the name of ours. */
  readonly ratios: Readonly<Record<string, Ratio>>;
  /** Thousand millions of operations or bytes a second. */
  readonly rate?: number;
  /** Of the machine's limit, from 0 to 1. */
  readonly share?: number;
  readonly note?: string;
}

/** A way of which there is no figure, and why. */
export interface Absence {
  readonly title: string;
  readonly way: string;
  readonly note: string;
}

export type Result = Figure | Absence;

interface Runner {
  readonly way: Way;
  calls: number;
  /** Milliseconds, of all turns and of the last. */
  spent: number;
  last: number;
  /** Milliseconds a call, round by round; a way that sits out has fewer. */
  readonly times: number[];
  stopped: string | null;
  atLeast: boolean;
}

/** Times the ways in short turns, so that a slow moment of the machine meets them all. A way that cannot be had is reported, and missed. */
export async function compare(comparison: Comparison, usual: Pace): Promise<Result[]> {
  const pace = { ...usual, ...comparison.pace };
  const limits = [...new Set(Object.values(comparison.limits ?? {}).map(({ way }) => way))];
  const runners = [...comparison.ways, ...limits].map((way): Runner => ({
    way,
    calls: 1,
    spent: 0,
    last: 0,
    times: [],
    stopped: null,
    atLeast: false,
  }));
  // Warm together: who ran alone before the others came would keep code that is made for him only.
  for (let began = performance.now(), pass = 0; pass === 0 || performance.now() - began < pace.warmUpMs; pass++) {
    for (const runner of runners) await turn(runner, pace, 'warm-up');
  }
  for (const runner of runners) await fillRound(runner, pace);
  for (let round = 0; round < pace.rounds; round++) {
    for (const runner of round % 2 ? runners : runners.toReversed()) await turn(runner, pace, 'round');
  }
  return runners.map((runner) => outcome(runner, comparison, runners));
}

/** What a way's times come to, next to the others'. */
function outcome({ way, times, stopped, atLeast }: Runner, comparison: Comparison, all: readonly Runner[]): Result {
  const { title, ours, limits = {}, work } = comparison;
  if (times.length === 0) return { title, way: way.name, note: stopped ?? 'not measured' };
  const others = all.filter(
    (other) => ours.includes(other.way.name) && other.way !== way && other.times.length > 0 && !other.atLeast,
  );
  const limit = limits[way.name];
  const bound = all.find((other) => other.way === limit?.way && !other.atLeast)?.times ?? [];
  const asLimit = Object.values(limits).find((one) => one.way === way);
  const amount = asLimit ? asLimit.amount : work?.amount;
  return {
    title,
    way: way.name,
    unit: 'µs',
    median: 1000 * median(times),
    quartiles: [1000 * quantile(times, 0.25), 1000 * quantile(times, 0.75)],
    best: 1000 * Math.min(...times),
    rounds: times.length,
    ratios: asLimit ? {} : Object.fromEntries(others.map((other) => [other.way.name, ratio(other.times, times)])),
    ...(atLeast && { atLeast }),
    ...(amount !== undefined && !atLeast && { rate: amount / median(times) / 1e6 }),
    // The amounts a millisecond, both in the same rounds.
    ...(limit &&
      work &&
      bound.length > 0 &&
      !atLeast && { share: ratio(bound, times).median * (work.amount / limit.amount) }),
    ...(stopped && { note: stopped }),
  };
}

/** As many calls as fill a round, found by doubling until the compiler has had its time. */
async function fillRound(runner: Runner, pace: Pace): Promise<void> {
  if (runner.spent >= pace.warmUpMs && runner.last >= pace.roundMs) return;
  for (let spent = 0; !runner.stopped && spent < pace.warmUpMs;) {
    const milliseconds = await turn(runner, pace, 'warm-up');
    if (milliseconds === null) return;
    spent += milliseconds;
    if (milliseconds < pace.roundMs) runner.calls *= 2;
    else if (milliseconds > 2 * pace.roundMs) runner.calls = Math.max(1, Math.floor(runner.calls / 2));
  }
}

/** One turn of a way; null if it has none. */
async function turn(runner: Runner, pace: Pace, kind: 'warm-up' | 'round'): Promise<number | null> {
  const { way, times, calls } = runner;
  if (runner.stopped || (runner.spent > pace.budgetMs && (kind === 'warm-up' || times.length > 0))) return null;
  try {
    if (pace.restMs > 0) await new Promise((resolve) => setTimeout(resolve, pace.restMs));
    const milliseconds = await way.time(calls);
    runner.spent += milliseconds;
    runner.last = milliseconds;
    // What takes longer than all its time is not asked again.
    if (kind === 'round' || runner.spent > pace.budgetMs) times.push(milliseconds / calls);
    return milliseconds;
  } catch (error) {
    if (!(error instanceof Unavailable) && !(error instanceof TooSlow)) throw error;
    runner.stopped = error.message;
    if (error instanceof TooSlow && times.length === 0) {
      runner.atLeast = true;
      times.push(error.milliseconds);
    }
    return null;
  }
}

/** A way that calls a function here; a call of it counts for `per` pieces of work. */
export function inProcess(name: string, f: () => unknown, per = 1): Way {
  return {
    name,
    time(calls) {
      const began = performance.now();
      for (let i = 0; i < calls; i++) f();
      return Promise.resolve((performance.now() - began) / per);
    },
  };
}
