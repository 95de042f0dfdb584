import type { Figure, Result } from './compare';

const WIDTHS = { title: 38, way: 13, number: 10, quartiles: 15, small: 8, ratio: 15 };

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
    const ratios = this.ours.map((name) => `${name}/it (of 3)`.padStart(WIDTHS.ratio + 2)).join('');
    return [
      ' '.repeat(WIDTHS.title + WIDTHS.way),
      'median'.padStart(WIDTHS.number),
      'quartiles'.padStart(WIDTHS.quartiles + 4),
      'best'.padStart(WIDTHS.number),
      'G/s'.padStart(WIDTHS.small),
      'limit'.padStart(WIDTHS.small),
      ratios,
    ].join('');
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
    const head = title.padEnd(WIDTHS.title) + result.way.padEnd(WIDTHS.way);
    if (!('median' in result)) return `${head}  ${result.note}`;
    const { unit, median, quartiles, best, ratios, rate, share, atLeast = false, note } = result;
    const [sign, ratioSign] = atLeast ? ['> ', '< '] : ['', ''];
    const between = quartiles.map((value) => format(value, unit)).join(' – ');
    const cells = [
      (sign + format(median, unit)).padStart(WIDTHS.number),
      between.padStart(WIDTHS.quartiles + 4),
      format(best, unit).padStart(WIDTHS.number),
      (rate === undefined ? '' : three(rate)).padStart(WIDTHS.small),
      (share === undefined ? '' : `${(100 * share).toFixed(0)} %`).padStart(WIDTHS.small),
      ...this.ours.map((name) => {
        const of = ratios[name];
        const text = of ? `${ratioSign}${three(of.median)} (${three(of.bestOfThree)})` : '';
        return text.padStart(WIDTHS.ratio + 2);
      }),
    ];
    return `${head}${cells.join('')}${note ? `  ${note}` : ''}`;
  }
}
