import type { Figure, Result } from './compare';

/** Widths of the columns. */
const [TITLE, WAY, CELLS, RATIO] = [40, 9, [9, 19, 9, 7, 6], 15];

/** A figure of three digits. */
function three(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (value >= 100) return value.toFixed(0);
  return value.toPrecision(3);
}

/** A time or a size in the unit that suits it. */
export function format(value: number, unit: Figure['unit']): string {
  const units = unit === 'µs' ? ['µs', 'ms', 's'] : ['B', 'KiB', 'MiB', 'GiB'];
  const step = unit === 'µs' ? 1000 : 1024;
  let at = 0;
  for (; Math.abs(value) >= step && at < units.length - 1; at++) value /= step;
  return `${three(value)} ${units[at]}`;
}

/** The table, line by line: it is printed as the figures come. */
export class Table {
  /** `ours`: the ways that the others are measured against; each has a column. */
  constructor(private readonly ours: readonly string[]) {}

  head(): string {
    const ratios = this.ours.map((name) => `${name}/it`);
    return this.line('', '', ['median', 'quartiles', 'best', 'G/s', 'limit', ...ratios]);
  }

  /** The results of one comparison; its title is printed once. */
  rows(results: readonly Result[]): string {
    let before = '';
    const lines = results.map((result) => {
      const title = result.title === before ? '' : result.title;
      before = result.title;
      return this.row(title, result);
    });
    return lines.join('\n');
  }

  private row(title: string, result: Result): string {
    if (!('median' in result)) return this.line(title, result.way, [], result.note);
    const { way, unit, median, quartiles, best, rounds, ratios, rate, share, atLeast = false, note = '' } = result;
    const cells = [
      (atLeast ? '> ' : '') + format(median, unit),
      ...(rounds === 1 ? ['', ''] : [quartiles.map((value) => format(value, unit)).join(' – '), format(best, unit)]),
      rate === undefined ? '' : three(rate),
      share === undefined ? '' : `${(100 * share).toFixed(0)} %`,
      ...this.ours.map((name) => {
        const of = ratios[name];
        return of ? `${atLeast ? '< ' : ''}${three(of.median)} (${three(of.bestOfThree)})` : '';
      }),
    ];
    return this.line(title, way, cells, note);
  }

  private line(title: string, way: string, cells: readonly string[], note = ''): string {
    const columns = cells.map((cell, i) => cell.padStart(CELLS[i] ?? RATIO));
    return [title.padEnd(TITLE), way.padEnd(WAY), ...columns, note].join(' ').trimEnd();
  }
}
