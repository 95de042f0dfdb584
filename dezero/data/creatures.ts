import type { Generator } from '../ndarray';
import { blob, css, ellipse, n, path, Pen, stroke, turn, type Point, type Tint } from './pen';

/** Three segments, a thread of a waist, elbowed antennae, six long thin legs and no wings. */
function ant(p: Pen): string {
  const [body, rear] = [p.chitin(), p.chance(0.3) ? p.chitin() : undefined];
  const [w, gaster, head] = [p.between(1.5, 2.6), p.between(12, 16.5), p.between(9, 13)];
  const limbs: Tint = [body[0], body[1], body[2] * p.between(0.6, 1.1)];
  const antenna = (): string => {
    const [x, y] = [p.between(13, 21), p.between(-54, -44)];
    return stroke([[3, -40], [x, y], [x + p.between(-9, 8), y - p.between(10, 20)]], w * 0.8, css(limbs)); // prettier-ignore
  };
  const tail = blob(0, 9, 2.6, 3.2, body) + blob(0, 9 + 7 + gaster * 1.3, gaster, gaster * 1.45, rear ?? body);
  const banded = p.chance(0.4)
    ? p.bands(p.pick(3, 4), 0, 16 + gaster * 1.3, gaster, gaster * 1.45, p.chitin(), 0.3)
    : '';
  const face = stroke([[-3, -42], [-4, -47], [-1, -50]], 2, css(limbs)) + stroke([[3, -42], [4, -47], [1, -50]], 2, css(limbs)); // prettier-ignore
  const front = p.pair(antenna) + face + blob(0, -35, head, head * 0.95, body) + p.eyes(head * 0.75, -36, 1.8, 2.4);
  const carried = p.chance(0.15) ? p.wing(p.between(-8, 8), -48, p.between(15, 28), p.between(8, 16), p.between(-90, 90), css(p.bright()), css(p.bright())) : ''; // prettier-ignore
  return (
    p.legs(3, [-17, -3], 4, p.between(44, 56), w, limbs) +
    turn(tail + banded, p.between(-25, 25), 0, 5) +
    blob(0, -3, 5.5, 10, body) + blob(0, -16, 7, 9, body) +
    turn(front + carried, p.between(-25, 25), 0, -24)
  ); // prettier-ignore
}

/** A stout, furry, banded body without a visible waist, two pairs of wings, short antennae and legs. */
function bee(p: Pen): string {
  const [body, fur, band] = [p.chitin(), p.chitin(), p.chance(0.6) ? p.tint([20, 50], [5, 40], [6, 18]) : p.chitin()];
  const [w, rx, ry] = [p.between(1.8, 3), p.between(15, 19), p.between(23, 30)];
  const [paint, vein] = p.membrane();
  const open = p.between(0, 1) ** 0.7;
  const wings = (): string =>
    p.wing(8, -12, p.between(30, 38), 11, 168 - 45 * open, paint, vein) +
    p.wing(8, -18, p.between(44, 54), 14, 160 - 68 * open, paint, vein);
  const abdomen =
    blob(0, 22, rx, ry, body) +
    p.bands(p.pick(3, 4, 5), 0, 22, rx, ry, band, p.between(0.3, 0.6)) +
    ellipse(0, 22, rx, ry, 'url(#gloss)') +
    p.fuzz(0, 12, rx, ry * 0.7, fur, p.between(10, 60));
  const antenna = (): string => p.limb(3, -42, p.between(13, 18), p.between(15, 45), p.between(10, 50), 1.6, band);
  return (
    p.legs(3, [-22, -2], 10, p.between(27, 36), w, band) +
    turn(abdomen, p.between(-12, 12), 0, 0) +
    turn(p.pair(antenna) + blob(0, -36, 11, 8.5, band) + p.eyes(9, -36, 3.2, 6), p.between(-12, 12), 0, -28) +
    blob(0, -14, 15, 15, fur) + p.fuzz(0, -14, 14, 14, fur, 110) +
    p.pair(wings, true)
  ); // prettier-ignore
}

