import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPage, runIn, type Opened } from './browser';
import type * as Panel from '../../docs/playground/panel/main';

let opened: Opened;
let base = '';

beforeAll(async () => {
  opened = await openPage();
  base = `${opened.url}playground/`;
}, 300_000);
afterAll(() => opened.close());

const lives = async () => expect(await opened.page.locator('main').innerText()).toContain('The page lives.');
const run = (text: string, limit = 60) => runIn(opened.page, base, { name: 'step01', text, limit });

test('a program that loops for ever is stopped after its time, with what it printed until then', async () => {
  const { lines, outcome } = await run(`console.log('before');\nfor (;;);`, 2);
  expect(outcome).toEqual({ kind: 'stopped', why: 'stopped after 2 seconds' });
  expect(lines).toEqual(['before']);
  await lives();
});

test('a program that throws is told in one line, with its place', async () => {
  const { outcome } = await run(`interface Gone { a: number }\n\nfunction f(): void {\n  throw new RangeError('too far');\n}\nf();`);
  expect(outcome).toMatchObject({ kind: 'failed', message: 'RangeError: too far' });
  expect(outcome.stack).toContain('step01.js');
  await lives();
}); // prettier-ignore

test.each([
  ['in a promise that nobody waits for', `void (async () => { await null; throw new TypeError('late'); })();`],
  ['in a rejected promise', `await Promise.reject(new TypeError('late'));`],
  ['in a timer', `setTimeout(() => { throw new TypeError('late'); }, 10);`],
  ['in a module that is imported', `import { Variable } from './step08';\nnew Variable('late' as never);\nthrow new TypeError('late');`],
])('an error %s is told', async (_, text) => {
  const { outcome } = await run(text);
  expect(outcome).toMatchObject({ kind: 'failed', message: expect.stringContaining('TypeError') as string });
}); // prettier-ignore

test('a program that calls itself for ever is told of it', async () => {
  const { outcome } = await run(`function f(): number {\n  return 1 + f();\n}\nf();`);
  expect(outcome).toMatchObject({ kind: 'failed', message: 'RangeError: Maximum call stack size exceeded' });
});

test('a program that prints without end is stopped', async () => {
  const { lines, outcome } = await run(`for (let i = 0; ; i++) console.log(i);`);
  expect(outcome).toEqual({ kind: 'stopped', why: 'stopped: it printed more than a page can show' });
  expect(lines.length).toBeLessThan(30_000);
  await lives();
});

test('a program waits for its timers, and for promises that its main function gives', async () => {
  const { lines, outcome } = await run(
    `async function main(): Promise<void> {\n  await new Promise((resolve) => setTimeout(resolve, 20));\n  console.log('late');\n}\nvoid main();\nsetTimeout(() => console.log('timer'), 60);`,
  );
  expect(outcome.kind).toBe('ended');
  expect(lines).toEqual(['late', 'timer']);
});

test('a program reaches nothing outside of the browser', async () => {
  const before = opened.asked.length;
  const { lines } = await run(
    `for (const ask of [() => fetch('${opened.url}out'), () => import('${opened.url}out.js'), () => new Function('return import("${opened.url}out.js")')()])\n` +
      `  console.log(await Promise.resolve().then(ask).then(() => 'reached', () => 'refused'));`,
  );
  expect(lines).toEqual(['refused', 'refused', 'refused']);
  expect(opened.asked.slice(before).filter((at) => at.includes('out'))).toEqual([]);
});

// The frame of the program breaks down as a whole, which Playwright takes for the page's end: so the page itself tells how it is.
test('a program that allocates without end takes only itself along', { timeout: 200_000 }, async () => {
  const page = await opened.browser.newPage();
  await page.goto(opened.url);
  await page.waitForFunction(() => 'panel' in globalThis);
  const text = `const kept: number[][] = [];\nfor (;;) kept.push(new Array<number>(100_000).fill(1.5));`;
  await page.evaluate(
    ({ base, text }) => {
      const { Compiler, Run } = (globalThis as unknown as { panel: typeof Panel }).panel;
      const tell = (words: string) => fetch('/told', { method: 'POST', body: words });
      void new Compiler(base).ask({ kind: 'compile', name: 'step01', text }).then(async ({ modules }) => {
        const run = new Run({ base, modules, entry: 'step01', limit: 60, onEvents: () => undefined });
        const outcome = await run.outcome;
        await tell(outcome.kind === 'stopped' ? outcome.why : outcome.kind);
        await tell(document.querySelector('main')?.innerText ?? 'gone');
      });
    },
    { base, text },
  );
  await expect.poll(() => opened.told, { timeout: 150_000, interval: 500 }).toHaveLength(2);
  expect(opened.told[0]).toMatch(/^stopped: it used up the memory that a page may have$|^stopped after 60 seconds$/);
  expect(opened.told[1]).toContain('The page lives.');
});
