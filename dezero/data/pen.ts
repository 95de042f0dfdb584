import type { Generator } from '../ndarray';

/** Hue in degrees, saturation and lightness in percent. @since 50 */
export type Tint = readonly [hue: number, saturation: number, lightness: number];
/** A place on the paper. @since 50 */
export type Point = readonly [x: number, y: number];

/** A number, to a tenth. @since 50 */
export const n = (x: number): string => x.toFixed(1);
/** A tint as CSS writes it, perhaps lighter. @since 50 */
export const css = ([h, s, l]: Tint, lighter = 0): string =>
  `hsl(${n(h)},${n(s)}%,${n(Math.min(96, Math.max(4, l + lighter)))}%)`;
/** An oval. @since 50 */
export const ellipse = (x: number, y: number, rx: number, ry: number, paint: string): string =>
  `<ellipse cx="${n(x)}" cy="${n(y)}" rx="${n(rx)}" ry="${n(ry)}" fill="${paint}"/>`;
/** An area by its outline. @since 50 */
export const path = (d: string, fill: string): string => `<path d="${d}" fill="${fill}"/>`;
/** A line through points. @since 50 */
export const stroke = (points: readonly Point[], width: number, paint: string): string =>
  `<path d="M${points.map(([x, y]) => `${n(x)} ${n(y)}`).join('L')}" fill="none" stroke="${paint}" stroke-width="${n(width)}"/>`;
/** What is drawn, moved or turned. @since 50 */
export const place = (what: string, transform: string, more = ''): string =>
  `<g transform="${transform}"${more}>${what}</g>`;
/** What is drawn, turned about a point. @since 50 */
export const turn = (what: string, degrees: number, x: number, y: number): string =>
  place(what, `rotate(${n(degrees)} ${n(x)} ${n(y)})`);
const mirror = (what: string): string => place(what, 'scale(-1 1)');
/** A rounded part of a body: its colour, then light on one side and shade on the other. @since 50 */
export const blob = (x: number, y: number, rx: number, ry: number, tint: Tint): string =>
  ellipse(x, y, rx, ry, css(tint)) + ellipse(x, y, rx, ry, 'url(#gloss)');

