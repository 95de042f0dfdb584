import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { derivative, evaluate } from 'mathjs';
import { expect, test } from 'vitest';
import { expr, variable, type Variable } from '../../dezero/core';
import * as F from '../../dezero/functions';
import { array, DTypeError, Generator, ShapeError, ValueError } from '../../dezero/ndarray';

const [x, y] = [variable(3, 'x'), variable([1, 2], 'y')];

test('a formula is what its methods are, gradients included', () => {
  const [a, b, c, d] = [variable(0.5), variable(2), variable(0.5), variable(2)];
  const ours = expr`100 * (${b} - ${a}^2)^2 + (1 - ${a})^2 / exp(-${b})`;
  const methods = F.mul(100, d.sub(c.pow(2)).pow(2)).add(F.sub(1, c).pow(2).div(d.neg().exp()));
  ours.backward();
  methods.backward();
  expect([ours.item(), a.grad?.item(), b.grad?.item()]).toEqual([methods.item(), c.grad?.item(), d.grad?.item()]);
});

test.each<[string, () => Variable, number]>([
  ['a power binds closer than a minus', () => expr`-${x}^2`, -9],
  ['powers go from the right', () => expr`${x}^2^3`, 6561],
  ['an exponent may have a minus', () => expr`${x}^-1`, 1 / 3],
  ['differences go from the left', () => expr`10 - ${x} - 2`, 5],
  ['quotients go from the left', () => expr`12 / ${x} / 2 * 4`, 8],
  ['parentheses go first', () => expr`2 * (${x} + 1) - -1 + +${x}`, 12],
  ['numbers may have fractions and exponents', () => expr`.5 + 1.5e1 + 2e-1 * ${x}`, 16.1],
  ['pi and e are known', () => expr`sin(pi / 2) + log(e)`, 2],
  ['plain numbers go in like variables', () => expr`${2} * ${x} ^ ${2}`, 18],
  ['numbers alone give a variable', () => expr`(1 + 2) * 3 / 2 - 2^3`, -3.5],
  ['a value alone is a formula', () => expr`${x}`, 3],
  ['e to a variable is exp', () => expr`e^${variable(0.5)}`, Math.exp(0.5)],
  ['a formula may take several lines', () => expr`
    ${x} * (1 +
    ${x})`, 12], // prettier-ignore
])('%s', (_, formula, value) => {
  expect(formula().item()).toBeCloseTo(value, 14);
});

test('arrays go in, and the functions of F take their shapes and options', () => {
  expect(expr`${y} * ${array([10, 100])} + 1`).toBeAllClose([11, 201]);
  expect(expr`sum(reshape(${y}, ${[2, 1]}) * ${y}, ${{ axis: 0 }})`).toBeAllClose([3, 6]);
  expect(expr`clip(${y} * ${x}, -1, 2 * 2)`).toBeAllClose([3, 4]);
});

test('a number to the power of a variable is differentiated', () => {
  const a = variable(3);
  expr`2^${a}`.backward();
  expect(a.grad?.item()).toBeCloseTo(8 * Math.log(2), 12);
});

test('a formula is read once for each place in the source, whatever goes in', () => {
  let reads = 0;
  const pieces = Object.defineProperty([''], 'raw', {
    get: () => {
      reads++;
      return ['', '^2 + 0.25'];
    },
  }) as unknown as TemplateStringsArray;
  const placed = [1, 2, 3].map((a) => expr(pieces, variable(a)).item());
  expect([placed, reads]).toEqual([[1.25, 4.25, 9.25], 1]);
});

test('what uses no expr does not load mathjs', () => {
  const program = `
    require('dezero').variable(1).add(1);
    console.log(Object.keys(require.cache).filter((name) => /node_modules.mathjs/.test(name)).length);
    require('dezero').expr\`1 + 1\`;
    console.log(Object.keys(require.cache).filter((name) => /node_modules.mathjs/.test(name)).length > 0);`;
  const root = path.join(__dirname, '../..');
  const output = execFileSync(process.execPath, ['-r', 'ts-node/register', '-e', program], { cwd: root });
  expect(output.toString()).toBe('0\ntrue\n');
});

