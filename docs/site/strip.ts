/**
 * The strip of pictures in the README: one for each part of the course, taken from what its steps drew when they last ran.
 * `npm run docs:strip` makes it; `npm run docs:build` fails if it is not what the steps draw.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { Mistake } from '../plugins/mistake';
import { escape } from './escape';
import { PARTS } from './parts';
import type { ProjectBook } from './project';

/** The looks that GitHub has, and the colour of words in each. */
export const LOOKS = { light: '#1f2328', dark: '#d1d7e0' } as const;
export type Look = keyof typeof LOOKS;

export const stripFile = (look: Look): string => `docs/strip-${look}.svg`;

/** The steps whose pictures it shows. */
export const STRIP_STEPS = [26, 31, 38, 51] as const;

const SIDE = 220;
const GAP = 28;
const LINE = 22;

/** Draws the strip for each look, as SVG. */
export async function drawStrip(book: ProjectBook): Promise<Record<Look, string>> {
  const drawn = (step: number, name: string) => readFileSync(book.pictureFile(step, name), 'utf8');
  const pictures = [
    fitted(drawn(26, 'graph')),
    marksOf(drawn(31, 'rosenbrock'), '10000 iterations'),
    marksOf(drawn(38, 'spiral'), 'a network'),
    await seen(book.pictureFile(51, 'gradCam')),
  ];
  const panels = pictures.map((picture, i) => {
    const { title, from, to } = PARTS[i] ?? { title: '', from: 0, to: 0 };
    const words = (y: number, text: string, more = '') => `<text x="${SIDE / 2}" y="${y}" text-anchor="middle"${more}>${escape(text)}</text>`; // prettier-ignore
    return `<g transform="translate(${i * (SIDE + GAP)},0)">${picture}${words(SIDE + LINE + 4, title, ' font-weight="600"')}${words(SIDE + 2 * LINE, `steps ${from} to ${to}`, ' opacity="0.75"')}</g>`; // prettier-ignore
  });
  const [width, height] = [pictures.length * (SIDE + GAP) - GAP, SIDE + 2 * LINE + 10];
  const draw = (look: Look) =>
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="-apple-system,Segoe UI,Helvetica,Arial,sans-serif" font-size="14" fill="${LOOKS[look]}">\n${panels.join('\n')}\n</svg>\n`;
  return { light: draw('light'), dark: draw('dark') };
}

/** A drawing of Graphviz, as large as a panel lets it be. */
function fitted(svg: string): string {
  const [, size = '', body = ''] = /<svg[^>]*viewBox="([^"]*)"[^>]*>(.*)<\/svg>/s.exec(svg) ?? [];
  if (!body) throw new Mistake('strip: the graph has no viewBox');
  const bare = body.replace(/<!--.*?-->|<title>.*?<\/title>|\s(?:id|class|text-anchor="start")="[^"]*"/gs, '').replace(/\n/g, ''); // prettier-ignore
  return `<svg width="${SIDE}" height="${SIDE}" viewBox="${rounded(size)}">${rounded(bare)}</svg>`;
}

/** What stands in one chart of several, by its title: areas, lines and points, without axes and words. */
function marksOf(svg: string, title: string): string {
  const start = svg.indexOf(`>${title}</text>`);
  const [, width = '', height = ''] = /d="M0,0h([1-9]\d*)v(\d+)h/.exec(svg) ?? [];
  if (start < 0 || !width) throw new Mistake(`strip: there is no chart "${title}"`);
  const chart = svg.slice(start).split('role-legend', 1)[0] ?? '';
  const marks = [...chart.matchAll(/<path((?: (?!class)[\w-]+="[^"]*")+)\/?>/g)].map(([, all = '']) => pointOf(all) ?? `<path${all}/>`); // prettier-ignore
  return `<svg width="${SIDE}" height="${SIDE}" viewBox="0 0 ${width} ${height}" preserveAspectRatio="xMidYMid slice" fill="none">${rounded(marks.join(''))}</svg>`;
}

/** A point, which Vega writes as two arcs, as a circle. */
function pointOf(attributes: string): string | null {
  const [, x, y, r] = /translate\(([^,]+),([^)]+)\)" d="M([\d.]+),0A/.exec(attributes) ?? [];
  const [fill = ''] = / fill="[^"]*"/.exec(attributes) ?? [];
  return r === undefined ? null : `<circle cx="${x}" cy="${y}" r="${r}"${fill}/>`;
}

/** Digits that cannot be seen go: they may differ from one machine to the next. */
function rounded(text: string): string {
  return text.replace(/-?\d+\.\d+/g, (number) => String(Number(Number(number).toFixed(1)) + 0));
}

const [CELL, PITCH_X, PITCH_Y, EDGE] = [160, 172, 193, 12]; // pixels: how the sheet of step 51 is laid out

/** A butterfly and a crab, each beside what the network saw of it. */
async function seen(sheet: string): Promise<string> {
  const cut = async (row: number, column: number) => {
    const box = { left: EDGE + column * PITCH_X, top: EDGE + row * PITCH_Y, width: CELL, height: CELL };
    const bytes = await sharp(sheet).extract(box).webp({ quality: 80, effort: 6 }).toBuffer();
    return `data:image/webp;base64,${bytes.toString('base64')}`;
  };
  const side = (SIDE - 6) / 2;
  const places = [[1, 0, 0, 0], [1, 1, side + 6, 0], [3, 0, 0, side + 6], [3, 1, side + 6, side + 6]] as const; // prettier-ignore
  const images = places.map(async ([row, column, x, y]) => `<image x="${x}" y="${y}" width="${side}" height="${side}" href="${await cut(row, column)}"/>`); // prettier-ignore
  return (await Promise.all(images)).join('');
}

/** Whether the strip in the repository is what the steps draw; pictures in it may differ by what cannot be seen. */
export async function isStripCurrent(book: ProjectBook): Promise<boolean> {
  const drawn = await drawStrip(book);
  for (const look of Object.keys(LOOKS) as Look[]) {
    const kept = readFileSync(path.join(book.root, stripFile(look)), 'utf8');
    if (withoutPhotos(kept) !== withoutPhotos(drawn[look])) return false;
    const [old, now] = [photosIn(kept), photosIn(drawn[look])];
    for (const [i, photo] of now.entries()) if ((await distance(old[i] ?? photo, photo)) > 8) return false;
  }
  return true;
}

const PHOTO = /data:image\/webp;base64,([^"]+)/g;
const withoutPhotos = (svg: string): string => svg.replace(PHOTO, '');
const photosIn = (svg: string): Buffer[] =>
  Array.from(svg.matchAll(PHOTO), ([, data = '']) => Buffer.from(data, 'base64'));

/** Mean difference of two pictures' bytes. */
async function distance(a: Buffer, b: Buffer): Promise<number> {
  const [one, other] = await Promise.all([a, b].map((bytes) => sharp(bytes).raw().toBuffer()));
  if (!one || one.length !== other?.length) return Infinity;
  return one.reduce((sum, value, i) => sum + Math.abs(value - (other[i] ?? 0)), 0) / one.length;
}
