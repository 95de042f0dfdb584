import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type * as Panel from '../../docs/playground/panel/main';
import { runNode, runStep } from '../../tools/running';
import { nameOfStep, stepsIn } from '../../tools/stepNumbers';
import { Keys, Store } from '../../tools/store';
import { openPage, root, runIn, type Opened } from './browser';
import { firstDifference, isAlike } from './compare';

const steps = Array.from({ length: 40 }, (_, i) => i + 1);
let opened: Opened;
let keys: ReadonlyMap<string, string>;

beforeAll(async () => {
  keys = new Keys(root).all();
  opened = await openPage();
}, 300_000);
afterAll(() => opened.close());

/** What a step prints under Node: kept by `npm run steps`, or else it runs now. */
async function underNode(name: string): Promise<{ output: string; pictures: readonly string[] }> {
  const store = new Store(root);
  const key = keys.get(name) ?? '';
  const kept = store.find(name, key);
  if (kept) return kept;
  const { output, seconds, code } = await runStep(root, name);
  expect(code).toBe(0);
  store.keep(name, key, { output, seconds }, path.join(root, 'out', name));
  return store.find(name, key) ?? { output, pictures: [] };
}

const linesOf = (output: string): string[] => output.replace(/\n$/, '').split('\n');

/** What it prints under Node where the functions of Math are off by a last bit, three times. */
async function nudgedUnderNode(name: string): Promise<string[][]> {
  const runs: string[][] = [];
  for (const seed of [1, 2, 3]) {
    const bin = require.resolve('ts-node/dist/bin.js');
    const args = ['--require', path.join(__dirname, 'oneUlp.cjs'), bin, `steps/${name}.ts`];
    runs.push(linesOf((await runNode(root, args, 240, { ONE_ULP: String(seed) })).output));
  }
  return runs;
}

describe('a step prints in the playground what it prints under Node, and draws the same pictures', () => {
  test.each(steps.map(nameOfStep))('%s', { timeout: 300_000 }, async (name) => {
    const { output, pictures } = await underNode(name);
    const { lines, files, outcome } = await runIn(opened.page, `${opened.url}playground/`, { name, limit: 240 });
    expect(outcome, JSON.stringify(outcome)).toMatchObject({ kind: 'ended' });
    const expected = linesOf(output);
    const nudged = firstDifference(lines, expected) === null ? [] : await nudgedUnderNode(name);
    expect(firstDifference(lines, expected, nudged)).toBeNull();
    expect([...new Set(files)].sort()).toEqual(pictures.map((file) => `out/${name}/${path.basename(file)}`).sort());
  });
});

test('the editor has nothing to say about any step', { timeout: 300_000 }, async () => {
  const all = stepsIn(path.join(root, 'steps')).map(nameOfStep);
  const found = await opened.page.evaluate(
    async ({ base, all }) => {
      const { Compiler } = (globalThis as unknown as { panel: typeof Panel }).panel;
      const compiler = new Compiler(base);
      const findings: string[] = [];
      for (const name of all) {
        const text = await (await fetch(`${base}steps/${name}.txt`)).text();
        const found = await compiler.ask({ kind: 'check', name, text });
        findings.push(...found.map(({ line, message }) => `${name}, line ${line}: ${message}`));
      }
      return findings;
    },
    { base: `${opened.url}playground/`, all },
  );
  expect(found).toEqual([]);
});

test('lines that differ in more than a measurement are told apart', () => {
  expect(isAlike('x = 0.1234567890123', 'x = 0.1234567890124')).toBe(true);
  expect(isAlike('x = 0.12345', 'x = 0.12346')).toBe(false);
  expect(isAlike('held   ~12.5 MB', 'held ~? MB')).toBe(true);
  expect(isAlike('held ~12.5 MB', 'held ~NaN MB')).toBe(false);
  expect(isAlike('held ~12.5 MB', 'held 12.5 MB')).toBe(false);
  expect(isAlike('y = 3.2974426293330694', 'y = 3.2974426293297388', ['y = 3.2974426293264081'])).toBe(true);
  expect(isAlike('y = 3.2975', 'y = 3.2974', ['y = 3.2974'])).toBe(false);
  expect(isAlike('[ 1, 2 ]', '[ 1, 2, 3 ]')).toBe(false);
});
