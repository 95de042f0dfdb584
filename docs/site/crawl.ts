/** Looks through the built site: every link and picture leads somewhere, and no page is heavy. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

/** Bytes that a lesson may weigh on the way to the reader, packed, fonts apart. */
export const HEAVIEST = 300_000;

export interface Site {
  /** What leads nowhere, as `step14.html: step13.html#nothing`. */
  readonly dead: readonly string[];
  /** Bytes that each page weighs on the way: itself, scripts, style sheets and pictures, packed; fonts apart. */
  readonly weights: ReadonlyMap<string, number>;
}

/** Crawls a folder of HTML that is served under `base`. `isAwaited` says of a page that is missing that it may be. */
export function crawl(folder: string, base: string, isAwaited: (page: string) => boolean = () => false): Site {
  const all = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((at) => at.split(path.sep).join('/')).sort(); // prettier-ignore
  const pages = new Map(all.filter((at) => at.endsWith('.html')).map((at) => [at, readFileSync(path.join(folder, at), 'utf8')])); // prettier-ignore
  const anchors = new Map([...pages].map(([at, html]) => [at, new Set(valuesOf(html, 'id'))]));
  const dead: string[] = [];
  const weights = new Map<string, number>();
  const packed = new Map<string, number>();
  const weigh = (at: string): number => {
    const known = packed.get(at) ?? (existsSync(path.join(folder, at)) ? weightOf(path.join(folder, at)) : 0);
    packed.set(at, known);
    return known;
  };
  for (const [page, html] of pages) {
    const resolve = (link: string) => {
      const [file = '', anchor] = link.split('#');
      const at = file === '' ? page : file.startsWith('/') ? file.replace(base, '') : path.posix.join(path.posix.dirname(page), file); // prettier-ignore
      const name = at === '' || at === '.' || at.endsWith('/') ? `${at === '.' ? '' : at}index.html` : at;
      return { name: decodeURIComponent(name), anchor: anchor && decodeURIComponent(anchor) };
    };
    const links = valuesOf(html, 'href').concat(valuesOf(html, 'src')).filter((link) => !/^([a-z]+:|\/\/)/.test(link)); // prettier-ignore
    for (const link of new Set(links)) {
      const { name, anchor } = resolve(link);
      const isThere = existsSync(path.join(folder, name));
      if (!isThere && isAwaited(name.replace(/\.html$/, '.md'))) continue;
      if (!isThere || (anchor && !anchors.get(name)?.has(anchor))) dead.push(`${page}: ${link}`);
    }
    const parts = new Set([...valuesOf(html, 'src'), ...loadedBy(html)].filter((link) => !/^[a-z]+:/.test(link)).map((link) => resolve(link).name)); // prettier-ignore
    weights.set(page, weigh(page) + [...parts].reduce((sum, at) => sum + weigh(at), 0));
  }
  return { dead, weights };
}

/** The values of an attribute. */
function valuesOf(html: string, attribute: string): string[] {
  const found = html.matchAll(new RegExp(`<[^>]*?\\s${attribute}="([^"]*)"`, 'g'));
  return [...found].map(([, value = '']) => value.replaceAll('&amp;', '&')).filter(Boolean);
}

/** Scripts and style sheets that a page loads at once. */
function loadedBy(html: string): string[] {
  const links = html.match(/<link[^>]*rel="(?:stylesheet|modulepreload|preload stylesheet)"[^>]*>/g) ?? [];
  return links.flatMap((link) => valuesOf(link, 'href'));
}

function weightOf(file: string): number {
  const bytes = readFileSync(file);
  return /\.(png|jpg|webp|woff2)$/.test(file) ? bytes.length : gzipSync(bytes).length;
}