/** What the creatures are drawn with: chance, colours and the parts that many of them share. Heads point up (−y). @since 50 */
export class Pen {
  /** Seen from the side, not from above. @since 50 */
  readonly side: boolean;
  constructor(readonly random: Generator) {
    this.side = this.chance(0.3);
  }
  /** A number between two others. @since 50 */
  between(low: number, high: number): number {
    return low + (high - low) * this.random.next();
  }
  /** True with a probability. @since 50 */
  chance(probability: number): boolean {
    return this.random.next() < probability;
  }
  /** One of several. @since 50 */
  pick<T>(first: T, ...rest: readonly T[]): T {
    return rest[this.random.integer(rest.length + 1) - 1] ?? first;
  }
  /** Several drawings, one after the other. @since 50 */
  many(count: number, draw: (i: number) => string): string {
    return Array.from({ length: Math.round(count) }, (_, i) => draw(i)).join('');
  }
  /** A tint within ranges. @since 50 */
  tint(hue: Point, saturation: Point, lightness: Point): Tint {
    return [this.between(...hue), this.between(...saturation), this.between(...lightness)];
  }
  /** Insects of every kind share these, so that colour alone tells nothing: black, brown, red, amber, golden. @since 50 */
  chitin(): Tint {
    return this.chance(0.4) ? this.tint([0, 50], [5, 40], [7, 20]) : this.tint([5, 48], [35, 85], [18, 52]);
  }
  /** Any colour. @since 50 */
  bright(): Tint {
    return this.tint([0, 360], [30, 90], [30, 65]);
  }
  /** Draws the right half twice: mirrored when seen from above; seen from the side, both on one side (`back`: the left). @since 50 */
  pair(draw: () => string, back = false): string {
    if (!this.side) return draw() + mirror(draw());
    const both = place(draw(), `translate(-2 ${n(this.between(-6, 6))})`, ' opacity=".85"') + draw();
    return back ? mirror(both) : both;
  }
  /** A jointed limb: from a point outwards at `angle` (0 forwards, 90 sideways), its second half bent by `bend`. @since 50 */
  limb(x: number, y: number, length: number, angle: number, bend: number, width: number, tint: Tint): string {
    const points: Point[] = [[x, y]];
    for (const [part, turned] of [
      [0.45, 0],
      [0.4, 1],
      [0.15, 0.4],
    ] as const) {
      const a = ((angle + turned * bend) * Math.PI) / 180;
      points.push([(x += Math.sin(a) * length * part), (y -= Math.cos(a) * length * part)]);
    }
    return stroke(points.slice(0, 3), width, css(tint)) + stroke(points.slice(2), width * 0.7, css(tint, 4));
  }
  /** `count` pairs of legs between the heights `from` and `to`, fanned from forwards to backwards. @since 50 */
  legs(count: number, [from, to]: Point, x: number, length: number, width: number, tint: Tint): string {
    return this.pair(() =>
      this.many(count, (i) => {
        const t = count === 1 ? 0.5 : i / (count - 1);
        const angle = 55 + 75 * t + this.between(-13, 13);
        const reach = length * this.between(0.88, 1.12) * (0.85 + 0.3 * t);
        return this.limb(
          x,
          from + (to - from) * t,
          reach,
          angle,
          (t < 0.35 ? -1 : 1) * this.between(10, 60),
          width,
          tint,
        );
      }),
    );
  }
  /** A wing of some length, pointing at `angle`. @since 50 */
  wing(x: number, y: number, length: number, width: number, angle: number, paint: string, vein: string): string {
    const [w, l] = [width, length];
    const shape = `M0 0C${n(w)} ${n(-l * 0.3)} ${n(w * 1.2)} ${n(-l)} 0 ${n(-l)}S${n(-w * 0.7)} ${n(-l * 0.4)} 0 0`;
    const veins = `M0 0Q${n(w * 0.3)} ${n(-l * 0.5)} ${n(w * 0.35)} ${n(-l * 0.9)}M0 0Q0 ${n(-l * 0.5)} ${n(-w * 0.1)} ${n(-l * 0.9)}`;
    const drawn = `<path d="${shape}" fill="${paint}" stroke="${vein}" stroke-width=".9"/><path d="${veins}" fill="none" stroke="${vein}" stroke-width=".7"/>`;
    return place(drawn, `translate(${n(x)} ${n(y)}) rotate(${n(angle)})`);
  }
  /** Clear to smoky, as of bees and flies. @since 50 */
  membrane(): [paint: string, vein: string] {
    const dark = this.between(40, 95);
    const tone = `${n(this.between(20, 60))},15%`;
    return [`hsla(${tone},${n(dark)}%,${this.between(0.25, 0.7).toFixed(2)})`, `hsla(${tone},${n(dark * 0.4)}%,.6)`];
  }
  /** Bands across an ellipse, bent like a round body's. @since 50 */
  bands(count: number, x: number, y: number, rx: number, ry: number, tint: Tint, share = 0.5): string {
    return this.many(count, (i) => {
      const t = -0.75 + (1.6 * (i + 0.5)) / count;
      const w = rx * Math.sqrt(1 - t * t);
      const d = `M${n(x - w)} ${n(y + t * ry)}q${n(w)} ${n(ry * 0.14)} ${n(2 * w)} 0`;
      return `<path d="${d}" fill="none" stroke="${css(tint)}" stroke-width="${n(((1.6 * ry) / count) * share)}" stroke-linecap="butt"/>`;
    });
  }
  /** Short hairs over an ellipse and past its edge. @since 50 */
  fuzz(x: number, y: number, rx: number, ry: number, tint: Tint, count = 60): string {
    const d = this.many(count, () => {
      const [a, r] = [this.between(0, 2 * Math.PI), Math.sqrt(this.between(0.1, 1))];
      const [dx, dy] = [Math.sin(a), Math.cos(a)];
      return `M${n(x + dx * rx * r)} ${n(y + dy * ry * r)}l${n(dx * 4 + this.between(-1, 1))} ${n(dy * 4 + this.between(-1, 1))}`;
    });
    return `<path d="${d}" fill="none" stroke="${css(tint, this.between(-4, 12))}" stroke-width=".8" opacity=".75"/>`;
  }
  /** Two eyes and, where wanted, a mouth are what the dots are for. @since 50 */
  eyes(x: number, y: number, rx: number, ry: number, tint: Tint = [20, 20, 8]): string {
    return blob(x, y, rx, ry, tint) + blob(-x, y, rx, ry, tint);
  }
}
