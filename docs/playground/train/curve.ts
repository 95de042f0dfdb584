/** A curve that grows while one looks at it: SVG, so that its colours follow the page's. */

const WIDTH = 360;
const HEIGHT = 190;
const FRAME = { left: 42, right: 10, top: 12, bottom: 26 };
const MOST_POINTS = 400;

export interface CurveOptions {
  readonly title: string;
  /** Numbers of the vertical axis, as they are written. */
  readonly label: (value: number) => string;
  /** The upper end of the axis, where it does not follow the curve. */
  readonly top?: number;
  readonly colour: 'loss' | 'accuracy';
}

export class Curve {
  readonly element: SVGSVGElement;
  private points: [x: number, y: number][] = [];
  private readonly line = svg('path', { class: 'train-line' });
  private readonly end = svg('circle', { r: 3.5, class: 'train-end' });
  private readonly axes = svg('g', { class: 'train-axes' });

  constructor(private readonly options: CurveOptions) {
    this.element = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: `train-curve ${options.colour}`, role: 'img' });
    this.element.append(this.axes, this.line, this.end);
    this.clear();
  } // prettier-ignore

  /** How many points there are. */
  get length(): number {
    return this.points.length;
  }

  clear(): void {
    this.points = [];
    this.draw();
  }

  add(x: number, y: number): void {
    this.points.push([x, y]);
    if (this.points.length > MOST_POINTS) this.points = thinned(this.points);
    this.draw();
  }

  private draw(): void {
    const { label, title } = this.options;
    const [high, parts] = niceAbove(
      this.options.top ?? (this.points.length === 0 ? 1 : Math.max(0.01, ...this.points.map(([, y]) => y))),
    );
    const [wide] = niceAbove(Math.max(10, ...this.points.map(([x]) => x)));
    const across = (x: number) => FRAME.left + (x / wide) * (WIDTH - FRAME.left - FRAME.right);
    const down = (y: number) => HEIGHT - FRAME.bottom - (y / high) * (HEIGHT - FRAME.top - FRAME.bottom);
    const text = (x: number, y: number, words: string, anchor: string) => {
      const made = svg('text', { x, y, 'text-anchor': anchor });
      made.textContent = words;
      return made;
    };
    const heights = Array.from({ length: parts + 1 }, (_, i) => (i / parts) * high);
    this.axes.replaceChildren(
      ...heights.flatMap((y) => [
        svg('line', { x1: FRAME.left, x2: WIDTH - FRAME.right, y1: down(y), y2: down(y) }),
        text(FRAME.left - 6, down(y) + 4, label(y), 'end'),
      ]),
      text(FRAME.left, HEIGHT - 8, '0', 'middle'),
      text(WIDTH - FRAME.right, HEIGHT - 8, `${wide.toLocaleString('en')} batches`, 'end'),
    );
    const path = this.points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${across(x).toFixed(1)} ${down(Math.min(y, high)).toFixed(1)}`); // prettier-ignore
    this.line.setAttribute('d', path.join(''));
    const last = this.points.at(-1);
    this.end.style.display = last ? '' : 'none';
    if (last) {
      this.end.setAttribute('cx', String(across(last[0])));
      this.end.setAttribute('cy', String(down(Math.min(last[1], high))));
    }
    this.element.setAttribute('aria-label', last ? `${title}: ${label(last[1])} after ${last[0]} batches` : `${title}: no points yet`); // prettier-ignore
  }
}

/** Every second point, each the mean of two, so that a long training stays a curve and its last point stays the last. */
function thinned(points: readonly [number, number][]): [number, number][] {
  const out: [number, number][] = [];
  for (let i = 0; i + 1 < points.length; i += 2) {
    const [[, first], [x, second]] = [points[i] ?? [0, 0], points[i + 1] ?? [0, 0]];
    out.push([x, (first + second) / 2]);
  }
  if (points.length % 2 === 1) out.push(points.at(-1) ?? [0, 0]);
  return out;
}

/** Ends of an axis, times a power of ten, and into how many round parts each can be divided. */
const ENDS = [[1, 4], [1.5, 3], [2, 4], [3, 3], [4, 4], [5, 5], [6, 3], [8, 4], [10, 5]] as const; // prettier-ignore

/** The least end of an axis that is not below a value, and its parts. */
function niceAbove(value: number): [end: number, parts: number] {
  const power = 10 ** Math.floor(Math.log10(value));
  const [end, parts] = ENDS.find(([one]) => one * power >= value * (1 - 1e-9)) ?? [10, 5];
  return [end * power, parts];
}

export function svg<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string | number>> = {},
): SVGElementTagNameMap[Name] {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}
