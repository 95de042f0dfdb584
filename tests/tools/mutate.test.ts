import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Change, Failures } from '../../tools/checkpoints';
import { judge, mutate, readBreaks, type Break, type Plan, type Workplace } from '../../tools/mutate';

// A project of two steps, small enough to be tried for real
const files = {
  'steps/step01.ts': `export const twice = (x: number) => x + x;
export const color = () => 'red';
export const unused = () => 'nobody looks';
export const last = (xs: number[]) => {
  let i = 0;
  while (i < xs.length - 1) i += 1;
  return xs[i];
};
`,
  'tests/step01.test.ts': `import { expect, test } from 'vitest';
import { color, last, twice } from '../steps/step01';
test('twice is the number and itself', () => expect(twice(3), 'a sum of two: is one left out?').toBe(6));
test('a color', () => expect(color(), 'the first color').toBe('red'));
test('the last one', () => expect(last([1, 2])).toBe(2));
`,
  'steps/step02.ts': `export const one = () => 1;\n`,
  'tests/step02.test.ts': `import { expect, test } from 'vitest';
import { one } from '../steps/step02';
test('one is not two', () => expect(one()).toBe(2));
`,
};
const file = 'steps/step01.ts';
const breaks = [
  { concept: 'The number AND itself', file, find: 'x + x', replace: 'x' },
  { concept: 'sum of two', file, find: 'x + x', replace: 'x * x' },
  { concept: 'nobody', file, find: "'nobody looks'", replace: "'nobody'" },
  { concept: 'blue', file, find: "'red'", replace: "'blue'" },
  { concept: 'twice', file, find: 'number', replace: 'string' },
  { concept: 'the last one', file, find: 'i += 1', replace: 'i += 0' },
];

let folder: string;
let root: string; // folder/project
let temporary: string; // folder/temporary
const write = (name: string, text: string) => {
  mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
  writeFileSync(path.join(root, name), text);
};
const writeBreaks = (step: string, its: readonly object[]) =>
  write(`tools/mutations/${step}.ts`, `exports.${step} = ${JSON.stringify(its)};\n`); // for require, without ts-node

// A new folder each time: a module is read once
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'dezero-mutate-test-'));
  [root, temporary] = [path.join(folder, 'project'), path.join(folder, 'temporary')];
  for (const one of [root, temporary]) mkdirSync(one);
  for (const name of ['TMPDIR', 'TEMP', 'TMP']) vi.stubEnv(name, temporary);
  symlinkSync(path.resolve('node_modules'), path.join(root, 'node_modules'), 'junction');
  for (const [name, text] of Object.entries(files)) write(name, text);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** What is printed, and whether all is well; on copies whose checkpoints always answer so, or on real ones. */
async function tried(plan: Partial<Plan>, failures?: Failures): Promise<{ ok: boolean; lines: string[] }> {
  const lines: string[] = [];
  const print = (line: string) => void lines.push(line.replace(/ {2,}/g, ' · '));
  const fake = (): Workplace => ({
    read: (name) => (name in files ? files[name as keyof typeof files] : null),
    run: async (_step, _seconds, change) => (change && failures ? failures : []),
    dispose: () => undefined,
  });
  const ok = await mutate(
    { root, only: [], least: 1, seconds: 2, ...plan },
    print,
    failures === undefined ? undefined : fake,
  );
  return { ok, lines };
}

test('breaks are tried on a copy, one at a time, and each gets its verdict', { timeout: 120_000 }, async () => {
  writeBreaks('step01', breaks);
  writeBreaks('step02', [{ concept: 'one', file: 'steps/step02.ts', find: '1', replace: '2' }]);
  const { ok, lines } = await tried({});
  expect(ok).toBe(false);
  expect(lines.slice(0, -1)).toEqual([
    'step02 · WITH NOTHING BROKEN: one is not two',
    'step01 · The number AND itself · caught',
    'step01 · sum of two · caught',
    'step01 · nobody · STAYED GREEN',
    'step01 · blue · red without naming the concept: a color | the first color',
    'step01 · twice · find text not found exactly once in steps/step01.ts',
    'step01 · the last one · DID NOT END',
  ]);
  expect(lines.at(-1)).toMatch(/^2 of 7 breaks caught, in 2 steps, ~\d+ s$/);
  expect(readFileSync(path.join(root, file), 'utf8'), 'the project itself was broken').toBe(files[file]);
  expect(readdirSync(temporary), 'a copy was left behind').toEqual([]);
});

