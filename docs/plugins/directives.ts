/**
 * Fences that say what belongs in their place: ```` ```step 31#descend ````, ```` ```output 31 ````, ```` ```figure 31 contour A picture of … ````.
 * What is named is looked up while the page is built; what is not found is a mistake in the page.
 */
import type MarkdownIt from 'markdown-it';
import type { StateCore, Token } from 'markdown-it';
import { declarationsOf, differences } from '../../tools/chain';
import { BIRTH, nameOfStep } from '../../tools/stepNumbers';
import { addressOf, classOf, prose, type ApiName } from '../site/api';
import { escape } from '../site/escape';
import type { Book, Picture } from './book';
import { hint, namesIn, pick, quiet, wholeStatements } from './code';
import { drawGraph } from './graph';
import { lineDiff, marked } from './lineDiff';
import { at, Mistake, type PageEnv } from './mistake';
import { dedent, isRange, linesIn } from './range';

/** What stands in a fence's place. */
type Piece =
  | { readonly kind: 'code'; readonly lang: Lang; readonly text: string; readonly source: string }
  | { readonly kind: 'html'; readonly html: string }
  | { readonly kind: 'markdown'; readonly text: string };

/** How it is highlighted; a member of a class as in a class, see `asMembers`. */
type Lang = 'ts' | 'ts member' | 'text';

/** The words behind a fence's first one. */
interface Asked {
  readonly words: string;
  readonly body: string;
  readonly book: Book;
}

export interface DirectiveOptions {
  readonly book: Book;
  /** SVG texts by the names that ```` ```drawing name ```` knows. */
  readonly drawings?: Readonly<Record<string, (book: Book) => string>>;
  /** Show mistakes on top of the page, and go on. */
  readonly lenient?: boolean;
}

const KINDS = ['step', 'dezero', 'changes', 'diff', 'output', 'figure', 'graph', 'drawing'] as const;
type Kind = (typeof KINDS)[number];

/** The kind of directive that a fence's words begin with; null for an ordinary fence. */
export function directiveOf(info: string): Kind | null {
  const [word] = info.trim().split(/\s+/, 1);
  return KINDS.find((kind) => kind === word) ?? null;
}

export function directives(md: MarkdownIt, { book, drawings = {} }: DirectiveOptions): void {
  const make: Readonly<Record<Kind, (asked: Asked) => Piece>> = {
    step,
    dezero,
    changes,
    diff,
    output,
    figure,
    graph: ({ words, body }) => drawn(drawGraph(body), words, 'graph'),
    drawing: (asked) => drawing(asked, drawings),
  };
  md.core.ruler.before('inline', 'directives', (state) => {
    const env = state.env as PageEnv;
    state.tokens = state.tokens.flatMap((token) => {
      const kind = token.type === 'fence' ? directiveOf(token.info) : null;
      if (!kind) return [token];
      const words = token.info.trim().slice(kind.length).trim();
      const asked = { words, body: token.content.trim(), book };
      const piece = at(env, token.map?.[0] ?? null, () => make[kind](asked));
      noteSource(env, kind, words);
      return piece ? tokensFor(state, token, piece, kind === 'graph' ? '' : asked.body) : [];
    });
  });
}

/** Tells VitePress which file the piece comes from, so that the page is made anew when it changes. */
function noteSource({ includes }: PageEnv, kind: Kind, words: string): void {
  const step = /^(\d+)/.exec(words)?.[1];
  const file = `${process.cwd()}/steps/${nameOfStep(Number(step))}.ts`;
  if (step && kind !== 'dezero' && kind !== 'diff' && includes && !includes.includes(file)) includes.push(file);
}

function tokensFor(state: StateCore, fence: Token, piece: Piece, caption: string): Token[] {
  const token = (type: string, tag: string, nesting: -1 | 0 | 1, content = '') => {
    const made = new state.Token(type, tag, nesting);
    Object.assign(made, { map: fence.map, content, block: true, level: fence.level });
    return made;
  };
  const html = (content: string) => token('html_block', '', 0, content);
  const inline = (text: string) => Object.assign(token('inline', '', 0, text), { children: [] });
  const captions = caption ? [html('<figcaption>'), inline(caption), html('</figcaption>\n')] : [];
  switch (piece.kind) {
    case 'code': {
      const code = Object.assign(token('fence', 'code', 0, `${piece.text}\n`), { info: piece.lang, markup: '```' });
      const source = piece.source ? `<p class="source">${escape(piece.source)}</p>\n` : '';
      return [html(`<figure class="listing ${piece.lang === 'text' ? 'printed' : 'code'}">\n${source}`), code, ...captions, html('</figure>\n')]; // prettier-ignore
    }
    case 'html':
      return [html(`<figure class="drawn" v-pre>\n<div class="${viewOf(piece.html)}">${piece.html}</div>\n`), ...captions, html('</figure>\n')]; // prettier-ignore
    case 'markdown': {
      const inner: Token[] = [];
      state.md.block.parse(piece.text, state.md, state.env, inner);
      for (const one of inner) one.map = fence.map;
      return [html('<div class="gained">\n'), ...inner, ...captions, html('</div>\n')];
    }
  }
}

