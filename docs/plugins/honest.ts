/** What a page may not do: type code by hand, where the build could include what runs; call a step by another title than it has. */
import type MarkdownIt from 'markdown-it';
import type { Token } from 'markdown-it';
import type { Book } from './book';
import { directiveOf } from './directives';
import { at, Mistake, type PageEnv } from './mistake';

/** Marks HTML that a plugin has put into the page. */
export const OURS = 'ours';

const FREE = new Set(['sh', 'text']);

/** The elements of HTML that a page may write itself; others are most likely meant as text, as in Promise<T>. */
const ELEMENTS = new Set('a abbr b br code dd details div dl dt em figcaption figure i img kbd p small span strong sub summary sup table tbody td th thead tr'.split(' ')); // prettier-ignore

export function honest(md: MarkdownIt, { book }: { readonly book: Book }): void {
  md.core.ruler.before('directives', 'honest', (state) => {
    const env = state.env as PageEnv;
    const generated = env.relativePath?.startsWith('reference/'); // its code is that of docstrings
    for (const token of generated ? [] : typedByHand(state.tokens))
      at(env, token.map?.[0] ?? null, () => refuse(token));
    for (const token of state.tokens)
      if (token.type === 'html_block' && token.meta !== OURS) at(env, token.map?.[0] ?? null, () => checkText(token));
    const heading = state.tokens.findIndex(({ type, tag }) => type === 'heading_open' && tag === 'h1');
    const step = Number(/^step(\d\d)\.md$/.exec(env.relativePath ?? '')?.[1]);
    if (step) {
      at(env, state.tokens[heading]?.map?.[0] ?? null, () =>
        checkTitle(book, step, state.tokens[heading + 1]?.content),
      );
    }
  });
  md.core.ruler.after('inline', 'plain text', (state) => {
    const env = state.env as PageEnv;
    for (const { map, children } of state.tokens) {
      for (const token of children ?? []) at(env, map?.[0] ?? null, () => checkText(token));
    }
  });
}

function checkText(token: Token): void {
  if (token.type === 'text' && token.content.includes('{{')) throw new Mistake('{{ is read as a formula of Vue: put it into code marks'); // prettier-ignore
  if (token.type !== 'html_inline' && token.type !== 'html_block') return;
  const unknown = [...token.content.matchAll(/<\/?([A-Za-z][\w-]*)/g)].find(([, name = '']) => !ELEMENTS.has(name.toLowerCase())); // prettier-ignore
  if (unknown) throw new Mistake(`${unknown[0]}> is read as HTML: put it into code marks, or write &lt;`);
}

/** Fences, and indented blocks, outside of exercises that no directive fills. */
export function typedByHand(tokens: readonly Token[]): Token[] {
  let inside = 0;
  return tokens.filter((token) => {
    if (token.type === 'exercise_open') inside++;
    if (token.type === 'exercise_close') inside--;
    if (inside > 0) return false;
    if (token.type === 'code_block') return true;
    return token.type === 'fence' && directiveOf(token.info) === null && !FREE.has(token.info.trim());
  });
}

function refuse(token: Token): never {
  const what = token.type === 'fence' ? `\`\`\`${token.info.trim()}` : 'an indented block';
  throw new Mistake(`${what} is typed by hand: include it (step, dezero, output, …), or put it into an exercise`);
}

function checkTitle(book: Book, step: number, title: string | undefined): void {
  const right = `Step ${String(step).padStart(2, '0')} · ${book.titleOf(step)}`;
  if (title !== right) throw new Mistake(`the page begins with "# ${right}"${title ? `, not "# ${title}"` : ''}`);
}
