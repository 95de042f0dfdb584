/**
 * What a program in the playground gets in place of Node and of the libraries that the steps use. Their types, which the editor checks
 * against, are in docs/playground/types/standIns.d.ts.txt; a name that is not there is not here either.
 *
 *   node:fs               writes and reads files in memory; the page shows pictures and offers the rest for download
 *   node:path             dirname, basename, extname, join
 *   node:util             inspect and format, Node's own code; parseArgs, which finds no arguments
 *   node:v8, node:vm      a page may not collect garbage: the flag does nothing, and runInNewContext('gc') gives a function that does nothing
 *   node:timers/promises  setTimeout, setImmediate
 *   process               memoryUsage gives NaN, since a page may not look at its memory, and a measurement of it is printed as ~?; cpuUsage gives
 *                         the time that has passed
 *   Buffer                from, for text and bytes
 *   sharp                 draws an SVG, as PNG: the page does it
 *   vega, vega-lite, mathjs   the same libraries, fetched when they are asked for
 *   graphviz-cli          the same Graphviz, as WebAssembly, fetched when it is asked for
 *   dezero, dezero/…      the package, fetched when it is asked for
 */
import * as util from 'node-inspect-extracted';
import { ask, show } from './page';
import { put, take } from './store';
import type { Namespace } from './system';

declare function importScripts(...urls: string[]): void;
declare const playground: Record<string, unknown>;

let base = '';
const fetchScript = importScripts.bind(globalThis); // the program itself has none
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Says where the playground's scripts lie. */
export function setBase(url: string): void {
  base = url;
}

/** One of the playground's larger scripts, fetched at the first call. */
function script(name: string): Namespace {
  if (playground[name] === undefined) fetchScript(`${base}${name}.js`);
  return playground[name] as Namespace;
}

const fs = {
  mkdirSync: () => undefined,
  writeFileSync: (name: string, content: string | Uint8Array) => put(name, content),
  existsSync: (name: string) => take(name) !== undefined,
  readFileSync: (name: string, encoding?: unknown) => {
    const bytes = take(name);
    if (!bytes)
      throw new Error(`ENOENT: no such file, open '${name}' (a page reads only what the program has written)`);
    return encoding === undefined ? bytes : new TextDecoder().decode(bytes);
  },
};

const dirname = (name: string): string => (name.includes('/') ? name.slice(0, name.lastIndexOf('/')) || '/' : '.');
const basename = (name: string, ending = ''): string => {
  const last = name.slice(name.lastIndexOf('/') + 1);
  return ending && last.endsWith(ending) ? last.slice(0, -ending.length) : last;
};
const path = {
  dirname,
  basename,
  extname: (name: string) => /(?!^)\.[^.]*$/.exec(basename(name))?.[0] ?? '',
  join: (...parts: string[]) => parts.filter(Boolean).join('/').replace(/\/(?:\.?\/)+/g, '/'),
}; // prettier-ignore

const sleep = (milliseconds: number, value?: unknown): Promise<unknown> =>
  new Promise((resolve) => setTimeout(() => resolve(value), milliseconds));

const timers = { setTimeout: sleep, setImmediate: (value?: unknown) => sleep(0, value) };

interface ArgumentOptions {
  readonly options?: Readonly<Record<string, { readonly default?: unknown }>>;
}
const parseArgs = ({ options = {} }: ArgumentOptions) => {
  const defaults = Object.entries(options).filter(([, option]) => option.default !== undefined);
  return { values: Object.fromEntries(defaults.map(([name, option]) => [name, option.default])), positionals: [] };
};

let hasTold = false;

/** A line with a question mark for each measurement, said with a ~ before it, of what a page cannot measure. */
export function unmeasured(line: string): string {
  return hasTold ? line.replace(/~NaN\b/g, '~?') : line;
}

export const process = {
  argv: ['node', 'step'],
  env: {},
  platform: 'browser',
  exitCode: undefined as number | undefined,
  stdout: { write: (text: string) => show({ kind: 'line', text: text.replace(/\n$/, ''), from: 'out' }), isTTY: false },
  on: () => process,
  memoryUsage: () => {
    const text =
      'A page may not look at its memory, nor collect garbage: where Node says how many megabytes, ? stands here.';
    if (!hasTold) show({ kind: 'line', text, from: 'note' });
    hasTold = true;
    return { heapUsed: NaN, heapTotal: NaN, rss: NaN, external: NaN, arrayBuffers: NaN };
  },
  cpuUsage: (since?: { readonly user: number }) => ({
    user: Math.round(1000 * performance.now()) - (since?.user ?? 0),
    system: 0,
  }),
};

export const Buffer = {
  from: (content: string | ArrayLike<number>) =>
    typeof content === 'string' ? encode(content) : Uint8Array.from(content),
};

const POINTS = 72; // an SVG's pixels in an inch, for sharp

/** As far as the steps use it: an SVG in, a PNG out. */
function sharp(content: Uint8Array | string, { density = POINTS }: { readonly density?: number } = {}) {
  const svg = typeof content === 'string' ? content : new TextDecoder().decode(content);
  let background: string | undefined;
  const draw = () => ask({ what: 'png', svg, scale: density / POINTS, background });
  const picture = {
    png: () => picture,
    flatten: (options: { readonly background?: string } = {}) => {
      background = options.background ?? 'black';
      return picture;
    },
    toBuffer: draw,
    toFile: async (name: string) => put(name, await draw()),
  };
  return picture;
}

const PACKAGE = /^dezero(?:\/(?:functions|layers|models|optimizers|data|io|utils))?$/;
const SCRIPTS: Readonly<Record<string, string>> = { vega: 'vega', 'vega-lite': 'vegaLite', mathjs: 'mathjs', 'graphviz-cli': 'graphviz' }; // prettier-ignore
const OWN: Readonly<Record<string, object>> = {
  fs,
  path,
  util: { ...util, parseArgs },
  v8: { setFlagsFromString: () => undefined },
  vm: { runInNewContext: () => () => undefined },
  'timers/promises': timers,
  sharp: Object.assign(sharp, { default: sharp }),
};

/** What a name means that is none of the program's own modules. */
export function standIn(name: string): Namespace {
  if (PACKAGE.test(name)) return script('dezero')[name] as Namespace;
  const file = SCRIPTS[name];
  if (file !== undefined) return withDefault(script(file));
  const own = OWN[name.replace(/^node:/, '')];
  if (own === undefined) throw new Error(`there is no '${name}' in the playground`);
  return withDefault(own);
}

function withDefault(module: object): Namespace {
  return { default: module, ...module };
}
