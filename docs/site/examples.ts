/** The examples in docstrings, as modules that a test type-checks and runs. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { parse } from '../../tools/syntax';
import { PAGES, type ApiName, type PageName } from './api';

/** An example, and what the lines `// → …` in it say. */
export interface Example {
  readonly name: string;
  readonly page: PageName;
  readonly text: string;
  readonly results: readonly string[];
}

/** What a module of examples exports: each tells what it comes to, in order. */
export type Run = (tell: (value: unknown) => void) => Promise<void>;

const NAMESPACES = { F: 'functions', L: 'layers', M: 'models', O: 'optimizers' } as const;
const FOLDER = '.cache/docs/examples';

/** All examples, those of members too. */
export function examplesIn(names: readonly ApiName[]): Example[] {
  return names
    .flatMap((one) => [one, ...one.members])
    .filter(({ doc }) => doc.example !== '')
    .map(({ name, page, doc: { example } }) => ({ name, page, text: example, results: resultsIn(example) }));
}

/** What stands behind each arrow; it may go on in lines below, under its own beginning. */
function resultsIn(text: string): string[] {
  const results: string[] = [];
  let open = false;
  for (const line of text.split('\n')) {
    const [, result] = /\/\/ → ?(.*)$/.exec(line) ?? [];
    const [, more] = /^\/\/ {3}(.*)$/.exec(line) ?? [];
    if (result !== undefined) results.push(result);
    else if (more !== undefined && open) results.push(`${results.pop()}\n${more}`);
    open = result !== undefined || (open && more !== undefined);
  }
  return results;
}

/** Writes a module for each page of the reference that has examples: they are called as they are named. Returns their files by page. */
export function writeExamples(root: string, names: readonly ApiName[]): Map<PageName, string> {
  const examples = examplesIn(names);
  mkdirSync(path.join(root, FOLDER), { recursive: true });
  const written = new Map<PageName, string>();
  for (const page of PAGES) {
    const own = examples.filter((one) => one.page === page);
    if (own.length === 0) continue;
    const file = `${FOLDER}/${page}.ts`;
    writeFileSync(path.join(root, file), moduleOf(own, names));
    written.set(page, file);
  }
  return written;
}

function moduleOf(examples: readonly Example[], names: readonly ApiName[]): string {
  const bodies = examples
    .map(({ name, text }) => `  '${name}': async (tell) => {\n${told(name, text)}\n  },\n`)
    .join('');
  return `${importsFor(bodies, names)}export const examples: Record<string, (tell: (value: unknown) => void) => Promise<void>> = {\n${bodies}};\n`;
}

/** The example, telling the value of each statement with an arrow behind it, or below. */
function told(name: string, text: string): string {
  const { statements } = parse('example.ts', text);
  return statements
    .map((one, i) => {
      const own = one.getText();
      const behind = text.slice(one.end, statements[i + 1]?.getStart() ?? text.length);
      if (!behind.includes('// →')) return own;
      if (ts.isExpressionStatement(one)) return `tell(${one.expression.getText()});`;
      const [declared] = ts.isVariableStatement(one) ? one.declarationList.declarations : [];
      if (declared && ts.isIdentifier(declared.name)) return `${own}\ntell(${declared.name.text});`;
      throw new Error(`${name}: an arrow stands behind an expression, or a constant`);
    })
    .join('\n');
}

/** What the examples name, from the entries that have it. */
function importsFor(text: string, names: readonly ApiName[]): string {
  const used = new Set(text.match(/(?<![.\w'])[A-Za-z]\w*/g));
  const lines = Object.entries(NAMESPACES).flatMap(([letter, page]) =>
    used.has(letter) ? [`import * as ${letter} from 'dezero/${page}';`] : [],
  );
  const entries = new Map<string, Set<string>>(used.has('nd') ? [['dezero', new Set(['nd'])]] : []);
  const byLetter = new Set<PageName>(Object.values(NAMESPACES));
  for (const { name, page } of names) {
    if (!used.has(name) || byLetter.has(page)) continue;
    const entry = page === 'core' || page === 'ndarray' ? 'dezero' : `dezero/${page}`;
    entries.set(entry, (entries.get(entry) ?? new Set()).add(name));
  }
  for (const [entry, own] of entries) lines.push(`import { ${[...own].join(', ')} } from '${entry}';`);
  return `${lines.join('\n')}\n\n`;
}
