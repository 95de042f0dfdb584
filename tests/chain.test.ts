import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { complaints, declarationsOf, differences, ownLines, readFirstLine } from '../tools/chain';

const name = (step: number) => `step${String(step).padStart(2, '0')}`;
const read = (step: string) => readFileSync(`steps/${step}.ts`, 'utf8');

/** What each step builds on: 01 to 18 and 19 to 23 in a row, the others as written here. */
const others: Record<number, string[]> = { 1: [], 19: [], 24: ['step18', 'step22'], 25: [], 26: ['step18', 'step25'], 27: ['step18'] }; // prettier-ignore
const steps = Array.from({ length: 27 }, (_, i) => i + 1);
const chain = steps.map((step) => [name(step), others[step] ?? [name(step - 1)]] as const);

test.each(chain)('%s is the same as its base, letter by letter, but for what its first line lists', (step, bases) => {
  expect(existsSync(`steps/${step}.ts`), `steps/${step}.ts is missing`).toBe(true);
  const text = read(step);
  const first = readFirstLine(text);
  expect(first, 'the first line reads `// builds on step06, changes: Variable.creator, square`').not.toBeNull();
  expect(first?.bases, 'the first line names the step that this one builds on').toEqual(bases);
  if (bases.length === 0) expect(first?.changes, 'what builds on nothing changes nothing').toEqual([]);
  else expect(complaints(text, bases.map(read)), 'the first line lists what differs from the base').toEqual([]);
});

/** What a reader can take in at once; step 24 joins two chains. */
const mostOwnLines = (step: string) => (step === 'step24' ? 128 : 116);

test.each(chain)('%s can be taken in whole: it adds few lines to what it builds on', (step, bases) => {
  const own = ownLines(read(step), bases.map(read));
  expect(own, 'lines that no base has: one concept a step; shorten it, or move some to another').toBeLessThanOrEqual(
    mostOwnLines(step),
  );
});

const base = `// builds on nothing
/** Step 1 */
import { inspect } from 'node:util';

/** A box. */
export class Box {
  value = 1;
  // How it opens
  get lid(): string { return 'up'; }
  set lid(next: string) { this.value = next.length; }
  constructor(readonly size: number) {}
  [inspect.custom](): string { return 'box'; }
}

/** Old. */
export class Old { a = 1; b = 2; }
export const one = 1;
export function twice(x: number): number { return x * 2; }
export function main(): void { console.log(one); }
if (require.main === module) main();
`;
const changed = (...pairs: [from: string, to: string][]) =>
  pairs.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`there is no ${from}`);
    return text.replace(from, to);
  }, base);

test('declarations have names, members those of their class before them', () => {
  expect([...declarationsOf(base).keys()]).toEqual(['Box', 'Box.value', 'Box.lid', 'Box.constructor', 'Box.[inspect.custom]', 'Old', 'Old.a', 'Old.b', 'one', 'twice']); // prettier-ignore
  expect(declarationsOf(base).get('Box')).toBe('/** A box. */\nexport class Box {\n}');
  expect(declarationsOf(base).get('Box.lid')).toMatch(/^\/\/ How it opens\n *get lid.*\n *set lid.*}$/s);
});

test("a file's own docstring belongs to no declaration, also where no import comes between", () => {
  const text = '// builds on step01, changes: a\n/** Step 2 */\n/** One. */\nexport const a = 1;\n';
  expect([...declarationsOf(text)]).toEqual([['a', '/** One. */\nexport const a = 1;']]);
});

