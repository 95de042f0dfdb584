import { expect, test } from 'vitest';
import { cut } from '../../tools/cut';
import type { Older } from '../../tools/older';

/** What is left of some files after a step, without empty lines. */
function after(step: number, files: Record<string, string>, older: Older[] = [], aliases: [string, string][] = []) {
  const left = cut(new Map(Object.entries(files)), step, { older, aliases: new Map(aliases) });
  return Object.fromEntries([...left].map(([at, text]) => [at, text.replace(/\n\s*\n/g, '\n').trim()]));
}

/** The same for one file beside which another exports `a` (28) and `b` (40). */
function alone(step: number, text: string): string | undefined {
  const beside = '/** @since 28 */\nexport const a = 1;\n/** @since 40 */\nexport const b = 2;\n';
  return after(step, { 'x.ts': text, 'beside.ts': beside })['x.ts'];
}

const kept = '/** @since 28 */\nexport const kept = 1;';

test('an export of a later step goes with its docstring; one of this step stays', () => {
  const text = `${kept}\n\n/** Later. @since 30 */\nexport function later(): void {}\n`;
  expect(alone(29, text)).toBe(kept);
  expect(alone(30, text)).toContain('later');
});

test('comments that stand apart stay, those above a docstring belong to what was before', () => {
  const text = `${kept}\n// of kept\n\n// a part of its own\n\n/** @since 40 */\nexport const x = 1; // prettier-ignore\n`;
  expect(alone(28, text)).toBe(`${kept}\n// of kept\n// a part of its own`);
});

test('a heading over a helper without a docstring stays when the helper goes', () => {
  const text = `${kept}\n\n// A part\n\n// of the helper\nconst helper = 1;\n\n/** @since 40 */\nexport const x = helper;\n`;
  expect(alone(28, text)).toBe(`${kept}\n// A part`);
});

test('class members of later steps go: fields, methods with their overloads, a getter with its setter', () => {
  const text = `/** @since 28 */
export class Box {
  /** @since 28 */
  value = 1;
  /** @since 40 */
  later = 2;
  /** @since 40 */
  to(x: 'cpu'): number;
  to(x: 'gpu'): string;
  to(x: string): number | string { return x; }
  /** @since 40 */
  get grad(): number { return 1; }
  /** Sets it. */
  set grad(next: number) { this.value = next; }
  override name(): string { return 'box'; }
  /** @since 29 */
  get size(): number { return 1; }
}`;
  expect(alone(29, text)).toBe(`/** @since 28 */
export class Box {
  /** @since 28 */
  value = 1;
  override name(): string { return 'box'; }
  /** @since 29 */
  get size(): number { return 1; }
}`);
});

test('overloads of a function go with the mark of the first', () => {
  const text = `${kept}\n/** @since 40 */\nexport function f(x: number): void;\nexport function f(x: string): void;\nexport function f(): void {}\n`;
  expect(alone(39, text)).toBe(kept);
});

test('interface members go, those without a mark stay with their interface', () => {
  const text =
    '/** @since 28 */\nexport interface Options {\n  readonly plain: number;\n  /** @since 32 */\n  readonly createGraph?: boolean;\n}';
  expect(alone(31, text)).toBe('/** @since 28 */\nexport interface Options {\n  readonly plain: number;\n}');
  expect(alone(27, text)).toBeUndefined();
});

test('methods that a module adds to a class go, and with the last the whole block; register keeps what is there', () => {
  const text = `import { register } from './register';
/** @since 28 */
export const sin = 1;
/** @since 33 */
export const sum = 2;
declare module './variable' {
  interface Variable {
    /** @since 30 */
    sin(): void;
    /** @since 33 */
    sum(): void;
  }
}
register({ sin, sum });`;
  const files = { 'x.ts': text, 'register.ts': '/** @since 29 */\nexport function register(fs: object): void {}' };
  expect(after(28, files)['x.ts']).toBe('/** @since 28 */\nexport const sin = 1;');
  expect(after(30, files)['x.ts']).toContain('    sin(): void;\n  }\n}\nregister({ sin });');
  expect(after(30, files)['x.ts']).not.toContain('sum');
  expect(after(33, files)['x.ts']).toBe(text);
});

