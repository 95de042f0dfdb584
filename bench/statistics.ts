/** The value below which a share of the values lies, between neighbours in a straight line; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(place)] ?? NaN, sorted[Math.ceil(place)] ?? NaN];
  return below + (above - below) * (place - Math.floor(place));
}

/** Half the values lie below. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The least of each three in turn; a last one or two count only where there are no three. */
export function bestOfThree(values: readonly number[]): number[] {
  const groups = Math.max(1, Math.floor(values.length / 3));
  return Array.from({ length: groups }, (_, i) => Math.min(...values.slice(3 * i, 3 * i + 3)));
}

/** How one series of times compares with another that was taken in the same rounds. */
export interface Ratio {
  /** Median of the ratios, round by round. */
  readonly median: number;
  /** Median of the ratios of the bests of three rounds. */
  readonly bestOfThree: number;
}

/** Ours over theirs. Where one of them sat out the later rounds, those in common count. */
export function ratio(ours: readonly number[], theirs: readonly number[]): Ratio {
  const rounds = Math.min(ours.length, theirs.length);
  const over = (a: readonly number[], b: readonly number[]) => median(a.map((value, i) => value / (b[i] ?? NaN)));
  const [a, b] = [ours.slice(0, rounds), theirs.slice(0, rounds)];
  return { median: over(a, b), bestOfThree: over(bestOfThree(a), bestOfThree(b)) };
}
