const LINES = /(<g class="mark-line[^>]*>)(<path [^>]*\bd="(M[^"]*)"[^>]*?)(\/>|><\/path>)/g;

/**
 * Lets the lines of a chart (SVG text of `plotSvg`) grow from their first point to their last, all together, again and again: each point
 * is reached at its own share of the time, so that long steps look fast. `seconds` for one round, default 8.
 * @example
 * const points: [number, number][] = [
 *   [0, 0],
 *   [1, 1],
 *   [2, 4],
 * ];
 * const chart = {
 *   title: 'A parabola',
 *   x: { label: 'x' },
 *   y: { label: 'y' },
 *   series: [{ name: 'x²', points }],
 * };
 * animateLines(await plotSvg(chart)).includes('<animate'); // → true
 * @since 37
 */
export function animateLines(svg: string, { seconds = 8 }: { readonly seconds?: number } = {}): string {
  return svg.replace(LINES, (_, group: string, path: string, d: string) => {
    const points = Array.from(d.matchAll(/[ML](-?[\d.e-]+),(-?[\d.e-]+)/g), ([, x, y]) => [Number(x), Number(y)]);
    const lengths = points.map(([x = 0, y = 0], i) => {
      const [px = x, py = y] = points[i - 1] ?? [];
      return Math.hypot(x - px, y - py);
    });
    const whole = lengths.reduce((sum, length) => sum + length, 0) || 1;
    let gone = 0;
    const left = lengths.map((length) => (1 - (gone += length) / whole).toFixed(4));
    const held = [...left, ...left.slice(-1)].join(';'); // the last stays for a fifth of the round
    const times = left.map((__, i) => ((0.8 * i) / Math.max(1, left.length - 1)).toFixed(4));
    const animate = `<animate attributeName="stroke-dashoffset" dur="${seconds}s" repeatCount="indefinite" values="${held}" keyTimes="${times.join(';')};1"/>`;
    const line = path.replace(/ stroke-dasharray="[^"]*"/, ''); // for who draws no animations: a line in one piece
    return `${group}${line} pathLength="1"><set attributeName="stroke-dasharray" to="1 1"/>${animate}</path>`;
  });
}
