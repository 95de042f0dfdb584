/** A field with axes, for the drawings of curves: what lies outside of it is cut off. */
import { curve, element, text } from './svg';

interface Range {
  readonly from: number;
  readonly to: number;
}

/** Where the field lies in the drawing, and what it shows. */
export interface FieldOptions {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly x: Range;
  readonly y: Range;
}

export class Field {
  constructor(private readonly options: FieldOptions) {}

  /** From x to the drawing's. */
  across(x: number): number {
    const { left, width, x: range } = this.options;
    return left + ((x - range.from) / (range.to - range.from)) * width;
  }

  /** From y to the drawing's. */
  down(y: number): number {
    const { top, height, y: range } = this.options;
    return top + ((range.to - y) / (range.to - range.from)) * height;
  }

  /** Both axes, and numbers at them. */
  axes(xs: readonly number[], ys: readonly number[] = []): string {
    const { x, y, left } = this.options;
    const [x0, y0] = [Math.max(0, x.from), Math.max(0, y.from)];
    const lines: [number, number][][] = [
      [[this.across(x.from), this.down(y0)], [this.across(x.to), this.down(y0)]],
      [[this.across(x0), this.down(y.from)], [this.across(x0), this.down(y.to)]],
    ]; // prettier-ignore
    const soft = { class: 'soft' };
    return [
      ...lines.map((line) => curve(line, { opacity: 0.6 })),
      ...xs.map((at) => text(this.across(at), this.down(y.from) + 17, signed(at), soft)),
      ...ys.map((at) => text(left - 8, this.down(at) + 4, signed(at), { ...soft, 'text-anchor': 'end' })),
    ].join('');
  }

  /** f from one end of the field to the other, in pieces where it is inside. */
  plot(f: (x: number) => number, look: Readonly<Record<string, string | number>>): string {
    const { x, y } = this.options;
    const pieces: [number, number][][] = [[]];
    for (let i = 0; i <= 240; i++) {
      const at = x.from + (i / 240) * (x.to - x.from);
      if (f(at) < y.from || f(at) > y.to) pieces.push([]);
      else pieces.at(-1)?.push([this.across(at), this.down(f(at))]);
    }
    return element('g', {}, ...pieces.filter((piece) => piece.length > 1).map((piece) => curve(piece, look)));
  }
}

/** With a minus sign, and a quarter as a fraction. */
function signed(value: number): string {
  return value === 0.25 ? '¼' : String(value).replace('-', '−');
}
