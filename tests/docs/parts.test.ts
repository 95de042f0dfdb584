import { describe, expect, test } from 'vitest';
import { asMembers } from '../../docs/plugins/asMembers';
import { quiet } from '../../docs/plugins/code';
import { drawGraph } from '../../docs/plugins/graph';
import { lineDiff, marked } from '../../docs/plugins/lineDiff';
import { dedent, linesIn } from '../../docs/plugins/range';
import { Api, prose, readDoc } from '../../docs/site/api';
import { narrow, WIDTH } from '../../docs/site/formatted';

describe('ranges of lines', () => {
  const text = 'one\ntwo\n  three\n  four\nfive\n';

  test.each([
    ['2', 'two'],
    ['2..3', 'two\n  three'],
    ['3..4', 'three\nfour'],
    ['4..', '  four\nfive'],
    ['/^t/', 'two'],
    ['/two/..+1', 'two\n  three'],
    ['/two/../four/', 'two\n  three\n  four'],
    ['/four/..', '  four\nfive'],
    ['1..1', 'one'],
  ])('%s', (range, lines) => {
    expect(linesIn(text, range)).toBe(dedent(lines));
  });

  test.each([
    ['/six/', 'no line fits /six/'],
    ['/two/../one/', 'no line fits /one/ from line 2 on'],
    ['/five/..+1', 'reaches to line 6, and there are 5'],
    ['4..2', 'ends before it begins'],
    ['0', 'there is no line 0'],
    ['two', 'two is no range'],
    ['/two(/', '/two(/ is no regular expression'],
  ])('%s is refused: %s', (range, said) => {
    expect(() => linesIn(text, range)).toThrow(said);
  });
});

test('a diff of lines keeps what both have, in order', () => {
  const kinds = (before: string, after: string) =>
    lineDiff(before.split(' '), after.split(' ')).map(({ kind, text }) => ({ same: '=', gone: '-', new: '+' })[kind] + text).join(' '); // prettier-ignore
  expect(kinds('a b c', 'a x c')).toBe('=a -b +x =c');
  expect(kinds('a b', 'a b c')).toBe('=a =b +c');
  expect(kinds('a b c d', 'b d')).toBe('-a =b -c =d');
  expect(marked(lineDiff(['a', ''], ['b', '']))).toBe('a // [!code --]\nb // [!code ++]\n');
});

test('the same graph is drawn the same way, signs beyond ASCII too', () => {
  expect(drawGraph('θ0 -> Add -> y')).toBe(drawGraph('θ0 -> Add -> y'));
  expect(drawGraph('x [label="∂y/∂x"]\nx -> y')).toContain('>∂y/∂x</text>');
  const classes = drawGraph('rankdir=TB\nsame -> Exp1 -> w [class=back]\nw [label="W"]').match(/class="[\w ]+"/g);
  expect(classes).toEqual(['class="dot"', 'class="graph"', 'class="node variable"', 'class="node func"', 'class="edge back"', 'class="node variable"', 'class="edge back"']); // prettier-ignore
  expect(() => drawGraph('x -> -> y')).toThrow('graphviz cannot read the graph');
});

test('comments are filled to the width of a page, code is left alone', () => {
  const long = 'word '.repeat(30).trim();
  const lines = narrow(`  /** ${long} */\n  const x = 1;\n  // ${long}\n  const y = '${long}';\n`).split('\n');
  const comments = lines.filter((line) => !line.includes('const'));
  expect(comments.every((line) => line.length <= WIDTH)).toBe(true);
  expect(comments.join(' ').match(/word/g)).toHaveLength(60);
  expect(lines.filter((line) => line.includes('const'))).toEqual(['  const x = 1;', `  const y = '${long}';`]);
});

test('members are coloured as in a class, and shown without it', () => {
  const { preprocess, tokens } = asMembers;
  const within = (raw: string) => ({ options: { meta: { __raw: raw } } }) as never;
  expect(preprocess?.call(within('member'), 'twice(): number {}', {} as never)).toBe(
    'class Around {\ntwice(): number {}\n}',
  );
  expect(tokens?.call(within('member'), [['class'], ['twice'], ['}']] as never)).toEqual([['twice']]);
  expect(preprocess?.call(within(''), 'const x = 1;', {} as never)).toBeUndefined();
});