/** What a telephone would shrink past reading is moved sideways there; but not what is too large to be read anywhere. */
function viewOf(html: string): 'view' | 'wide view' {
  const width = Number(/ width="(\d+)/.exec(html)?.[1]);
  return width > 560 && width < 1200 ? 'wide view' : 'view';
}

/** `31#name,other bare /from/..+3`: a step, names, a range. */
function readWords(words: string): { step: number; names: string[]; bare: boolean; range: string | null } {
  const found = /^(\d\d?)(?:#(\S+))?(\s+bare)?(?:\s+(\S.*))?$/.exec(words);
  if (!found) throw new Mistake(`"${words}" is not of the form 31#name, with a range behind it if need be`);
  const [, step, names, bare, range] = found;
  if (range !== undefined && !isRange(range)) throw new Mistake(`${range} is no range`);
  return { step: Number(step), names: names?.split(',') ?? [], bare: bare !== undefined, range: range ?? null };
}

function step({ words, book }: Asked): Piece {
  const { step: number, names, bare, range } = readWords(words);
  const file = `steps/${nameOfStep(number)}.ts`;
  return piecesOf(file, book.step(number), names, { bare, range });
}

function piecesOf(
  file: string,
  text: string,
  names: readonly string[],
  { bare, range }: { bare: boolean; range: string | null },
): Piece {
  const whole = names.length === 0 ? quiet(text).trimEnd() : names.map((name) => pick(file, text, name, { bare })).join('\n\n'); // prettier-ignore
  return {
    kind: 'code',
    lang: 'ts',
    text: range === null ? whole : linesIn(whole, range, (lines) => wholeStatements(whole, lines)),
    source: file,
  };
}

/** Only members, or something else too. */
function langOf(names: readonly string[]): Lang {
  return names.length > 0 && names.every((name) => name.includes('.')) ? 'ts member' : 'ts';
}

function dezero({ words, book }: Asked): Piece {
  const found = /^(\d\d) ([\w./-]+\.ts)(?:#(\S+))?(\s+bare)?(?:\s+(\S.*))?$/.exec(words);
  if (!found) throw new Mistake(`"${words}" is not of the form 33 functions/shape.ts#Reshape`);
  const [, after, file = '', names, bare, range = null] = found;
  if (range !== null && !isRange(range)) throw new Mistake(`${range} is no range`);
  const text = packageFile(book, Number(after), file);
  return piecesOf(`dezero/${file}`, text, names?.split(',') ?? [], { bare: bare !== undefined, range });
}

function packageFile(book: Book, after: number, file: string): string {
  if (after < BIRTH) throw new Mistake(`the package is born in step ${BIRTH}; step ${after} has none`);
  const text = book.packageFile(after, file);
  if (text === null) throw new Mistake(`the package has no ${file} after step ${after}${hint(file, book.packageFiles(after))}`); // prettier-ignore
  return text;
}

function changes({ words, book }: Asked): Piece {
  const inPackage = /^(\d\d) ([\w./-]+\.ts)#(\S+)$/.exec(words);
  if (inPackage) {
    const [, after, file = '', names = ''] = inPackage;
    const [now, before] = [packageFile(book, Number(after), file), book.packageFile(Number(after) - 1, file) ?? ''];
    const part = (text: string, name: string) => (namesIn(file, text).includes(name) ? pick(file, text, name) : '');
    return changed(`dezero/${file}`, langOf(names.split(',')), names.split(',').map((name) => [part(before, name), pick(file, now, name)])); // prettier-ignore
  }
  const found = /^(\d\d?)(?:\s+(\S+))?$/.exec(words);
  if (!found) throw new Mistake(`"${words}" is not of the form 14, 14 Variable.backward, or 33 core/operators.ts#Add`);
  const [number, wanted] = [Number(found[1]), found[2]?.split(',')];
  if (number >= BIRTH) throw new Mistake(`step ${number} stands on the package: name a file and a declaration, 33 core/operators.ts#Add`); // prettier-ignore
  const bases = book.basesOf(number);
  if (bases.length === 0) throw new Mistake(`step ${number} builds on no other step`);
  const text = book.step(number);
  const before = bases.map((base) => declarationsOf(book.step(base)));
  const now = declarationsOf(text);
  const differing = differences(
    text,
    bases.map((base) => book.step(base)),
  );
  const missing = wanted?.find((name) => !differing.has(name));
  if (missing !== undefined) throw new Mistake(`${missing} is as in the step before${hint(missing, [...differing])}`);
  const names = wanted ?? [...differing];
  const source = `steps/${nameOfStep(number)}.ts, against ${bases.map((base) => `step ${base}`).join(' and ')}`;
  return changed(source, langOf(names), names.map((name) => [before.map((one) => one.get(name)).find((one) => one) ?? '', now.get(name) ?? ''])); // prettier-ignore
}

function changed(source: string, lang: Lang, pairs: readonly (readonly [string, string])[]): Piece {
  const lines = (text: string) => (text ? dedent(indented(text)).split('\n') : []);
  const texts = pairs.map(([before, now]) => {
    const open = now.trimEnd().endsWith('{') || before.trimEnd().endsWith('{');
    return marked([...lineDiff(lines(quiet(before)), lines(quiet(now))), ...(open ? [{ kind: 'same', text: '  // …' } as const, { kind: 'same', text: '}' } as const] : [])]); // prettier-ignore
  });
  return { kind: 'code', lang, text: texts.join('\n\n'), source };
}

/** The first line of a member, cut out of its class, has lost its indentation. */
function indented(text: string): string {
  const [first = '', ...rest] = text.split('\n');
  const last = rest.at(-1) ?? '';
  return [' '.repeat(Math.max(last.length - last.trimStart().length, 0)) + first.trimStart(), ...rest].join('\n');
}

function diff({ words, book }: Asked): Piece {
  const found = /^(\d\d)\.\.(\d\d)$/.exec(words);
  if (!found) throw new Mistake(`"${words}" is not of the form 33..34`);
  const [from, to] = [Number(found[1]), Number(found[2])];
  const gained = book.gained(from, to);
  if (gained.length === 0) throw new Mistake(`the package gains nothing from step ${from} to step ${to}`);
  const pairs = gained.map((one) => [one, classOf(one, gained)] as const);
  const told = new Set(pairs.map(([, its]) => its));
  const lines = pairs.filter(([one]) => !told.has(one)).map(([one, its]) => gainedLine(one, its));
  return { kind: 'markdown', text: lines.join('\n') };
}

/** A name with the first line of its docstring; a function with the class that it calls, whose docstring has the formula. */
function gainedLine(one: ApiName, its: ApiName | null): string {
  const link = ({ name }: ApiName, to: ApiName) => `[\`${name}\`](${addressOf(to)})`;
  return [`- ${link(one, one)}`, its && link(its, its), prose(one.doc.first), its && prose(its.doc.first)].filter(Boolean).join(' '); // prettier-ignore
}

function output({ words, book }: Asked): Piece {
  const { step: number, range, names } = readWords(words);
  if (names.length > 0) throw new Mistake('output has no names: give a range of lines, /words/..+5');
  const text = book.output(number).trimEnd();
  return { kind: 'code', lang: 'text', text: range === null ? text : linesIn(text, range), source: `step ${number} prints` }; // prettier-ignore
}

function figure({ words, book }: Asked): Piece {
  const found = /^(\d\d?)\s+(\S+)\s+(\S.*)$/.exec(words);
  if (!found) throw new Mistake(`"${words}" is not of the form 31 contour What is seen in it`);
  const [, number, name = '', alt = ''] = found;
  return { kind: 'html', html: image(book.picture(Number(number), name), alt) };
}

function image({ url, width, height }: Picture, alt: string): string {
  return `<img src="${escape(url)}" alt="${escape(alt)}" width="${width}" height="${height}" loading="lazy" decoding="async">`;
}

function drawing({ words, book }: Asked, drawings: NonNullable<DirectiveOptions['drawings']>): Piece {
  const found = /^(\S+)\s+(\S.*)$/.exec(words);
  if (!found) throw new Mistake(`"${words}" is not of the form name What is seen in it`);
  const [, name = '', alt = ''] = found;
  const draw = drawings[name];
  if (!draw) throw new Mistake(`there is no drawing ${name}${hint(name, Object.keys(drawings))}`);
  return drawn(draw(book), alt, 'drawing');
}

function drawn(svg: string, alt: string, kind: Kind): Piece {
  if (alt === '') throw new Mistake(`${kind} needs words: what is seen in it, for those who cannot see it`);
  const role = svg.includes('<a ') ? 'group' : 'img'; // in a picture that is one thing nobody looks for links
  return { kind: 'html', html: svg.replace('<svg', `<svg role="${role}" aria-label="${escape(alt)}"`) };
}
