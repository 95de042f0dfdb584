import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { narrow, lifted } from '../../docs/site/formatted';
import { needs } from '../../docs/site/needs';
import { withoutDetours } from '../../docs/drawings/map';
import { bookOf, prepareCode } from '../../docs/site/prepare';
import type { ProjectBook } from '../../docs/site/project';
import { writeReference } from '../../docs/site/reference';
import { Keys, Store } from '../../tools/store';
import { SmallProject } from '../tools/project';

let project: SmallProject;
let book: ProjectBook;
beforeAll(() => {
  project = new SmallProject({
    'dezero/index.ts': "export * from './core';\n",
    'dezero/core/index.ts': "export * from './sum';\n",
    'dezero/core/sum.ts': `/** One. @since 28 */
export const one = (): number => 1;

/** Two. @since 29 */
export const two = (): number => one() + one();
`,
    'steps/step01.ts': '// builds on nothing\n/**\n * Step 01 · One: the first number.\n */\nexport const a = 1;\n',
    'steps/step02.ts': '// builds on step01, changes: a\n/**\n * Step 02 · Two.\n */\nexport const a = 2;\n',
    'steps/step28.ts': "/**\n * Step 28 · Born.\n */\nimport { one } from 'dezero';\nconsole.log(one());\n",
    'steps/step29.ts':
      "/**\n * Step 29 · Grown.\n */\nimport { one, two } from 'dezero';\nconsole.log(one(), two());\n",
    'docs/step28.md': '# Step 28 · Born\n\n```step 28\n\n```\n',
  });
  const drawn = path.join(project.root, 'drawn');
  mkdirSync(drawn);
  writeFileSync(path.join(drawn, 'curve.svg'), '<svg width="30pt" height="20pt" viewBox="0 0 30 20"></svg>');
  const key = new Keys(project.root).all().get('step28') ?? '';
  new Store(project.root).keep('step28', key, { output: '1\n', seconds: 0 }, drawn);
  book = bookOf(project.root);
});
afterAll(() => project.remove());

test('steps are known by number, title and base', () => {
  expect(book.steps).toEqual([1, 2, 28, 29]);
  expect(book.titleOf(1)).toBe('One: the first number');
  expect(book.basesOf(2)).toEqual([1]);
  expect(() => book.step(3)).toThrow('there is no step 3');
});

test('the package is as it stood after a step', () => {
  expect(book.packageFile(28, 'core/sum.ts')).not.toContain('two');
  expect(book.packageFile(29, 'core/sum.ts')).toContain('two');
  expect(book.packageFile(27, 'core/sum.ts')).toBeNull();
  expect(book.gained(28, 29).map(({ name }) => name)).toEqual(['two']);
});

test('a cut is kept, and read again', () => {
  const first = book.packageFile(28, 'core/sum.ts');
  expect(bookOf(project.root).packageFile(28, 'core/sum.ts')).toBe(first);
});

test('output and pictures are those of the last run', () => {
  expect(book.output(28)).toBe('1\n');
  expect(book.picture(28, 'curve')).toEqual({ url: '/figures/step28/curve.svg', width: 30, height: 20 });
  expect(existsSync(path.join(project.root, 'docs/public/figures/step28/curve.svg'))).toBe(true);
  expect(() => book.picture(28, 'circle')).toThrow('step 28 drew no circle; it has curve.svg');
  expect(() => book.output(29)).toThrow('step 29 has not run as it now stands: npm run steps -- 29');
});

test('a run is not taken for that of a step that has changed since, but while one writes', () => {
  project.change('steps/step28.ts', 'console.log(one())', 'console.log(one() + 1)');
  expect(() => bookOf(project.root).output(28)).toThrow('step 28 has not run as it now stands');
  expect(bookOf(project.root, { lenient: true }).output(28)).toBe('1\n');
  project.change('steps/step28.ts', 'console.log(one() + 1)', 'console.log(one())');
});

test('the reference has a page for each entry, with names, docstrings and steps', () => {
  writeReference(book);
  const page = project.read('docs/reference/core.md');
  expect(page).toContain('### two {#two}');
  expect(page).toContain('<code class="signature" v-pre>two(): number</code> <span class="since">step 29</span>');
  expect(page).toContain('<span class="since">[step 28](/step28.md)</span>');
});

test('a step needs its base, or what introduced what it imports', () => {
  expect(needs(book, 2)).toEqual([1]);
  expect(needs(book, 28)).toEqual([2]);
  expect(needs(book, 29)).toEqual([28]);
});

test('arrows that follow from others are left out', () => {
  expect(withoutDetours([[1, 2], [2, 3], [1, 3], [1, 4]])).toEqual([[1, 2], [2, 3], [1, 4]]); // prettier-ignore
});

test('code is set as narrow as a page, once', async () => {
  project.change('steps/step01.ts', 'export const a = 1;', `export const words = [${"'a word', ".repeat(20)}];`);
  await prepareCode(book, []);
  expect(book.step(1)).toContain("'a word', 'a word'");
  project.write('docs/step01.md', '```step 1\n\n```\n');
  await prepareCode(book, ['step01.md']);
  expect(book.step(1).split('\n').every((line) => line.length <= 84)).toBe(true); // prettier-ignore
});

test('a long comment behind a line goes above it, and a short one stays', () => {
  const long = `  const x = 1; // ${'word '.repeat(18).trim()}`;
  expect(lifted(long)).toMatch(/^ {2}\/\/ word.*\n {2}\/\/ word.*\n {2}const x = 1;$/);
  expect(lifted('const x = 1; // short')).toBe('const x = 1; // short');
  expect(narrow('// short\n')).toBe('// short\n');
});