test('a call at top level goes when something that it names is gone', () => {
  const text = `import { b } from './beside';\n${kept}\nprepare(b);\nfunction prepare(x: number): void {}`;
  expect(alone(28, text)).toBe(kept);
  expect(alone(40, text)).toBe(text);
});

test('imports lose the names that are gone or no longer used; a namespace goes when nothing names it', () => {
  const text = `import * as all from './beside';
import { a, b } from './beside';
import { type Other, readFile } from 'elsewhere';
/** @since 28 */
export const x = [a, readFile];
/** @since 40 */
export const y = [b, all.b];`;
  expect(alone(28, text)).toBe(
    "import { a } from './beside';\nimport { readFile } from 'elsewhere';\n/** @since 28 */\nexport const x = [a, readFile];",
  );
});

test('helpers that only later exports need go, and those that only these helpers need', () => {
  const text = `import { b } from './beside';
const table = [1];
function inner(): number[] { return table; }
function outer(): number[] { return again() ? inner() : []; }
function again(): boolean { return outer().length > 0; } // names outer, which names it
const used = 2;
/** @since 28 */
export const x = { used, table: 1 };
/** @since 40 */
export const y = [outer(), b];`;
  expect(alone(28, text)).toBe('const used = 2;\n/** @since 28 */\nexport const x = { used, table: 1 };');
});

test('private members go when nobody names them any more', () => {
  const text = `/** @since 28 */
export class Box {
  private readonly a = 1;
  private readonly b = 2;
  #c = 3;
  private onlyForB(): number { return this.b + this.#c; }
  /** @since 28 */
  first(): number { const { a } = this; return a; }
  /** @since 40 */
  second(): number { return this.onlyForB(); }
}`;
  expect(alone(28, text)).toBe(`/** @since 28 */
export class Box {
  private readonly a = 1;
  /** @since 28 */
  first(): number { const { a } = this; return a; }
}`);
});

test('an empty file goes, and with it what re-exports it; names in lists go one by one', () => {
  const files = {
    'index.ts': "export * from './a';\nexport * from './late';\nexport { a, late as other, type Later } from './all';\nexport * as nd from './late';", // prettier-ignore
    'a.ts': '/** @since 28 */\nexport const a = 1;',
    'late.ts': "import sharp from 'sharp';\nsharp.cache(false);\n/** @since 40 */\nexport const late = 1;\n/** @since 40 */\nexport type Later = 1;", // prettier-ignore
    'all.ts': "export * from './a';\nexport * from './late';",
  };
  expect(after(28, files)).toEqual({
    'index.ts': "export * from './a';\nexport { a } from './all';",
    'a.ts': files['a.ts'],
    'all.ts': "export * from './a';",
  });
  expect(after(40, files)).toEqual(files);
});

test('a # name stands for a file, and folders for their index', () => {
  const files = {
    'index.ts': "export { late } from '#twin';\nexport { sharp } from '#elsewhere';",
    'x.ts': "import { late } from '#twin';\nimport { a } from './folder';\n/** @since 28 */\nexport const x = a;\n/** @since 40 */\nexport const y = late;", // prettier-ignore
    'twin.node.ts': '/** @since 40 */\nexport const late = 1;',
    'folder/index.ts': '/** @since 28 */\nexport const a = 1;',
  };
  const left = after(28, files, [], [['#twin', 'twin.node.ts']]);
  expect(left['index.ts']).toBe("export { sharp } from '#elsewhere';");
  expect(Object.keys(left)).toEqual(['index.ts', 'x.ts', 'folder/index.ts']);
  expect(left['x.ts']).toBe("import { a } from './folder';\n/** @since 28 */\nexport const x = a;");
});

