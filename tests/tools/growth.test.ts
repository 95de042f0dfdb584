import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { format } from '../../tools/growth';
import { Growth } from '../../tools/growthRow';
import { SmallProject } from './project';

vi.setConfig({ testTimeout: 60_000 }); // they start vitest themselves

let project: SmallProject;
beforeAll(() => {
  project = new SmallProject({
    'dezero/index.ts': "export * from './sum';\n",
    'dezero/sum.ts': `/** @since 28 */
export const one = (): number => 1;

/** @since 29 */
export const two = (): number => 2;

/** @since 29 */
export class Box {
  /** @since 29 */
  value = 1;
  /** @since 30 */
  more = 2;
}
`,
    'tests/toBeAllClose.ts': 'export {};\n',
    'tests/step28.test.ts': `import { expect, test } from 'vitest';
import { one } from 'dezero';
test('one is one', () => expect(one()).toBe(1));
`,
    'steps/step28.ts': "import { one } from 'dezero';\nconsole.log(one());\n",
  });
});
afterAll(() => {
  project.remove();
});

const row = (step: number) => new Growth(project.root).row(step);

test('a row says how many lines and which names a step adds', async () => {
  const first = await row(28);
  expect(first).toMatchObject({ step: 28, lines: 3, gained: ['one'], exists: true, problems: [], ran: ['step28', 'step28.test'] }); // prettier-ignore
  expect(await row(29), 'without a step types alone are checked').toMatchObject({ lines: 7, gained: ['two', 'Box'], exists: false, problems: [] }); // prettier-ignore
  expect((await row(30)).gained).toEqual(['Box.more']);
});

test('what has passed is not run again; where a later cut is the same for a checkpoint, it is not run either', async () => {
  await row(28);
  project.change('dezero/sum.ts', '@since 29 */\nexport const two', '@since 31 */\nexport const two');
  expect((await row(28)).ran).toEqual([]);
  project.write('steps/step29.ts', "import { Box } from 'dezero';\nconsole.log(new Box());\n");
  expect(await row(29)).toMatchObject({ exists: true, ran: ['step29'], problems: [] });
  project.change('dezero/sum.ts', '@since 31 */\nexport const two', '@since 29 */\nexport const two');
});

test('a step that uses what a later one teaches is red', async () => {
  project.write('steps/step29.ts', "import { Box } from 'dezero';\nconsole.log(new Box().more);\n");
  const { problems } = await row(29);
  expect(problems).toEqual(["steps/step29.ts:2: Property 'more' does not exist on type 'Box'."]);
});

test('so is one that does not see it before it runs', async () => {
  project.write('steps/step29.ts', "import * as dz from 'dezero';\nif (!('more' in new dz.Box())) throw new Error('more is missing');\n"); // prettier-ignore
  const { problems, ran } = await row(29);
  expect(ran).toEqual(['step29']);
  expect(problems.join()).toMatch(/^step29 does not run:[^]*Error: more is missing/);
});

test('a checkpoint that fails on the cut is red, and so is one that fails before its tests', async () => {
  project.write('steps/step29.ts', 'export {};\n');
  const text = project.read('tests/step28.test.ts');
  project.write('tests/step29.test.ts', text.replace("'one is one', () =>", "'two is two', () =>").replace('one()).toBe(1)', 'one()).toBe(2)')); // prettier-ignore
  const red = await row(29);
  expect(red.problems).toHaveLength(1);
  expect(red.problems[0]).toMatch(/^tests\/step29.test.ts is red:[^]*two is two[^]*expected 1 to be 2/);
  project.write('tests/step29.test.ts', "throw new Error('far too early');\n");
  expect((await row(29)).problems.join()).toContain('far too early');
  project.write('tests/step29.test.ts', 'export {};\n');
  expect((await row(29)).problems, 'a checkpoint without tests tests nothing').toHaveLength(1);
});

test('a line of the table', () => {
  const line = { step: 44, lines: 12, gained: ['RNN', 'Variable.unchainBackward'], exists: true, seconds: 3.21, ran: [], problems: [] }; // prettier-ignore
  expect(format(line)).toBe('  44     +12       3.2   ok        RNN Variable.unchainBackward');
  expect(format({ ...line, exists: false, gained: [] })).toMatch(/types ok +\(step not yet written\)$/);
  expect(format({ ...line, problems: ['x'] })).toContain('RED');
  const many = Array.from({ length: 40 }, (_, i) => `name${i}`);
  expect(format({ ...line, gained: many })).toMatch(/name0 .* and 3\d more$/);
});
