/** Weaves pages without VitePress, to find their mistakes in seconds. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import MarkdownIt from 'markdown-it';
import { lessons } from '../plugins/lessons';
import type { Draw } from './drawings';
import type { ProjectBook } from './project';

/** markdown-it as VitePress sets it, with the book's plugins. */
export function weaver(book: ProjectBook, drawings: Readonly<Record<string, Draw>> = {}): MarkdownIt {
  const md = new MarkdownIt({ html: true, linkify: true });
  lessons(md, { book, drawings });
  return md;
}

/** All code and output that a page includes, each with the line of the page. */
export function included(book: ProjectBook, md: MarkdownIt, page: string): string {
  const tokens = md.parse(readPage(book, page), { relativePath: page, mistakes: [] });
  const fences = tokens.filter(({ type }) => type === 'fence');
  return fences.map(({ map, content }) => `── docs/${page}:${(map?.[0] ?? 0) + 1}\n${content}`).join('\n');
}

/** A page's text, its front matter blanked so that lines keep their numbers. */
function readPage(book: ProjectBook, page: string): string {
  const source = readFileSync(path.join(book.root, 'docs', page), 'utf8');
  return source.replace(/^---\n.*?\n---\n/s, (front) => '\n'.repeat(front.split('\n').length - 1));
}

/** What is wrong in a page, with file and line. */
export function mistakesIn(book: ProjectBook, md: MarkdownIt, page: string): string[] {
  const mistakes: string[] = [];
  const env = { relativePath: page, mistakes, linesAbove: 0 };
  const tokens = md.parse(readPage(book, page), env);
  for (const token of tokens) {
    for (const child of token.children ?? []) {
      const href = child.type === 'link_open' ? (child.attrGet('href') ?? '') : '';
      const missing = deadEnd(book, page, href);
      if (missing) mistakes.push(`docs/${page}:${(token.map?.[0] ?? 0) + 1}: ${href} leads nowhere: there is no docs/${missing}`); // prettier-ignore
    }
  }
  return mistakes.sort((a, b) => lineOf(a) - lineOf(b));
}

function lineOf(mistake: string): number {
  return Number(/:(\d+):/.exec(mistake)?.[1]);
}

/** The page that a link leads to and that is not there; null if all is well. Lessons yet to be written are let pass. */
function deadEnd(book: ProjectBook, page: string, href: string): string | null {
  if (href === '' || href.startsWith('#') || /^[a-z]+:/.test(href)) return null;
  const [target = ''] = href.split('#');
  const at = target.startsWith('/') ? target.slice(1) : path.posix.join(path.posix.dirname(page), target);
  const file =
    at === '' || at === '.' || at.endsWith('/')
      ? `${at === '.' ? '' : at}index.md`
      : at.replace(/(\.md|\.html)?$/, '.md');
  if (isAwaited(book, file)) return null;
  return existsSync(path.join(book.root, 'docs', file)) ? null : file;
}

/** A lesson whose step is there, and whose page is not yet. */
export function isAwaited(book: ProjectBook, file: string): boolean {
  const step = Number(/^step(\d\d)\.md$/.exec(file)?.[1]);
  return step >= 1 && step <= 53 && !book.hasPage(file);
}
