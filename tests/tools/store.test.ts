import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { readSources } from '../../tools/sources';
import { runSteps } from '../../tools/steps';
import { Keys, Store, stored } from '../../tools/store';
import { Typechecker } from '../../tools/typecheck';
import { SmallProject } from './project';

const files = {
  'dezero/index.ts': "export * from './core';\nexport * from './math';\nexport * as nd from './nd';\n",
  'dezero/core.ts': `export type Operation = () => number;
const operations = new Map<string, Operation>();
export function register(all: Record<string, Operation>): void {
  for (const [name, f] of Object.entries(all)) operations.set(name, f);
}
export function expr(formula: TemplateStringsArray): number {
  return operations.get(formula[0] ?? '')?.() ?? 0;
}
export abstract class Func {
  abstract forward(): number;
  call(): number {
    return this.forward();
  }
  unused(): number {
    return 5;
  }
}
export class Box {
  value = 1;
  open(): number {
    return 2;
  }
  shut(): number {
    return 3;
  }
}
export const formats: number[] = [];
export function registerFormat(format: number): void {
  formats.push(format);
}
export class Broken extends Error {
  code(): number {
    return 7;
  }
}
`,
  'dezero/math.ts': `import { Box, Func, register } from './core';
export class Sin extends Func {
  override forward(): number {
    return helper();
  }
}
function helper(): number {
  return 4;
}
export const sin = (): number => new Sin().call();
export const cos = (): number => 6;
declare module './core' {
  interface Box {
    cos(): number;
  }
}
register({ sin, cos });
export type { Box };
`,
  'dezero/nd.ts':
    "import { registerFormat } from './core';\nexport const max = 1;\nexport const min = 2;\nregisterFormat(9);\n",
  'dezero/digits.gz': 'digits',
  'dezero/assets.ts': 'export function assetPath(at: string): string {\n  return at;\n}\n',
};

vi.setConfig({ testTimeout: 60_000 }); // programs are slow to begin with

let project: SmallProject;
let typechecker: Typechecker; // it keeps what it has parsed
beforeAll(() => {
  project = new SmallProject(files);
  typechecker = new Typechecker(project.root);
});
beforeEach(() => {
  rmSync(path.join(project.root, 'steps'), { recursive: true, force: true });
});
afterAll(() => {
  project.remove();
});

function keyOfStep(): string | undefined {
  const program = typechecker.program(readSources(project.root), ['steps/step28.ts']);
  return new Keys(project.root).of(program, ['steps/step28.ts']).get('steps/step28.ts');
}

/** Does what a step depends on change with this piece of a file? */
function reaches(step: string, at: string, from: string, to: string): boolean {
  project.write('steps/step28.ts', step);
  const before = keyOfStep();
  expect(before).toMatch(/^[0-9a-f]{24}$/);
  const text = project.read(at);
  project.change(at, from, to);
  const after = keyOfStep();
  project.write(at, text);
  return before !== after;
}

const box = "import { Box } from 'dezero';\nconsole.log(new Box().open());\n";
const sin = "import { sin } from 'dezero';\nsin();\n";

test.each<[string, string, string, string, string]>([
  ['its own text', box, 'steps/step28.ts', 'console.log', 'console.error'],
  ['a method that it calls', box, 'dezero/core.ts', 'return 2', 'return 22'],
  ['a field of a class that it makes', box, 'dezero/core.ts', 'value = 1', 'value = 11'],
  ['a method that it takes apart', "import { Box } from 'dezero';\nconst { shut } = new Box();\nshut();", 'dezero/core.ts', 'return 3', 'return 33'], // prettier-ignore
  ['a method called by way of its base', sin, 'dezero/math.ts', 'return helper()', 'return 2 * helper()'],
  ['what that method needs', sin, 'dezero/math.ts', 'return 4', 'return 44'],
  ['a function that a formula names', "import { expr } from 'dezero';\nexpr`cos`;", 'dezero/math.ts', '=> 6', '=> 66'],
  ['a function that became a method', "import { Box } from 'dezero';\nnew Box().cos();", 'dezero/math.ts', '=> 6', '=> 66'], // prettier-ignore
  ['what a namespace is asked for', "import { nd } from 'dezero';\nnd.max;", 'dezero/nd.ts', 'max = 1', 'max = 11'],
  ['what a namespace may be asked for', "import { nd } from 'dezero';\nconst end = 'min' as 'max' | 'min';\nnd[end];", 'dezero/nd.ts', 'min = 2', 'min = 22'], // prettier-ignore
  ['what is told to a file that it uses', "import { formats } from 'dezero';\nformats;", 'dezero/nd.ts', 'registerFormat(9)', 'registerFormat(99)'], // prettier-ignore
  ['all of a class whose base is not ours', "import { Broken } from 'dezero';\nnew Broken();", 'dezero/core.ts', 'return 7', 'return 77'], // prettier-ignore
  ['the version of a package', "import { expect } from 'vitest';\nexpect;", 'package-lock.json', '1.0.0', '2.0.0'],
  ['data, where it asks for them', "import { assetPath } from '../dezero/assets';\nassetPath('digits.gz');", 'dezero/digits.gz', 'digits', 'letters'], // prettier-ignore
])('a run depends on %s', (_, step, at, from, to) => {
  expect(reaches(step, at, from, to)).toBe(true);
});

