/** Compares what a program prints here and there. */

const NUMBER = /[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?/gi;
const MEASURED = / *~\s*(?:\?|[-+]?[\d.]+(?:e[-+]?\d+)?)(?=\W|$)/g;
const CLOSE = 1e-12; // so many digits agree
const MARGIN = 4; // times as far as the last bit takes a number

/**
 * The first lines that differ, or null. Numbers are alike to 12 digits; a measurement, with a `~` before it, is like every other, and like a `?`. `nudged` is
 * what the program prints where each function of Math is off by its last bit, as it is from engine to engine: digits that change with that
 * say nothing.
 */
export function firstDifference(
  found: readonly string[],
  expected: readonly string[],
  nudged: readonly (readonly string[])[] = [],
): string | null {
  for (let i = 0; i < Math.max(found.length, expected.length); i++) {
    const [a, b] = [found[i], expected[i]];
    const others = nudged.map((lines) => lines[i] ?? '');
    if (a !== undefined && b !== undefined && isAlike(a, b, others)) continue;
    return `line ${i + 1}\n  here:       ${a ?? '(nothing)'}\n  under Node: ${b ?? '(nothing)'}`;
  }
  return null;
}

export function isAlike(a: string, b: string, nudged: readonly string[] = []): boolean {
  if (a === b) return true;
  if (shapeOf(a) !== shapeOf(b)) return false;
  const expected = numbersIn(b);
  const others = nudged.filter((line) => shapeOf(line) === shapeOf(b)).map(numbersIn);
  return numbersIn(a).every((x, i) => {
    const y = expected[i] ?? NaN;
    const size = Math.max(Math.abs(x), Math.abs(y));
    const spread = Math.max(0, ...others.map((numbers) => Math.abs((numbers[i] ?? NaN) - y)));
    return x === y || Math.abs(x - y) <= Math.max(CLOSE * size, MARGIN * spread);
  });
}

const plain = (line: string): string => line.replace(MEASURED, ' ~');
const shapeOf = (line: string): string => plain(line).replace(NUMBER, '#');
const numbersIn = (line: string): number[] => (plain(line).match(NUMBER) ?? []).map(Number);
