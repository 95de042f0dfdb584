/** All that turns a page of the book into HTML, for VitePress and for the checks alike. */
import { katex } from '@mdit/plugin-katex';
import { renderToString } from 'katex';
import type MarkdownIt from 'markdown-it';
import { escape } from '../site/escape';
import { answers } from './answers';
import { directives, type DirectiveOptions } from './directives';
import { exercises } from './exercise';
import { honest } from './honest';
import { at, Mistake, type PageEnv } from './mistake';
import { names } from './names';

export function lessons(md: MarkdownIt, options: DirectiveOptions): void {
  exercises(md);
  // The same class, by the types of markdown-it's other module format
  katex(md as unknown as Parameters<typeof katex>[0], {
    delimiters: 'dollars',
    transformer: (html: string) => html.replace(/^<(\w+)/, '<$1 v-pre'), // VitePress is not to look for {{ }} in formulas
  });
  directives(md, options);
  honest(md, options);
  names(md, options);
  answers(md);
  checkFormulas(md);
  keepPunctuation(md);
  countLinesAbove(md);
  if (options.lenient) showMistakes(md);
}

/** While a page is being written, its mistakes stand on top of it and do not stop the site. */
function showMistakes(md: MarkdownIt): void {
  md.core.ruler.before('normalize', 'collect mistakes', ({ env }) => {
    (env as { mistakes: string[] }).mistakes = [];
  });
  md.core.ruler.push('show mistakes', (state) => {
    const { mistakes = [] } = state.env as PageEnv;
    const tokens = mistakes.map((mistake) => {
      const token = new state.Token('html_block', '', 0);
      token.content = `<p class="mistake" v-pre>${escape(mistake)}</p>\n`;
      return token;
    });
    state.tokens.unshift(...tokens);
  });
}

/** VitePress takes the front matter off between `render` and `parse`; lines are counted with it. */
function countLinesAbove(md: MarkdownIt): void {
  const render = md.render.bind(md);
  md.render = (source: string, env: PageEnv = {}) => {
    env.linesAbove = (/^---\n.*?\n---\n/s.exec(source)?.[0] ?? '').split('\n').length - 1;
    return render(source, env);
  };
}

/** A formula that cannot be set would be shown in red; here it is a mistake in the page. */
function checkFormulas(md: MarkdownIt): void {
  md.core.ruler.after('inline', 'formulas', (state) => {
    for (const token of state.tokens) {
      for (const one of [token, ...(token.children ?? [])]) {
        if (!one.type.startsWith('math_')) continue;
        at(state.env as PageEnv, token.map?.[0] ?? null, () => tryFormula(one.content));
      }
    }
  });
}

const SHORT = 24; // letters of a formula that a line can always hold

const letters = (formula: string): number => formula.replace(/\\[a-z]+|[\s{}^_]/gi, '').length;

/** No line begins with the comma or full stop behind a formula, where browsers would break it. */
function keepPunctuation(md: MarkdownIt): void {
  md.core.ruler.push('punctuation', (state) => {
    const html = (content: string) => Object.assign(new state.Token('html_inline', '', 0), { content });
    for (const { children } of state.tokens) {
      for (let i = (children?.length ?? 0) - 2; children && i >= 0; i--) {
        const [formula, next] = [children[i], children[i + 1]];
        const [marks = ''] = /^[.,;:?!)]+/.exec(next?.type === 'text' ? next.content : '') ?? [];
        if (formula?.type !== 'math_inline' || !next || marks === '' || letters(formula.content) > SHORT) continue;
        next.content = next.content.slice(marks.length);
        children.splice(i, 1, html('<span class="together">'), formula, html(`${marks}</span>`));
      }
    }
  });
}

function tryFormula(formula: string): void {
  try {
    renderToString(formula, { strict: 'error' });
  } catch (error) {
    throw new Mistake(`$${formula}$: ${error instanceof Error ? error.message : String(error)}`);
  }
}