test.each<[string, string, string, string, string]>([
  ['a method that it does not name', box, 'dezero/core.ts', 'return 3', 'return 33'],
  ['a method that its functions do not name', sin, 'dezero/core.ts', 'return 5', 'return 55'],
  ['a function that it does not name', sin, 'dezero/math.ts', '=> 6', '=> 66'],
  ['what else a namespace has', "import { nd } from 'dezero';\nnd.max;", 'dezero/nd.ts', 'min = 2', 'min = 22'],
  ['docstrings', box, 'dezero/core.ts', 'export class Box', '/** New words. */\nexport class Box'],
  ['types', sin, 'dezero/core.ts', 'Operation = () => number', 'Operation = () => number | 0'],
  ['packages that it does not use', box, 'package-lock.json', '1.0.0', '2.0.0'],
  ['data, where it does not ask for them', box, 'dezero/digits.gz', 'digits', 'letters'],
])('a run does not depend on %s', (_, step, at, from, to) => {
  expect(reaches(step, at, from, to)).toBe(false);
});

test('a step is run once; what it printed and drew is in the store until it changes', async () => {
  project.write('steps/step01.ts', "import { mkdirSync, writeFileSync } from 'node:fs';\nmkdirSync('out/step01', { recursive: true });\nwriteFileSync('out/step01/a.svg', '<svg/>');\nconsole.log('one');\nconsole.error('two');\n"); // prettier-ignore
  const lines: string[] = [];
  const run = (again = false) => runSteps({ root: project.root, only: [], again }, (line) => lines.push(line));
  expect(stored(1, project.root)).toBeNull();
  expect(await run()).toBe(true);
  expect(lines[0]).toMatch(/^step01 +\d+\.\d s +2 lines +1 picture$/);
  const found = stored(1, project.root);
  expect(found?.output.split('\n').sort().join(' ')).toBe(' one two');
  expect(found?.seconds).toBeGreaterThan(0);
  expect(found?.pictures.map((picture) => [path.basename(picture), readFileSync(picture, 'utf8')])).toEqual([['a.svg', '<svg/>']]); // prettier-ignore

  lines.length = 0;
  expect(await run()).toBe(true);
  expect(lines[0]).toMatch(/1 picture +in the store$/);
  project.change('steps/step01.ts', "'one'", "'three'");
  expect(stored(1, project.root), 'what has changed is not found').toBeNull();
  lines.length = 0;
  await run();
  expect(lines[0]).not.toContain('in the store');
  expect(stored(1, project.root)?.output).toContain('three');
  lines.length = 0;
  await run(true);
  expect(lines[0]).not.toContain('in the store');
});

test('a step that fails is not kept: its output is shown, and all is not well', async () => {
  project.write('steps/step01.ts', "console.log('so far');\nthrow new Error('too far');\n");
  const lines: string[] = [];
  const plan = { root: project.root, only: [], again: false };
  expect(await runSteps(plan, (line) => lines.push(line))).toBe(false);
  expect(lines.join('\n')).toMatch(/^step01 .*FAILED\n {4}so far\n[^]*Error: too far/);
  expect(stored(1, project.root)).toBeNull();
});

test('a step that does not exist is no success', async () => {
  project.write('steps/step01.ts', 'export {};\n');
  const lines: string[] = [];
  expect(await runSteps({ root: project.root, only: [2], again: false }, (line) => lines.push(line))).toBe(false);
  expect(lines[0]).toBe('step02  there is no such step');
});

test('of the runs of one step the three newest are kept', () => {
  const store = new Store(project.root);
  const run = { output: 'x', seconds: 1 };
  for (const key of ['a', 'b', 'c', 'd']) store.keep('step01', key, run, path.join(project.root, 'none'));
  const left = ['a', 'b', 'c', 'd'].filter((key) => store.find('step01', key));
  expect(left).toHaveLength(3);
  expect(left, 'the newest stays').toContain('d');
  expect(existsSync(path.join(project.root, '.cache/steps/step01/d/run.json'))).toBe(true);
});
