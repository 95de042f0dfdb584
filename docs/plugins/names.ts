/** `[[Func]]` and `[[the softmax|F.softmax]]`: names that lead to their place in the reference. */
import type MarkdownIt from 'markdown-it';
import { addressOf, type ApiName } from '../site/api';
import type { Book } from './book';
import { at, Mistake, type PageEnv } from './mistake';

export function names(md: MarkdownIt, { book }: { readonly book: Book }): void {
  md.inline.ruler.before('link', 'names', (state, silent) => {
    const found = /^\[\[([^[\]|\n]+)(?:\|([^[\]|\n]+))?\]\]/.exec(state.src.slice(state.pos, state.pos + 200));
    if (!found) return false;
    const [all, words = '', target] = found;
    state.pos += all.length;
    if (silent) return true;
    const env = state.env as PageEnv & { readonly inlineLine?: number };
    const one = at(env, env.inlineLine ?? null, () => resolve(book, target ?? words));
    const open = state.push('link_open', 'a', 1);
    open.attrSet('href', one ? addressOf(one) : '#');
    if (target === undefined) {
      const code = state.push('code_inline', 'code', 0);
      code.content = words;
      code.markup = '`';
    } else {
      state.push('text', '', 0).content = words;
    }
    state.push('link_close', 'a', -1);
    return true;
  });
  // An inline rule does not know its line: each block of text tells it, right before it is parsed.
  md.core.ruler.at('inline', (state) => {
    const env = state.env as PageEnv & { inlineLine?: number };
    for (const token of state.tokens) {
      if (token.type !== 'inline') continue;
      env.inlineLine = token.map?.[0] ?? 0;
      state.md.inline.parse(token.content, state.md, state.env, (token.children ??= []));
    }
  });
}

/** The one place that a name means. */
export function resolve(book: Book, name: string): ApiName {
  const found = book.find(name);
  const [one] = found;
  if (!one) throw new Mistake(`the package has no ${name}`);
  if (found.length > 1) throw new Mistake(`${name} can be ${found.map((each) => `${each.page}'s`).join(' or ')}: say which, as in F.${name}`); // prettier-ignore
  return one;
}
