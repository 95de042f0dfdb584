import MarkdownIt from 'markdown-it';
import type { ApiName } from '../../docs/site/api';
import type { Book } from '../../docs/plugins/book';
import { lessons } from '../../docs/plugins/lessons';
import { Mistake, type PageEnv } from '../../docs/plugins/mistake';

const STEPS: Readonly<Record<number, string>> = {
  1: `// builds on nothing
/**
 * Step 01 · A box.
 */

/** A box for a value. */
export class Box {
  constructor(public data: number) {}
  /** Twice the value. */
  twice(): number {
    return this.data;
  }
}

export function main(): void {
  const box = new Box(2);
  // #region show
  console.log('a box');
  console.log(box.data);
  // #endregion
}
`,
  2: `// builds on step01, changes: Box.twice, half
/**
 * Step 02 · A better box.
 */

/** A box for a value. */
export class Box {
  constructor(public data: number) {}
  /** Twice the value. */
  twice(): number {
    return 2 * this.data;
  }
}

export const half = (x: number): number => x / 2;
`,
};

const PACKAGE: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  28: { 'core/add.ts': '/** The sum. @since 28 */\nexport function add(a: number, b: number): number {\n  return a + b;\n}\n' },
  29: { 'core/add.ts': '/** The sum. @since 28 */\nexport function add(a: number, b: number): number {\n  return b + a;\n}\n' },
}; // prettier-ignore

const api = (name: string, page: ApiName['page'], kind: ApiName['kind'], first: string): ApiName => ({
  name, page, kind, at: `${page}/${name}.ts`, signature: name, doc: { first, rest: '', throws: '', example: '' }, since: 28, members: [],
}); // prettier-ignore

const NAMES = [
  api('add', 'core', 'function', 'The sum.'),
  api('Add', 'core', 'class', 'y = a + b.'),
  api('Variable.backward', 'core', 'member', 'The way back.'),
  api('sum', 'functions', 'function', 'All together, x_0 to x_n.'),
  api('sum', 'data', 'function', 'Another.'),
];

/** A project as small as can be. */
export const smallBook: Book = {
  steps: [1, 2],
  step: (step) => {
    const text = STEPS[step];
    if (text === undefined) throw new Mistake(`there is no step ${step}`);
    return text;
  },
  titleOf: (step) => (step === 1 ? 'A box' : 'A better box'),
  basesOf: (step) => (step === 2 ? [1] : []),
  packageFile: (step, at) => PACKAGE[step]?.[at] ?? null,
  packageFiles: (step) => Object.keys(PACKAGE[step] ?? {}),
  gained: (from) => (from === 28 ? NAMES.slice(0, 2) : []),
  output: () => 'first\n  second 0.5\nthird\nsecond again\n',
  picture: (step, name) => {
    if (name !== 'curve') throw new Mistake(`step ${step} drew no ${name}; it has curve.svg`);
    return { url: '/figures/step01/curve.svg', width: 200, height: 100 };
  },
  names: NAMES,
  find: (name) => {
    const [prefix, rest] = name.split('.');
    return NAMES.filter(
      (one) => one.name === name || (prefix === 'F' && one.page === 'functions' && one.name === rest),
    );
  },
  hasPage: () => true,
};

/** markdown-it with the book's plugins. */
export function smallWeaver(): MarkdownIt {
  const md = new MarkdownIt({ html: true });
  const render = md.render.bind(md);
  md.render = (source, env) => render(source.replace(/^---\n.*?\n---\n/s, ''), env); // as VitePress does
  lessons(md, {
    book: smallBook,
    drawings: { circle: () => '<svg viewBox="0 0 1 1"></svg>', wide: () => '<svg width="800"></svg>' },
  });
  return md;
}

/** A page as HTML; a mistake in it is thrown. */
export function woven(page: string, env: PageEnv = {}): string {
  return smallWeaver().render(page, env);
}

/** The mistakes of a page. */
export function mistakesOf(page: string, relativePath = 'page.md'): string[] {
  const mistakes: string[] = [];
  woven(page, { relativePath, mistakes });
  return mistakes;
}

/** A fence without a body. */
export const fence = (info: string, body = ''): string => `\`\`\`${info}\n${body}\n\`\`\`\n`;