test('a script goes by the mark in the docstring on top', () => {
  const text = "/** Trains. @since 53 */\nimport { a } from './beside';\nconsole.log(a);";
  expect(alone(52, text)).toBeUndefined();
  expect(alone(53, text)).toBe(text);
});

const add = `import { sum } from './beside';
import type { Shape } from './types';
/** a + b, broadcast. @since 28 */
export function add(a: Shape): number { return sum(a); }
/** @since 40 */
export function late(): void {}`;
const types = '/** @since 28 */\nexport type Shape = number;\n/** @since 28 */\nexport class Box {}';
const beside = '/** @since 33 */\nexport const sum = (x: number) => x;';
const files = { 'core/add.ts': add, 'core/types.ts': types, 'core/beside.ts': beside };

test('before the step that replaced it the older body stands in, with its imports and helpers', () => {
  const text = `/** What the older file says of itself. */
import { Box, type Shape } from '../../../../dezero/core/types';
import { late } from '../../../../dezero/core/add';
import { full } from '../../../../dezero/ndarray';

declare function ownHelper(): void;

/** Until then. */
const scalar = new Box();

/** a + b, equal shapes. @since 28 */
export function add(a: Shape): number { return full(a, scalar, ownHelper, late); }`;
  const ndarray = { 'ndarray/index.ts': '/** @since 28 */\nexport const full = 1;' };
  const older = [{ until: 33, path: 'core/add.ts', text }];
  expect(after(32, { ...files, ...ndarray }, older)['core/add.ts']).toBe(`import { Box } from './types';
import { full } from '../ndarray';
import type { Shape } from './types';
/** a + b, equal shapes. @since 28 */
export function add(a: Shape): number { return full(a, scalar, ownHelper, late); }
/** Until then. */
const scalar = new Box();`);
  expect(after(33, files, older)['core/add.ts']).toContain('broadcast');
});

test('what both the older and the later file import is imported once', () => {
  const later = `import * as all from './beside';\n/** @since 28 */\nexport const f = () => all;\n/** @since 28 */\nexport const g = all;`;
  const text = `import * as all from '../../../../dezero/core/beside';\n/** @since 28 */\nexport const f = () => [all];`;
  const older = [{ until: 33, path: 'core/f.ts', text }];
  expect(after(32, { ...files, 'core/beside.ts': types, 'core/f.ts': later }, older)['core/f.ts']).toBe(
    later.replace('=> all', '=> [all]'),
  );
});

test('of several older bodies the one that was replaced next stands in', () => {
  const body = (says: string) => `/** @since 28 */\nexport function add(): string { return '${says}'; }`;
  const older = [
    { until: 30, path: 'core/add.ts', text: body('first') },
    { until: 40, path: 'core/add.ts', text: body('second') },
  ];
  const at = (step: number) => /first|second|broadcast/.exec(after(step, files, older)['core/add.ts'] ?? '')?.[0];
  expect([29, 30, 39, 40].map(at)).toEqual(['first', 'second', 'second', 'broadcast']);
});

test('a class that extends its later self replaces single members', () => {
  const whole = '/** @since 28 */\nexport class Box {\n  /** @since 28 */\n  size = 1;\n  /** New. @since 28 */\n  open(x: string | number): void {}\n}'; // prettier-ignore
  const text = `import { Box as Later } from '../../../../dezero/core/box';
export class Box extends Later {
  /** Old. @since 28 */
  override open(x: string): void {}
}`;
  const older = [{ until: 33, path: 'core/box.ts', text }];
  expect(after(32, { 'core/box.ts': whole }, older)['core/box.ts']).toBe(
    '/** @since 28 */\nexport class Box {\n  /** @since 28 */\n  size = 1;\n  /** Old. @since 28 */\n  open(x: string): void {}\n}',
  );
  expect(after(33, { 'core/box.ts': whole }, older)['core/box.ts']).toBe(whole);
});
