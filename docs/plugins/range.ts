/** Parts of a text: `3..7`, `5`, `/from a line that fits/`, `/from/..+5`, `/from/../to/`, `/from/..`. */
import { Mistake } from './mistake';

const END = String.raw`(?:\d+|\/(?:\\.|[^/\\])+\/)`;
const RANGE = new RegExp(String.raw`^(${END})(?:(\.\.)(?:\+(\d+)|(${END}))?)?$`);

/** True if a word, which may hold blanks between its slashes, is a range. */
export function isRange(word: string): boolean {
  return RANGE.test(word);
}

/** First and last of some lines, counted from 0. */
export type Lines = readonly [first: number, last: number];

/** The lines of a text that a range names, their common indentation taken off. `widen` may ask for more of them. */
export function linesIn(text: string, range: string, widen: (lines: Lines) => Lines = (lines) => lines): string {
  const lines = text.trimEnd().split('\n');
  const [first, last] = widen(boundsOf(lines, range));
  return dedent(lines.slice(first, last + 1).join('\n'));
}

function boundsOf(lines: readonly string[], range: string): Lines {
  const found = RANGE.exec(range);
  if (!found) throw new Mistake(`${range} is no range: write 3..7, /words/, /words/..+5, /from/../to/ or /from/..`);
  const [, begin = '', dots, more, end] = found;
  const first = lineOf(lines, begin, 0);
  const last = !dots ? first : more ? first + Number(more) : end ? lineOf(lines, end, first) : lines.length - 1;
  if (last >= lines.length) throw new Mistake(`${range} reaches to line ${last + 1}, and there are ${lines.length}`);
  if (last < first) throw new Mistake(`${range} ends before it begins`);
  return [first, last];
}

function lineOf(lines: readonly string[], bound: string, from: number): number {
  if (!bound.startsWith('/')) {
    if (Number(bound) < 1 || Number(bound) > lines.length) {
      throw new Mistake(`there is no line ${bound}, but lines 1 to ${lines.length}`);
    }
    return Number(bound) - 1;
  }
  const pattern = patternOf(bound.slice(1, -1));
  const found = lines.findIndex((line, i) => i >= from && pattern.test(line));
  if (found < 0) throw new Mistake(`no line fits ${bound}${from > 0 ? ` from line ${from + 1} on` : ''}`);
  return found;
}

function patternOf(text: string): RegExp {
  try {
    return new RegExp(text, 'u');
  } catch {
    throw new Mistake(`/${text}/ is no regular expression: brackets and ? * + stand behind a backslash, \\(`);
  }
}

/** Takes the indentation off that all lines share. */
export function dedent(text: string): string {
  const lines = text.split('\n');
  const widths = lines.filter((line) => line.trim()).map((line) => line.length - line.trimStart().length);
  const least = Math.min(...widths, Number.MAX_SAFE_INTEGER);
  return lines.map((line) => line.slice(least)).join('\n').trimEnd(); // prettier-ignore
}
