import { describe, expect, test } from 'vitest';
import MarkdownIt from 'markdown-it';
import { lessons } from '../../docs/plugins/lessons';
import { answersIn } from '../../docs/plugins/answers';
import { moduleOf } from '../../docs/site/answerFiles';
import { fence, mistakesOf, smallBook, smallWeaver, woven } from './smallBook';

describe('[[names]]', () => {
  test('a name leads to its place in the reference', () => {
    expect(woven('See [[add]].')).toBe('<p>See <a href="/reference/core.md#add"><code>add</code></a>.</p>\n');
    expect(woven('[[Variable.backward]]')).toContain('href="/reference/core.md#Variable-backward"');
    expect(woven('[[F.sum]]')).toContain('<a href="/reference/functions.md#sum"><code>F.sum</code></a>');
  });

  test('with other words, these are shown', () => {
    expect(woven('[[the sum|F.sum]]')).toContain('<a href="/reference/functions.md#sum">the sum</a>');
  });

  test('in code it is code', () => {
    expect(woven('`x[[0]]`')).toBe('<p><code>x[[0]]</code></p>\n');
  });

  test('a name that is not there, or that could be two, is a mistake', () => {
    expect(mistakesOf('\nSome text,\nthen [[Nothing]].')[0]).toBe('docs/page.md:2: the package has no Nothing');
    expect(mistakesOf('[[sum]]')[0]).toContain("sum can be functions's or data's: say which, as in F.sum");
  });
});

describe('exercises', () => {
  const page = [
    '::: exercise A question with $x$',
    'How much is [[add]]?',
    '',
    '::: answer',
    'So much:',
    '',
    fence('ts answer', "import { Box } from '../steps/step01';\nconsole.log(new Box(2).data);"),
    fence('expect', '2'),
    ':::',
    '',
    'After it.',
  ].join('\n');

  test('the answer is behind a fold, and the text goes on below', () => {
    const html = woven(page);
    expect(html).toMatch(/<div class="exercise">\n?<p class="exercise-title">A question with <span.*<details class="answer">\s*<summary>Answer<\/summary>\s*<p>So much/s); // prettier-ignore
    expect(html).toMatch(/<\/details>\s*<\/div>\s*<p>After it/);
  });

  test('programs are found with what they print and where they stand', () => {
    expect(answersIn(smallWeaver(), `Text.\n\n${page}`)).toEqual([
      { title: 'A question with $x$', program: "import { Box } from '../steps/step01';\nconsole.log(new Box(2).data);\n", expected: '2', line: 10 }, // prettier-ignore
    ]);
  });

  test('a program becomes a module whose main can be run', () => {
    const text = moduleOf("import { Box } from '../steps/step01';\n\nawait 1;\nconsole.log(new Box(2).data);\n");
    expect(text).toMatch(/^import { Box } from '..\/..\/..\/steps\/step01';\nexport async function main\(\): Promise<void> {\n\nawait 1;/); // prettier-ignore
  });

  test.each([
    ['::: exercise\nHow?\n\n::: answer\nSo.\n:::\n', 'an exercise needs a title'],
    ['::: exercise How?\nHow?\n:::\n', 'an exercise needs an answer'],
    ['::: exercise How?\n\n::: answer\nSo.\n', 'the exercise does not end'],
    ['::: exercise How?\n\n::: answer\nSo.\n\n::: answer\nOr so.\n:::\n', 'an exercise has one answer'],
    ['::: exercise How?\n\n::: exercise And?\n\n::: answer\n:::\n', 'an exercise begins in another'],
  ])('%j is a mistake: %s', (text, said) => {
    expect(mistakesOf(text)[0]).toMatch(/^docs\/page.md:1: /);
    expect(mistakesOf(text)[0]).toContain(said);
  });

  test('a ::: in a fence ends nothing', () => {
    expect(mistakesOf(`::: exercise How?\n\n${fence('text', ':::')}\n::: answer\nSo.\n:::\n`)).toEqual([]);
  });
});

describe('honest pages', () => {
  test('code typed by hand is a mistake, but in an exercise', () => {
    expect(mistakesOf(fence('ts', 'const x = 1;'))[0]).toContain('docs/page.md:1: ```ts is typed by hand');
    expect(mistakesOf(fence('', 'const x = 1;'))).toHaveLength(1);
    expect(mistakesOf('Text.\n\n    const x = 1;\n')[0]).toContain('an indented block is typed by hand');
    expect(mistakesOf(`::: exercise How?\n\n${fence('ts', 'const x = 1;')}\n::: answer\nSo.\n:::\n`)).toEqual([]);
    expect(mistakesOf(fence('sh', 'npm test step01'))).toEqual([]);
  });

  test('what would be read as HTML or as a formula of Vue, and is hardly meant so, is a mistake', () => {
    expect(mistakesOf('Text.\n\nIt returns a Promise<T>.')[0]).toContain('docs/page.md:3: <T> is read as HTML');
    expect(mistakesOf('<Playground />\n')[0]).toContain('<Playground> is read as HTML');
    expect(mistakesOf('An object {{ x }}.')[0]).toContain('{{ is read as a formula of Vue');
    expect(mistakesOf('`Promise<T>` and `{{ x }}`, x<sub>1</sub>, a < b.')).toEqual([]);
  });

  test('a lesson has the title that its step has', () => {
    expect(mistakesOf('# Step 01 · A box\n', 'step01.md')).toEqual([]);
    expect(mistakesOf('# Step 01 · A crate\n', 'step01.md')[0]).toBe('docs/step01.md:1: the page begins with "# Step 01 · A box", not "# Step 01 · A crate"'); // prettier-ignore
    expect(mistakesOf('No title.\n', 'step01.md')[0]).toContain('the page begins with "# Step 01 · A box"');
  });
});

describe('formulas', () => {
  test('are set when the page is built', () => {
    expect(woven('$x^2$')).toContain('<span v-pre class="katex">');
    expect(woven('$$\nx^2\n$$')).toContain('katex-display');
  });

  test('a short one and the mark behind it stay together', () => {
    expect(woven('Is it $x^2$? No.')).toMatch(
      /Is it <span class="together"><span v-pre class="katex">.*<\/span>\?<\/span> No\./s,
    );
    expect(woven('It is $x^2$ here.')).not.toContain('together');
    expect(woven(`It is $${'x + '.repeat(20)}x$.`)).not.toContain('together');
  });

  test('one that cannot be set is a mistake', () => {
    expect(mistakesOf('Text.\n\n$\\nothing{x}$')[0]).toMatch(/^docs\/page.md:3: \$\\nothing\{x\}\$: KaTeX/);
  });
});

test('while a page is being written, mistakes stand on top of it', () => {
  const md = new MarkdownIt();
  lessons(md, { book: smallBook, lenient: true });
  const html = md.render('Some [[Nothing]].', { relativePath: 'page.md' });
  expect(html).toMatch(/^<p class="mistake" v-pre>docs\/page.md:1: the package has no Nothing<\/p>\n<p>Some /);
});