test.each<[() => Variable, string, string, string]>([
  [() => expr`1 + ${x} * z`, 'z is not known; a variable goes in as ${z}', '1 + ${...} * z', '             ^'],
  [() => expr`constructor`, 'constructor is not known; a variable goes in as ${constructor}', 'constructor', '^'],
  [() => expr`2 * sinh(${x})`, 'sinh(…) is not a function of F', '2 * sinh(${...})', '    ^'],
  [() => expr`2 * sin + 1`, 'sin is a function: write sin(…)', '2 * sin + 1', '    ^'],
  [() => expr`2 * sin()`, 'sin(…) needs an argument', '2 * sin()', '         ^'],
  [() => expr`2 + ${x}.sin()`, 'a formula has no methods: write sin(x) for x.sin()', '2 + ${...}.sin()', '    ^'],
  [() => expr`2 + ${x}.T`, 'a formula has numbers, names, calls, parentheses and + - * / ^, nothing else', '2 + ${...}.T', '    ^'], // prettier-ignore
  [() => expr`${x} + `, 'unexpected end of expression', '${...} +', '        ^'],
  [() => expr`${x} + * 2`, 'value expected', '${...} + * 2', '         ^'],
  [() => expr`(1 + ${x} * 2`, 'parenthesis ) expected', '(1 + ${...} * 2', '               ^'],
  [() => expr`1 + ${x}) * 2`, 'unexpected operator )', '1 + ${...}) * 2', '          ^'],
  [() => expr`1 2 + ${x}`, 'unexpected part "2"', '1 2 + ${...}', '  ^'],
  [() => expr`1 + 2 ${x}`, 'an operator is missing before this; a product needs its *', '1 + 2 ${...}', '      ^'],
  [() => expr`${x}${x}`, 'an operator is missing before this; a product needs its *', '${...}${...}', '      ^'],
  [() => expr`${x}2`, 'an operator is missing before this; a product needs its *', '${...}2', '      ^'],
  [() => expr`${x}(1 + 2)`, 'an operator is missing after this', '${...}(1 + 2)', '^'],
  [() => expr`1 + $x`, 'a value goes in as ${…}', '1 + $x', '    ^'],
  [() => expr`${x} ** 2`, '** means nothing here; there are + - * / ^', '${...} ** 2', '       ^'],
  [() => expr`1 + ${x} mod 2`, 'mod means nothing here; there are + - * / ^', '1 + ${...} mod 2', '           ^'],
  [() => expr`1 + ${x} .* 2`, '.* means nothing here; there are + - * / ^', '1 + ${...} .* 2', '           ^'],
  [() => expr`a = ${x}`, '= means nothing here; there are + - * / ^', 'a = ${...}', '  ^'],
  [() => expr`1 + true`, 'true is not a number', '1 + true', '    ^'],
  [() => expr``, 'the formula is empty', '', '^'],
  [() => expr`
    1 + ${x} +
    2 * q
  `, 'q is not known; a variable goes in as ${q}', '2 * q', '    ^'], // prettier-ignore
])('formula error %#: %s', (formula, message, line, caret) => {
  expect(formula).toThrow(ValueError);
  expect(formula).toThrow(`expr: ${message}\n  ${line}\n  ${caret}`);
});

test.each<[unknown, string]>([
  ['3', "the string '3'"],
  [undefined, 'undefined'],
  [[1, 2], 'a value of type Array'],
])('a value that is no operand is refused where it stands: %o', (value, what) => {
  const formula = () => expr`1 + ${value as number} * 2`;
  const message = `expr: expected a Variable, an NDArray or a number, got ${what}; wrap arrays with array(…) or variable(…)`;
  expect(formula).toThrow(DTypeError);
  expect(formula).toThrow(`${message}\n  1 + \${...} * 2\n      ^`);
});

test('a variable to the power of a variable is refused, with the way to write it', () => {
  for (const formula of [() => expr`${x}^${y}`, () => expr`(-2)^${y}`, () => expr`${x}^${array(2)}`]) {
    expect(formula).toThrow(DTypeError);
    expect(formula).toThrow('for variables, a above 0, write exp(b * log(a))');
  }
});

test("shapes that do not fit are the operation's own error", () => {
  const formula = () => expr`${y} + ${variable([1, 2, 3])}`;
  expect(formula).toThrow(ShapeError);
  expect(formula).toThrow('add: shapes (2,) and (3,) do not fit');
});

// Random formulas of a and b, safe everywhere: what divides, and what log and roots are taken of, is at least 1.
const random = new Generator(29);
const pick = <T>(items: readonly T[]): T => items[random.integer(items.length)] as T;
function randomFormula(depth: number): string {
  if (depth === 0) return pick(['a', 'b', 'a', 'b', 'a', 'b', '2', '0.5', 'pi']);
  const [f, g] = [randomFormula(depth - 1), randomFormula(pick([0, depth - 1]))];
  return pick([
    `(${f}) + (${g})`, `(${f}) - (${g})`, `(${f}) * (${g})`, `-(${f}) * ${g.length < 6 ? g : 'a'}`, `(${f}) / (1 + (${g})^2)`,
    `sin(${f})`, `cos(${f}) * (${g})`, `exp(-(${f})^2)`, `tanh(${f})`, `log(1 + (${f})^2)`, `(1 + (${f})^2)^-0.5`, `2^sin(${f})`,
  ]); // prettier-ignore
}
const formulas = Array.from({ length: 48 }, (_, i) => randomFormula(2 + (i % 3)));

test('the random formulas are all different, and use both variables', () => {
  expect(new Set(formulas).size).toBeGreaterThan(44);
  expect(formulas.join()).toMatch(/a.*b/);
});

test.each(formulas)('mathjs has the same value and derivatives: %s', (formula) => {
  const values = { a: 0.7, b: -1.3 };
  const [a, b] = [variable(values.a), variable(values.b)];
  const pieces = formula.split(/\b[ab]\b/);
  const places = [...formula.matchAll(/\b[ab]\b/g)].map(([name]) => (name === 'a' ? a : b));
  const z = expr(Object.assign(pieces, { raw: pieces }), ...places);
  const close = (ours: number, theirs: number) => Math.abs(ours - theirs) <= 1e-12 * Math.max(1, Math.abs(theirs));
  expect(z.item()).toSatisfy((value: number) => close(value, evaluate(formula, values) as number));
  if (places.length > 0) z.backward();
  for (const [name, v] of [
    ['a', a],
    ['b', b],
  ] as const) {
    const theirs = derivative(formula, name, { simplify: false }).evaluate(values) as number;
    expect(v.grad?.item() ?? 0, `by ${name}`).toSatisfy((ours: number) => close(ours, theirs));
  }
});
