/** Ways to do the same work, by name; the first is what the others are measured against. */
export interface Comparison {
  readonly title: string;
  readonly ways: Readonly<Record<string, () => unknown>>;
}

/** One way's median time, and the median of what it takes over the first way's in the same round. */
export interface Timing {
  readonly title: string;
  readonly way: string;
  readonly microseconds: number;
  readonly ratio: number;
}

const ROUNDS = 51;
const ROUND_MS = 10;
const WARM_UP_MS = 300;

/** Times the ways of a comparison in short turns, so that a slow moment of the machine meets them all. */
export function compare({ title, ways }: Comparison): Timing[] {
  // Warm together: who ran alone before the others came would keep code that is made for him only.
  for (let began = performance.now(); performance.now() - began < WARM_UP_MS;) for (const f of Object.values(ways)) f();
  const runs = Object.entries(ways).map(([way, f]) => ({ way, f, calls: callsPerRound(f), times: [] as number[] }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const { f, calls, times } of round % 2 ? runs : runs.toReversed()) times.push(timeOf(f, calls) / calls);
  }
  const base = runs[0]?.times ?? [];
  return runs.map(({ way, times }) => ({
    title,
    way,
    microseconds: median(times) * 1000,
    ratio: median(times.map((time, round) => time / (base[round] ?? NaN))),
  }));
}

/** As many calls as fill a round, found by doubling until the compiler has had its time. */
function callsPerRound(f: () => unknown): number {
  let [calls, milliseconds] = [1, timeOf(f, 1)];
  for (let spent = milliseconds; spent < WARM_UP_MS; spent += milliseconds) {
    if (milliseconds < ROUND_MS) calls *= 2;
    milliseconds = timeOf(f, calls);
  }
  return calls;
}

function timeOf(f: () => unknown, calls: number): number {
  const began = performance.now();
  for (let i = 0; i < calls; i++) f();
  return performance.now() - began;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