/** One oval shell split down the middle, six short legs, short feelers. */
function beetle(p: Pen): string {
  const [body, shell] = [p.chitin(), p.chance(0.5) ? p.bright() : p.chitin()];
  const [rx, ry] = [p.between(17, 23), p.between(24, 31)];
  const feeler = (): string => p.limb(4, -38, p.between(14, 22), 25, 40, 1.6, body);
  const seam = stroke([[0, -14], [0, 10 + ry]], 1.4, css(shell, -14)); // prettier-ignore
  return (
    p.legs(3, [-10, 18], 14, p.between(30, 40), p.between(2.4, 3.6), body) + p.pair(feeler) +
    blob(0, -33, 9, 8, body) + blob(0, -20, 15, 9, body) + blob(0, 10, rx, ry, shell) + seam
  ); // prettier-ignore
}

/** A round spotted shell over a dark head. */
function ladybird(p: Pen): string {
  const [shell, spot] = [p.chance(0.5) ? p.tint([0, 50], [60, 90], [35, 55]) : p.bright(), p.chitin()];
  const r = p.between(24, 31);
  const spots = p.pair(() =>
    p.many(p.pick(2, 3, 4), () => ellipse(p.between(5, r * 0.7), p.between(-r * 0.6, r * 0.6), 3.5, 4, css(spot))),
  );
  return (
    p.legs(3, [-12, 16], r * 0.7, p.between(20, 28), 2.4, spot) +
    blob(0, -r, 13, 9, spot) + blob(0, 0, r, r * 1.05, shell) + spots + stroke([[0, -r], [0, r]], 1.5, css(spot))
  ); // prettier-ignore
}

/** Two round parts and eight legs. */
function spider(p: Pen): string {
  const [body, legs] = [p.chitin(), p.chitin()];
  const r = p.between(15, 22);
  const marks = p.chance(0.5) ? p.bands(3, 0, 16, r, r * 1.1, p.chitin(), 0.35) : '';
  return (
    p.legs(4, [-22, -4], 6, p.between(46, 60), p.between(1.8, 3), legs) +
    blob(0, 16, r, r * 1.15, body) + marks + blob(0, -14, 11, 12, body) + p.eyes(4, -22, 2, 2)
  ); // prettier-ignore
}

/** A thin body between two pairs of broad coloured wings. */
function butterfly(p: Pen): string {
  const [wing, edge, body] = [p.bright(), p.bright(), p.chitin()];
  const one = (): string =>
    p.wing(3, 2, p.between(34, 44), p.between(26, 34), p.between(112, 135), css(wing), css(edge)) +
    p.wing(3, -8, p.between(46, 56), p.between(28, 38), p.between(48, 72), css(wing, 6), css(edge)) +
    ellipse(p.between(22, 30), p.between(-26, -14), 5, 5, css(edge));
  return p.pair(one) + p.pair(() => p.limb(1, -26, 22, 18, 12, 1.2, body)) + blob(0, 0, 4.5, 26, body);
}

/** One pair of clear wings, a stout body without bands, and very large eyes. */
function fly(p: Pen): string {
  const [body, eye] = [p.chance(0.5) ? p.bright() : p.chitin(), p.tint([0, 40], [40, 80], [20, 40])];
  const [paint, vein] = p.membrane();
  return (
    p.legs(3, [-14, 4], 9, p.between(28, 36), 2, body) + blob(0, 18, 14, 20, body) + blob(0, -10, 14, 14, body) +
    p.pair(() => p.wing(8, -10, p.between(44, 52), 17, p.between(130, 155), paint, vein), true) + p.eyes(7, -29, 7, 8, eye)
  ); // prettier-ignore
}

/** A long thin banded body and two pairs of long narrow wings held out. */
function dragonfly(p: Pen): string {
  const body = p.bright();
  const [paint, vein] = p.membrane();
  const wings = (): string =>
    [-22, -12].map((y) => p.wing(4, y, p.between(46, 56), 9, p.between(76, 104), paint, vein)).join('');
  return (
    p.pair(wings) + blob(0, 20, 3.6, 34, body) + p.bands(p.pick(5, 6, 7), 0, 20, 3.6, 34, p.chitin(), 0.3) +
    blob(0, -16, 8, 12, body) + p.eyes(5, -31, 6, 6)
  ); // prettier-ignore
}