test.each<[string, [from: string, to: string], string[]]>([
  ['nothing, where main and imports alone change', ["import { inspect } from 'node:util';\n", ''], []],
  ['nothing, where the file says something else of itself', ['/** Step 1 */', '/** Step 2, another */'], []],
  ['nothing, where main prints something else', ['console.log(one)', 'console.log(twice(one))'], []],
  ['a function of another body', ['x * 2', 'x + x'], ['twice']],
  ['a docstring', ['/** A box. */', '/** A crate. */'], ['Box']],
  ['what a class extends', ['class Box', 'class Box extends Old'], ['Box']],
  ['a comment of a member', ['How it opens', 'How it shuts'], ['Box.lid']],
  ['a setter alone', ['next.length', 'next.length + 1'], ['Box.lid']],
  ['a constructor', ['size: number', 'size: string'], ['Box.constructor']],
  ['a member that is new', ['value = 1;', 'value = 1;\n  more = 2;'], ['Box.more']],
  ['a member that is gone', ["[inspect.custom](): string { return 'box'; }", ''], ['Box.[inspect.custom]']],
  ['a class that is gone, without its members', ['/** Old. */\nexport class Old { a = 1; b = 2; }', ''], ['Old']],
  ['a class that is new, without its members', ['export const one', 'class New { c = 3; }\nexport const one'], ['New']],
  ['a constant under another name', ['const one', 'const uno'], ['uno', 'one']],
  ['white space', ['x * 2', 'x  *  2'], ['twice']],
])('it finds %s', (_, [from, to], expected) => {
  expect([...differences(changed([from, to]), [base])]).toEqual(expected);
});

test('of two bases either will do, and what both have lost is gone', () => {
  const second = `export const two = 2;\nexport const one = 'other';\n`;
  const both = (text: string) => [...differences(text, [base, second])];
  expect(both(`${base}export const two = 2;\n`)).toEqual([]);
  expect(both(base)).toEqual(['two']);
  expect(both(`${changed(['const one = 1', "const one = 'other'"])}export const two = 2;\n`)).toEqual([]);
  expect(both(`${changed(['const one = 1', 'const one = 3'])}export const two = 2;\n`)).toEqual(['one']);
});

test('the first line is read, and another form of it refused', () => {
  expect(readFirstLine('// builds on nothing\n')).toEqual({ bases: [], changes: [] });
  const two = '// builds on step18 and step22, changes: Variable.name, nd\nx';
  expect(readFirstLine(two)).toEqual({ bases: ['step18', 'step22'], changes: ['Variable.name', 'nd'] });
  for (const line of [
    '// build on step01, changes: a',
    '// builds on step1, changes: a',
    '/** builds on step01 */',
    '',
  ]) {
    expect(readFirstLine(line), line).toBeNull();
  }
});

test('a difference that is not listed, one that is listed in vain, and one listed twice are told', () => {
  const first = (changes: string) => ['// builds on nothing', `// builds on step01, changes: ${changes}`] as [string, string]; // prettier-ignore
  const step = (changes: string) => changed(first(changes), ['x * 2', 'x + x']);
  expect(complaints(step('twice'), [base])).toEqual([]);
  expect(complaints(step('one'), [base])).toEqual([
    'twice differs and is not listed',
    'one is listed and does not differ',
  ]);
  expect(complaints(step('twice, twice'), [base])).toEqual(['twice is listed twice']);
});

test("a step's own lines are its introduction, imports, main and what its bases have not letter by letter", () => {
  const always = 5; // the first line, the introduction, the import, main and its call
  expect(ownLines(base, []), 'without a base all lines are its own').toBe(base.trim().split('\n').length);
  expect(ownLines(base, [base])).toBe(always);
  const own = (...pairs: Parameters<typeof changed>) => ownLines(changed(...pairs), [base]) - always;
  expect(own(['console.log(one)', 'console.log(one);\n  console.log(twice(one))']), 'main grows').toBe(1);
  expect(own(['x * 2', 'x + x']), 'a function').toBe(1);
  expect(own(['next.length', 'next.length + 1']), 'a member, with its comment, without its class').toBe(3);
  expect(own(['/** A box. */', '/** A crate. */']), 'a class alone, with the empty line above it').toBe(4);
  expect(own(['class Old {', 'class New {']), 'a class that is new, with its members: likewise').toBe(3);
  expect(own(['export const one', '/** Two. */\nexport const two = 2;\nexport const one']), 'a docstring').toBe(2);
  expect(own(['/** Old. */\nexport class Old { a = 1; b = 2; }\n', '']), 'nothing, for what is gone').toBe(0);
});

test('of two bases either saves a line', () => {
  const second = 'export const two = 2;\n';
  const step = changed(['export const one', `${second}export const one`]);
  expect(ownLines(step, [base, second])).toBe(ownLines(base, [base]));
  expect(ownLines(step, [base])).toBe(ownLines(base, [base]) + 1);
});
