import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openPage, type Opened } from './browser';
import type * as Panel from '../../docs/playground/panel/main';

let opened: Opened;
beforeAll(async () => (opened = await openPage()), 300_000);
afterAll(() => opened.close());

const status = () => opened.page.getByRole('status');
const output = () => opened.page.getByRole('log');
const press = (name: string) => opened.page.getByRole('button', { name, exact: true }).click();

/** Opens a lesson's playground, as its button does, on a fresh page. */
async function open(name: string, hash = ''): Promise<void> {
  await opened.page.goto('about:blank');
  await opened.page.goto(opened.url + hash);
  await opened.page.waitForFunction(() => 'panel' in globalThis);
  await opened.page.evaluate(
    async ({ base, name }) => {
      const scope = globalThis as unknown as { panel: typeof Panel; opened: Panel.Panel };
      const host = document.getElementById('host');
      if (host) scope.opened = await scope.panel.openPanel(host, { base, name, limit: 30 });
    },
    { base: `${opened.url}playground/`, name },
  );
}

const write = (text: string) =>
  opened.page.evaluate((text) => {
    const { editor } = (globalThis as unknown as { opened: Panel.Panel }).opened;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } });
  }, text);
const written = () =>
  opened.page.evaluate(() => (globalThis as unknown as { opened: Panel.Panel }).opened.editor.state.doc.toString());

beforeEach(() => opened.page.context().grantPermissions(['clipboard-write']));

test('the step stands in the editor; Run prints and draws below it', async () => {
  await open('step25');
  expect(await written()).toContain('Step 25');
  await press('Run');
  await expect.poll(() => status().innerText(), { timeout: 60_000 }).toMatch(/^ended after \d+\.\d s$/);
  expect(await output().innerText()).toContain('digraph');
  const picture = opened.page.getByAltText('out/step25/graph.svg, as drawn by the program');
  expect(await picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(50);
});

test('nothing but the panel is fetched until it is opened, and no compiler until it is asked', async () => {
  const before = opened.asked.length;
  await opened.page.goto('about:blank');
  await opened.page.goto(opened.url);
  await opened.page.waitForFunction(() => 'panel' in globalThis);
  const fetched = opened.asked.slice(before).filter((at) => at.startsWith('/playground/'));
  expect(fetched).toEqual(['/playground/panel.js']);
});

test('the editor says what the type checker says, and goes to the line', async () => {
  await open('step02');
  const findings = opened.page.locator('.playground-findings li');
  await write(`const x: number = 'two';\nexport { x };\n`);
  await expect.poll(() => findings.allInnerTexts(), { timeout: 60_000 }).toEqual(["line 1 Type 'string' is not assignable to type 'number'."]); // prettier-ignore
  await press('line 1');
  await write(`import { mlp } from 'dezero/models';\nimport { readdirSync } from 'node:fs';\n`);
  await expect.poll(() => findings.allInnerTexts(), { timeout: 60_000 }).toHaveLength(2);
  const [first, second] = await findings.allInnerTexts();
  expect(first).toContain(`'"dezero/models"' has no exported member named 'mlp'. Did you mean 'MLP'?`);
  expect(second).toContain(`'"node:fs"' has no exported member 'readdirSync'`);
});

test('what cannot be compiled does not run, and says where', async () => {
  await open('step01');
  await write('const x = ;');
  await press('Run');
  await expect.poll(() => status().innerText(), { timeout: 60_000 }).toBe('does not run: line 1: Expression expected.');
});

test('an error says in which line of the program it came to pass', async () => {
  await open('step01');
  await write(`interface Gone {\n  a: number;\n}\n\nexport function f(g?: Gone): void {\n  if (!g) throw new Error('no g');\n}\nf();\n`);
  await press('Run');
  await expect.poll(() => status().innerText(), { timeout: 60_000 }).toBe('ended by an error in step01, line 6');
  expect(await output().innerText()).toContain('Error: no g\n    at step01, line 6\n    at step01, line 8');
}); // prettier-ignore

test('Stop stops; then it can run again', async () => {
  await open('step01');
  await write(`console.log('on'); for (;;);`);
  await press('Run');
  await expect.poll(() => output().innerText(), { timeout: 60_000 }).toContain('on');
  await press('Stop');
  await expect.poll(() => status().innerText()).toBe('stopped');
  await write(`console.log({ a: [1, 2], b: new Map([['c', 3]]) });`);
  await press('Run');
  await expect.poll(() => status().innerText(), { timeout: 60_000 }).toMatch(/^ended/);
  expect(await output().innerText()).toContain(`{ a: [ 1, 2 ], b: Map(1) { 'c' => 3 } }`);
});

test('Share puts the program into the address, where another page finds it; Reset brings the original back', async () => {
  await open('step03');
  const program = `console.log('grüße, ∂y/∂x');\n`;
  await write(program);
  await press('Share');
  await expect.poll(() => status().innerText()).toMatch(/^the link is/);
  const { hash } = new URL(opened.page.url());
  expect(hash).toMatch(/^#play=[\w-]+$/);
  await open('step03', hash);
  expect(await written()).toBe(program);
  await press('Reset');
  expect(await written()).toContain('Step 03');
  expect(new URL(opened.page.url()).hash).toBe('');
});

test('a damaged link opens the original program', async () => {
  await open('step03', '#play=nonsense');
  expect(await written()).toContain('Step 03');
});

test('Close takes the playground away', async () => {
  await open('step01');
  await press('Close');
  expect(await opened.page.locator('.playground').count()).toBe(0);
});
