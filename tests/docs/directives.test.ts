import { expect, test } from 'vitest';
import { fence, mistakesOf, woven } from './smallBook';

/** The text of the first listing of a page. */
function listing(page: string): string {
  const code = /<pre><code[^>]*>(.*?)<\/code><\/pre>/s.exec(woven(page))?.[1] ?? '';
  return code.replaceAll('&gt;', '>').replaceAll('&lt;', '<').replaceAll('&quot;', '"').trimEnd();
}

test('step includes a declaration with its docstring, and says where it is from', () => {
  const html = woven(fence('step 2#half'));
  expect(html).toContain('<code class="language-ts">export const half');
  expect(html).toContain('<p class="source">steps/step02.ts</p>');
});

test('step includes a member, moved to the left', () => {
  expect(listing(fence('step 2#Box.twice'))).toBe(
    '/** Twice the value. */\ntwice(): number {\n  return 2 * this.data;\n}',
  );
  expect(listing(fence('step 2#Box.twice bare'))).toBe('twice(): number {\n  return 2 * this.data;\n}');
  expect(listing(fence('step 2#Box.constructor'))).toBe('constructor(public data: number) {}');
});

test('step includes several names, a region, or the whole file', () => {
  expect(listing(fence('step 2#half,Box.constructor')).split('\n\n')).toHaveLength(2);
  expect(listing(fence('step 1#show'))).toBe("console.log('a box');\nconsole.log(box.data);");
  expect(listing(fence('step 1'))).toMatch(/^\/\/ builds on nothing.*\}$/s);
});

test('a range in code is widened to whole statements', () => {
  expect(listing(fence('step 1#main /a box/'))).toBe("console.log('a box');");
  expect(listing(fence('step 1#main bare /const box/..+1'))).toBe("const box = new Box(2);\nconsole.log('a box');");
});

test('dezero includes from the package as it stood after a step, without what is meant for tools', () => {
  expect(listing(fence('dezero 28 core/add.ts#add'))).toContain('/** The sum. */');
  expect(listing(fence('dezero 28 core/add.ts#add'))).toContain('return a + b;');
  expect(listing(fence('dezero 29 core/add.ts#add'))).toContain('return b + a;');
});

test('changes shows what differs from the base step, old and new', () => {
  expect(listing(fence('changes 2 Box.twice'))).toBe(
    '/** Twice the value. */\ntwice(): number {\n  return this.data; // [!code --]\n  return 2 * this.data; // [!code ++]\n}',
  );
  expect(listing(fence('changes 2'))).toContain('export const half = (x: number): number => x / 2; // [!code ++]');
  expect(listing(fence('changes 29 core/add.ts#add'))).toContain('return b + a; // [!code ++]');
});

test('diff lists what the package gained, a function with its class', () => {
  const html = woven(fence('diff 28..29'));
  expect(html).toContain('<li><a href="/reference/core.md#add"><code>add</code></a> <a href="/reference/core.md#Add"><code>Add</code></a> The sum. y = a + b.</li>'); // prettier-ignore
});

test('output includes what the step printed, whole or in part', () => {
  expect(listing(fence('output 1')).split('\n')).toHaveLength(4);
  expect(listing(fence('output 1 /second/'))).toBe('second 0.5');
  expect(listing(fence('output 1 /third/..+1'))).toBe('third\nsecond again');
});

test('figure shows a picture with its words and its size', () => {
  const html = woven(fence('figure 1 curve A curve, rising', 'It [[Variable.backward]] rises.'));
  expect(html).toContain('<img src="/figures/step01/curve.svg" alt="A curve, rising" width="200" height="100"');
  expect(html).toMatch(/<figcaption>It <a href="[^"]+"><code>Variable.backward<\/code><\/a> rises.<\/figcaption>/);
});

test('a picture that a telephone would shrink past reading can be moved sideways there', () => {
  expect(woven(fence('drawing circle A circle'))).toContain('<div class="view"><svg');
  expect(woven(fence('drawing wide A wide one'))).toContain('<div class="wide view"><svg');
});

test('drawing and graph put an SVG into the page, with words for those who cannot see it', () => {
  expect(woven(fence('drawing circle A circle'))).toContain('<svg role="img" aria-label="A circle"');
  const graph = woven(fence('graph x goes to y & back', 'x -> Square2 -> y\ny -> x [class=back]'));
  expect(graph).toContain('aria-label="x goes to y &amp; back"');
  expect(graph.match(/class="node variable"/g)).toHaveLength(2);
  expect(graph.match(/class="node func"/g)).toHaveLength(1);
  expect(graph, 'a number at the end of a name only tells two boxes apart').toContain('>Square</text>');
  expect(graph).toContain('class="edge back"');
  expect(graph, 'colours are the page’s').not.toMatch(/(fill|stroke)="(black|#)/);
});

test.each([
  ['step 1#halve', 'steps/step01.ts has no halve; it has Box, main'],
  ['step 7#x', 'there is no step 7'],
  ['step', '"" is not of the form 31#name'],
  ['step 1#main /nowhere/', 'no line fits /nowhere/'],
  ['step 1#main sideways', 'sideways is no range'],
  ['dezero 28 core/sub.ts#sub', 'the package has no core/sub.ts after step 28; it has core/add.ts'],
  ['dezero 27 core/add.ts', 'the package is born in step 28'],
  ['changes 1', 'step 1 builds on no other step'],
  ['changes 2 Box.constructor', 'Box.constructor is as in the step before; it has Box.twice, half'],
  ['changes 30', 'step 30 stands on the package'],
  ['diff 29..30', 'the package gains nothing from step 29 to step 30'],
  ['output 1 /fourth/', 'no line fits /fourth/'],
  ['output 1 /(/', '/(/ is no regular expression'],
  ['output 1 9', 'there is no line 9, but lines 1 to 4'],
  ['output 1#name', 'output has no names'],
  ['figure 1 curve', '"1 curve" is not of the form'],
  ['figure 1 circle A circle', 'step 1 drew no circle; it has curve.svg'],
  ['drawing square A square', 'there is no drawing square; it has circle, wide'],
  ['graph A graph', 'an empty graph'],
])('```%s is a mistake that says where: %s', (info, said) => {
  const [mistake, ...others] = mistakesOf(`A page.\n\n${fence(info)}`, 'step05.md').filter((one) => !one.includes('begins with')); // prettier-ignore
  expect(others).toEqual([]);
  expect(mistake).toMatch(/^docs\/step05.md:3: /);
  expect(mistake).toContain(said);
});

test('without a list to collect it in, a mistake stops the build', () => {
  expect(() => woven(`${fence('output 1 /fourth/')}`, { relativePath: 'page.md' })).toThrow(
    'docs/page.md:1: no line fits /fourth/',
  );
});

test('lines are counted from the top of the file, front matter included', () => {
  expect(mistakesOf(`---\nlayout: page\n---\n\n${fence('output 1 9')}`)[0]).toMatch(/^docs\/page.md:5: /);
});