test('a docstring of one line stands on one line', () => {
  expect(narrow('  /**\n   * The sum.\n   */\n  sum = 1;\n')).toBe('  /** The sum. */\n  sum = 1;\n');
});

describe('docstrings', () => {
  test('are taken apart: what it says first, the rest, the errors', () => {
    expect(readDoc('/**\n * The sum, 0.5 at\n * least. More of it.\n * @throws ShapeError for others.\n * @since 33\n */')).toEqual({
      first: 'The sum, 0.5 at least.', rest: 'More of it.', throws: 'ShapeError for others.', example: '',
    }); // prettier-ignore
  });

  test('have examples, line by line; one may begin with a tag', () => {
    const doc = readDoc('/**\n * @throws ShapeError.\n * @example\n * const x = 1;\n * x; // → 1\n * @since 33\n */');
    expect(doc).toEqual({ first: '', rest: '', throws: 'ShapeError.', example: 'const x = 1;\nx; // → 1' });
  });

  test('are shown in a listing without their examples', () => {
    expect(
      quiet('/**\n * One.\n * @example\n * one(); // → 1\n *\n * one();\n * @throws Never.\n * @since 28\n */\n'),
    ).toBe('/**\n * One.\n * @throws Never.\n */\n');
  });

  test('are plain text: what Markdown or Vue would make something of is taken as it stands', () => {
    expect(prose('a * b, x_0 < `y_0 < 1` {{z}}')).toBe('a \\* b, x\\_0 &lt; `y_0 < 1` &#123;&#123;z}}');
  });
});

describe('the public names', () => {
  const sources = new Map([
    ['index.ts', "export * from './core';\nexport * as nd from './ndarray/ops';\n"],
    ['core/index.ts', "export * from './variable';\n"],
    ['core/variable.ts', `/** A box. More. @since 28 */
export class Variable {
  /** The value. @since 28 */
  data = 1;
  private hidden = 2;
  /** A number; more. @since 28 */
  constructor(readonly start: number, { deep = false }: Options = {}) {}
  /** The way back. @since 29 */
  backward(): void {}
}
/** How. @since 28 */
export interface Options {
  /** Deep. @since 28 */
  readonly deep?: boolean;
}
function secret(): void {}
`],
    ['ndarray/ops.ts', '/** The sum. @since 28 */\nexport function sum(x: number): number {\n  return x;\n}\n'],
    ['functions/index.ts', "export * from './math';\n"],
    ['functions/math.ts', `/** y = sin x. @since 30 */
export const sin = (x: number): number => Math.sin(x);
declare module '../core/variable' {
  interface Variable {
    /** Sine. @since 30 */
    sin(): Variable;
  }
}
`],
  ]); // prettier-ignore
  const api = new Api(sources, new Map());
  const one = (name: string) => api.find(name)[0];

  test('are those that an entry exports, and no others', () => {
    expect(api.names.map(({ page, name }) => `${page} ${name}`)).toEqual(['core Variable', 'core Options', 'ndarray nd.sum', 'functions sin']); // prettier-ignore
  });

  test('have signatures without bodies', () => {
    expect(one('Variable.constructor')?.signature).toBe(
      'new Variable(readonly start: number, { deep = false }: Options = {})',
    );
    expect(one('Variable.backward')?.signature).toBe('backward(): void');
    expect(one('nd.sum')?.signature).toBe('sum(x: number): number');
    expect(one('F.sin')?.signature).toBe('sin(x: number): number');
  });

  test('include members that another file adds, and no private ones', () => {
    expect(one('Variable')?.members.map(({ name }) => name)).toEqual(['Variable.data', 'Variable.constructor', 'Variable.backward', 'Variable.sin']); // prettier-ignore
    expect(one('Variable.sin')).toMatchObject({ since: 30, doc: { first: 'Sine.' } });
  });
});
