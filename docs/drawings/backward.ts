import { curve, element, text } from './svg';

type Place = readonly [x: number, y: number];

const VARIABLES: Readonly<Record<string, Place>> = { x: [40, 86], a: [210, 86], b: [388, 32], c: [388, 140], y: [562, 86] }; // prettier-ignore
const FIRST: Func = { name: 'Square', at: [124, 86] };
const UPPER: Func = { name: 'Square', at: [302, 32] };
const LOWER: Func = { name: 'Square', at: [302, 140] };
const LAST: Func = { name: 'Add', at: [478, 86] };

interface Func {
  readonly name: string;
  readonly at: Place;
}

/** A function's turn: the gradient that it brings to its inputs, and what is there afterwards. */
interface Turn {
  readonly func: Func;
  readonly output: string;
  readonly inputs: readonly string[];
  readonly brings: number;
  readonly sum: number;
}

const TURNS: readonly Turn[] = [
  { func: LAST, output: 'y', inputs: ['b', 'c'], brings: 1, sum: 1 },
  { func: UPPER, output: 'b', inputs: ['a'], brings: 8, sum: 8 },
  { func: LOWER, output: 'c', inputs: ['a'], brings: 8, sum: 16 },
  { func: FIRST, output: 'a', inputs: ['x'], brings: 64, sum: 64 },
];

const BEFORE = 1; // seconds until the first turn
const TURN = 2.2; // seconds for each, of which the walk takes WALK
const WALK = 1.7;
const ALL = BEFORE + TURNS.length * TURN + 0.5;

const NAME = 'backwardPass'; // a hyphen would need escaping in `begin`
const when = { dur: `${ALL}s`, begin: ['mouseover', 'click', 'focusin'].map((event) => `${NAME}.${event}`).join('; '), restart: 'whenNotActive' }; // prettier-ignore

/**
 * The way back through y = 2(x²)² at 2, function by function, the highest generation first. It walks when it is pointed at, tapped or
 * focused; standing still, and printed, it shows all gradients.
 */
export function draw(): string {
  return element(
    'svg',
    { id: NAME, class: 'drawing', tabindex: 0, style: 'cursor: pointer', viewBox: '0 0 610 216', width: 610, height: 216 }, // prettier-ignore
    ...TURNS.flatMap(arrows),
    ...Object.entries(VARIABLES).map(([name, [x, y]]) => element('ellipse', { class: 'variable', cx: x, cy: y, rx: 20, ry: 15 }) + text(x, y + 4.5, name, { class: 'on-variable' })), // prettier-ignore
    ...TURNS.map(({ func }) => box(func.at, { class: 'func', rx: 4 }) + text(func.at[0], func.at[1] + 4.5, func.name, { class: 'on-func' })), // prettier-ignore
    ...[FIRST, UPPER, LAST].map(({ at: [x] }, i) =>
      text(x, 208, `generation ${i}`, { class: 'soft', 'font-size': 12 }),
    ),
    shown(gradOf('y', 1), BEFORE / 2),
    ...TURNS.flatMap(turn),
  );
}

const placeOf = (name: string): Place => VARIABLES[name] ?? [0, 0];

const box = ([x, y]: Place, look: Readonly<Record<string, string | number>>) =>
  element('rect', { x: x - 30, y: y - 15, width: 60, height: 30, ...look });

const gradOf = (name: string, value: number) =>
  text(placeOf(name)[0], placeOf(name)[1] + 31, `grad ${value}`, { class: 'on-back', 'font-size': 12 });

/** While it walks, a part is seen only from one moment to another. Standing still, it is seen if it would stay. */
function shown(part: string, from: number, until = Infinity): string {
  const stays = until > ALL;
  const [values, keyTimes] = stays ? ['0;1', `0;${from / ALL}`] : ['0;1;0', `0;${from / ALL};${until / ALL}`];
  const animate = element('animate', { attributeName: 'opacity', calcMode: 'discrete', values, keyTimes, ...when });
  return element('g', { opacity: stays ? 1 : 0 }, part, animate);
}

/** What moves and what appears while a function has its turn. */
function turn({ func, output, inputs, brings, sum }: Turn, i: number): string[] {
  const begins = BEFORE + i * TURN;
  const arrives = begins + WALK;
  const next = TURNS.findIndex((later, j) => j > i && later.inputs.some((name) => inputs.includes(name)));
  const until = next < 0 ? Infinity : BEFORE + next * TURN + WALK; // then another gradient has been added
  const keyTimes = `0;${begins / ALL};${arrives / ALL};1`;
  const walk = (input: string) => {
    const path = `M${[placeOf(output), func.at, placeOf(input)].map((place) => place.join(',')).join(' L')}`;
    const motion = element('animateMotion', { path, calcMode: 'linear', keyPoints: '0;0;1;1', keyTimes, ...when });
    return shown(element('circle', { class: 'on-back', r: 6 }, motion), begins, arrives);
  };
  const label = (input: string) => {
    const [[x0, y0], [x1, y1]] = [placeOf(input), func.at];
    return text((x0 + x1) / 2 - 3, (y0 + y1) / 2 + (y1 > y0 ? 17 : -8), `${brings}`, {
      class: 'on-back',
      'font-size': 12,
    });
  };
  return [
    shown(box(func.at, { class: 'back', rx: 4, 'stroke-width': 3 }), begins, arrives),
    ...inputs.map(walk),
    ...inputs.map((input) => shown(label(input), arrives)),
    ...inputs.map((input) => shown(gradOf(input, sum), arrives, until)),
  ];
}

/** The arrows of the way forward, into a function and out of it. */
function arrows({ func, output, inputs }: Turn): string[] {
  return [...inputs.map((input) => arrow(placeOf(input), func.at, 21, 33)), arrow(func.at, placeOf(output), 31, 22)];
}

/** An arrow between two nodes, which leaves so much of the way free at either end. */
function arrow([x0, y0]: Place, [x1, y1]: Place, after: number, before: number): string {
  const length = Math.hypot(x1 - x0, y1 - y0);
  const [dx, dy] = [(x1 - x0) / length, (y1 - y0) / length];
  const back = (along: number, aside: number): Place => [x1 - along * dx - aside * dy, y1 - along * dy + aside * dx];
  const head = [back(before, 0), back(before + 8, 3), back(before + 8, -3)];
  const points = head.map((place) => place.map((value) => value.toFixed(1)).join(',')).join(' ');
  return curve([[x0 + after * dx, y0 + after * dy], back(before + 7, 0)]) + element('polygon', { class: 'soft', points }); // prettier-ignore
}