const sum = [{ test: 'a sum', messages: [] }];

test('a table whose breaks are all caught is a success, and one step can be tried alone', async () => {
  writeBreaks('step01', [{ concept: 'sum', file, find: 'x + x', replace: 'x' }]);
  expect(await tried({ only: ['step01'], least: 60 }, sum)).toMatchObject({ ok: true });
  expect(await tried({ only: ['step01'] }, [])).toMatchObject({ ok: false });
  expect(await tried({}, sum)).toMatchObject({ ok: false }); // step02 has no break
  writeBreaks('step02', [{ concept: 'sum', file, find: 'x + x', replace: 'x' }]);
  expect(await tried({ least: 2 }, sum)).toMatchObject({ ok: true });
  expect(await tried({ least: 3 }, sum)).toMatchObject({ ok: false });
});

test('a step without a break, a break without a step, and too few breaks are named', async () => {
  writeBreaks('step01', []);
  writeBreaks('step09', [{ concept: 'sum', file, find: 'x + x', replace: 'x' }]);
  const { ok, lines } = await tried({ least: 2 }, sum);
  expect(ok).toBe(false);
  expect(lines.slice(0, -1)).toEqual([
    'step09 · WITH NOTHING BROKEN: there is no tests/step09.test.ts',
    'step01 · has no break in tools/mutations/step01.ts',
    'step02 · has no break in tools/mutations/step02.ts',
    'step09 · has breaks, but there is no steps/step09.ts',
    'there are 1 breaks, not 2',
  ]);
});

test('a step that is not there is named, and so is a file without its table', async () => {
  await expect(tried({ only: ['step01', 'step77'] })).rejects.toThrow('there is no steps/step77.ts');
  write('tools/mutations/step01.ts', 'exports.step1 = [];\n');
  expect(() => readBreaks(path.join(root, 'tools/mutations'))).toThrow('must export const step01');
});

/** Judges a break of the text 'a + b' when the checkpoint answers so. */
async function verdict(more: Partial<Break>, failures: Failures = [{ test: 'a sum', messages: ['added up'] }]) {
  const seen: Change[] = [];
  const broken = { step: 'step01', concept: 'sum', file: 'sum.ts', find: '+', replace: '-', ...more };
  const read = (name: string) => (name === 'sum.ts' ? 'a + b' : null);
  const run = async (_step: string, _seconds: number, change?: Change) => {
    if (change) seen.push(change);
    return failures;
  };
  const { says } = await judge(broken, { read, run }, 1);
  return { says, seen };
}

test('the checkpoint runs on the text with the one break in it', async () => {
  expect(await verdict({})).toEqual({ says: 'caught', seen: [{ file: 'sum.ts', text: 'a - b' }] });
  expect(await verdict({ find: 'b', replace: '$&$1' })).toMatchObject({ seen: [{ text: 'a + $&$1' }] });
});

test('a concept may be named by any failure, in the name of the test or in a message, in any case', async () => {
  const failures = [{ test: 'first', messages: [] }, { test: 'second', messages: ['one', 'it was ADDED UP'] }]; // prettier-ignore
  expect((await verdict({ concept: 'Added up' }, failures)).says).toBe('caught');
  expect((await verdict({ concept: 'added down' }, failures)).says).toBe('red without naming the concept: first');
});

test('a break that is none is refused before anything runs', async () => {
  const none = { seen: [] };
  expect(await verdict({ concept: ' ' })).toEqual({ says: 'names no concept', ...none });
  expect(await verdict({ replace: '+' })).toEqual({ says: 'changes nothing', ...none });
  expect(await verdict({ file: 'gone.ts' })).toEqual({ says: 'there is no file gone.ts', ...none });
  expect(await verdict({ find: '*' })).toEqual({ says: 'find text not found exactly once in sum.ts', ...none });
});