/** A row of soft rings, with feet or hairs. */
function caterpillar(p: Pen): string {
  const [body, other] = [p.bright(), p.bright()];
  const [count, bend, r] = [Math.round(p.between(6, 9)), p.between(-16, 16), p.between(8, 11)];
  const ring = (i: number): string => {
    const [x, y] = [bend * Math.sin((i / count) * Math.PI * 2), 40 - (80 * i) / count];
    const feet = p.pair(() => p.limb(r * 0.7, y, 9, 100, 20, 2, other));
    return feet + blob(x, y, r, r * 0.95, i % 2 ? body : other) + (p.chance(0.5) ? p.fuzz(x, y, r, r, other, 12) : '');
  };
  return p.many(count, ring) + blob(bend * 0.1, -44, r, r, body) + p.eyes(4, -47, 1.8, 2.4);
}

/** A coiled shell over a soft foot. */
function snail(p: Pen): string {
  const [foot, shell] = [p.tint([20, 60], [15, 45], [30, 60]), p.chitin()];
  const r = p.between(19, 25);
  const turns = p.many(
    4,
    (i) =>
      `<circle cx="${n(i * 2)}" cy="8" r="${n(r * (0.85 - i * 0.2))}" fill="none" stroke="${css(shell, -10)}" stroke-width="2.4"/>`,
  );
  return (
    blob(-2, 6, 13, 44, foot) + p.pair(() => p.limb(4, -34, 18, 12, 20, 2.2, foot)) + blob(0, 8, r, r, shell) + turns
  );
}

/** Fins and a forked tail, scales on a pointed body. */
function fish(p: Pen): string {
  const [body, fin] = [p.bright(), p.bright()];
  const [rx, ry] = [p.between(13, 20), p.between(32, 38)];
  const tail = path(`M0 ${n(ry - 6)}l-17 21q17 -8 34 0z`, css(fin));
  const sides = p.pair(() => p.wing(rx * 0.7, -4, p.between(18, 26), 9, p.between(110, 140), css(fin), css(fin, -12)));
  return (
    tail +
    sides +
    blob(0, -4, rx, ry, body) +
    p.bands(p.pick(2, 3, 4), 0, -2, rx, ry, fin, 0.35) +
    p.eyes(rx * 0.55, -24, 2.6, 2.6)
  );
}

/** A wide shell, eight legs and two claws held in front. */
function crab(p: Pen): string {
  const [shell, limbs] = [p.tint([0, 40], [40, 85], [30, 55]), p.chitin()];
  const [rx, ry] = [p.between(24, 31), p.between(17, 22)];
  const claw = (): string => {
    const reach = p.limb(rx * 0.7, -8, 30, 30, 20, 4.5, limbs);
    return reach + blob(rx * 0.7 + 17, -36, 7, 10, shell);
  };
  return (
    p.legs(4, [-4, 14], rx * 0.7, p.between(28, 36), 3, limbs) +
    p.pair(claw) +
    blob(0, 4, rx, ry, shell) +
    p.eyes(6, -14, 2.4, 3.4)
  );
}

/** Feathered wings spread beside a body with a beak and a fan of a tail. */
function bird(p: Pen): string {
  const [body, wing] = [p.bright(), p.chitin()];
  const feathers = (): string =>
    p.many(4, (i) => p.wing(7, -10 + i * 3, p.between(36, 48), 10, 70 + i * 17, css(wing, i * 3), css(wing, -10)));
  const fan = p.many(5, (i) => p.wing(0, 24, 26, 6, 150 + i * 15, css(wing), css(wing, -10)));
  return (
    fan +
    p.pair(feathers) +
    blob(0, 4, 12, 25, body) +
    blob(0, -28, 9, 10, body) +
    path('M-3 -36L0 -48L3 -36z', css([40, 80, 50])) +
    p.eyes(4, -31, 1.6, 1.8)
  );
}

/** A thin waistless ring-shaped worm, coiled. */
function worm(p: Pen): string {
  const [body, w] = [p.tint([0, 40], [20, 60], [35, 65]), p.between(6, 10)];
  const points: Point[] = Array.from({ length: 24 }, (_, i) => [p.side ? i - 12 : 20 * Math.sin(i / 3.2), 46 - i * 4]);
  return (
    stroke(points, w, css(body)) +
    stroke(points, w * 0.4, css(body, 12)) +
    blob(points[23]?.[0] ?? 0, -46, w * 0.6, w * 0.6, body)
  );
}

const DRAW = {
  ant,
  bee,
  beetle,
  ladybird,
  spider,
  butterfly,
  fly,
  dragonfly,
  caterpillar,
  snail,
  fish,
  crab,
  bird,
  worm,
};

