/** SVG by hand. Colours come from the page's style sheet, by class: ink (text), soft (text aside), line, accent, back, box, hot. */
import { escape } from '../site/escape';

/** A drawing with its parts. */
export function svg(width: number, height: number, ...parts: readonly string[]): string {
  return `<svg class="drawing" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">${parts.join('')}</svg>`;
}

/** An element. Attributes that are numbers are rounded to two places. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  ...inner: readonly string[]
): string {
  const said = Object.entries(attributes).map(([key, value]) => ` ${key}="${typeof value === 'number' ? round(value) : escape(value)}"`); // prettier-ignore
  return `<${name}${said.join('')}>${inner.join('')}</${name}>`;
}

/** Words at a place, centred there. */
export function text(
  x: number,
  y: number,
  words: string,
  look: Readonly<Record<string, string | number>> = {},
): string {
  return element('text', { x, y, 'text-anchor': 'middle', 'font-size': 13, class: 'ink', ...look }, escape(words));
}

/** A line through points. */
export function curve(
  points: readonly (readonly [number, number])[],
  look: Readonly<Record<string, string | number>> = {},
): string {
  const d = points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('');
  return element('path', { d, class: 'line', ...look });
}

/** A rectangle with round corners. */
export function box(
  x: number,
  y: number,
  width: number,
  height: number,
  look: Readonly<Record<string, string | number>> = {},
): string {
  return element('rect', { x, y, width, height, rx: 4, class: 'box', ...look });
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