/** What can be drawn. @since 50 */
export type CreatureKind = keyof typeof DRAW;

/**
 * All kinds, ants and bees first; the backbone is pretrained on the others.
 * @example
 * creatureKinds.slice(0, 3); // → [ 'ant', 'bee', 'beetle' ]
 * @since 50
 */
export const creatureKinds = Object.keys(DRAW) as readonly CreatureKind[];

/**
 * One creature as an SVG text of 96 × 96: pose, colours, ground, clutter and light by chance.
 * @example
 * const svg = drawCreature('bee', new Generator(0));
 * svg.startsWith('<svg'); // → true
 * @since 50
 */
export function drawCreature(kind: CreatureKind, generator: Generator): string {
  const p = new Pen(generator);
  const scale = p.between(0.6, 0.86);
  const [x, y] = [p.between(40, 56), p.between(40, 56)];
  const pose = `translate(${n(x)} ${n(y)}) rotate(${n(p.between(0, 360))}) scale(${scale.toFixed(2)} ${(scale * p.between(0.9, 1)).toFixed(2)})`;
  const creature = DRAW[kind](p);
  const shade = `<ellipse cx="${n(p.between(-8, 8))}" cy="${n(p.between(-8, 8))}" rx="17" ry="36" opacity=".25"/>`;
  const dim = p.between(0, 0.35);
  const tone = p.chance(0.5) ? '#000' : '#fff3d6';
  const blur = p.chance(0.35) ? ` filter="url(#soft)"` : '';
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="96" height="96" viewBox="0 0 96 96"><defs>` +
    `<radialGradient id="gloss" cx=".35" cy=".3" r=".8"><stop offset="0" stop-color="#fff" stop-opacity=".35"/><stop offset=".5" stop-color="#fff" stop-opacity="0"/><stop offset="1" stop-color="#000" stop-opacity=".4"/></radialGradient>` +
    `<linearGradient id="light" gradientTransform="rotate(${n(p.between(0, 90))})"><stop offset="0" stop-color="${tone}" stop-opacity="${dim.toFixed(2)}"/><stop offset="1" stop-color="${tone}" stop-opacity="0"/></linearGradient>` +
    `<filter id="soft"><feGaussianBlur stdDeviation="${p.between(0.4, 1).toFixed(2)}"/></filter></defs><g${blur}>` +
    `${ground(p)}<g transform="${pose}">${shade}${creature}</g>${clutter(p, Math.round(p.between(0, 3)))}</g>` +
    `<rect width="96" height="96" fill="url(#light)"/></svg>`
  );
}

/** Grass, sand, bark or petals: a colour, and many strokes or dots of its neighbours. */
function ground(p: Pen): string {
  const base = p.pick<Tint>(p.tint([70, 140], [20, 60], [25, 60]), p.tint([25, 50], [20, 55], [45, 75]), p.tint([15, 35], [15, 45], [20, 45]), p.tint([0, 360], [20, 70], [45, 85])); // prettier-ignore
  const strokes = p.chance(0.6);
  const marks = p.many(p.between(18, 55), () => {
    const [x, y, paint] = [p.between(-5, 101), p.between(-5, 101), css(base, p.between(-16, 16))];
    if (!strokes) return ellipse(x, y, p.between(1, 9), p.between(1, 7), paint);
    return stroke([[x, y], [x + p.between(-16, 16), y + p.between(-22, 22)]], p.between(0.8, 4), paint); // prettier-ignore
  });
  return `<rect width="96" height="96" fill="${css(base)}"/>${marks}${clutter(p, Math.round(p.between(1, 4)))}`;
}

/** Leaves, twigs and pebbles. */
function clutter(p: Pen, count: number): string {
  return p.many(count, () => {
    const [x, y, tint] = [p.between(0, 96), p.between(0, 96), p.chance(0.5) ? p.chitin() : p.bright()];
    if (p.chance(0.4)) return stroke([[x, y], [x + p.between(-26, 26), y + p.between(-26, 26)]], p.between(1, 3), css(tint)); // prettier-ignore
    if (p.chance(0.5))
      return p.wing(x, y, p.between(10, 26), p.between(5, 12), p.between(0, 360), css(tint), css(tint, -10));
    return blob(x, y, p.between(2, 6), p.between(2, 6), tint);
  });
}
