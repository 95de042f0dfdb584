import { beforeAll, expect, test } from 'vitest';
import { automatic, exactSlope, logistic, logisticFormula, main, numerical, symbolic, Variable } from '../steps/step27';
import { captured } from './captured';

let lines: string[];
beforeAll(async () => {
  lines = await captured(main);
}, 20_000);

/** |a / b − 1|. */
const relativeError = (a: number, b: number) => Math.abs(a / b - 1);

test('formula and program are the same function, 4x(1 − x) nested', async () => {
  const { evaluate } = await import('mathjs');
  for (const times of [1, 2, 3]) {
    const y: unknown = evaluate(logisticFormula(times), { x: 0.3 });
    expect(y, 'the formula computes what the program computes: is it the same 4x(1 − x)?').toBeCloseTo(
      logistic(new Variable(0.3), times).data,
      14,
    );
  }
});

test('the true slope: the product of 4(1 − 2y) over all y on the way', () => {
  for (const times of [1, 2, 5]) {
    let [y, slope] = [0.3, 1];
    for (let i = 0; i < times; i++) [y, slope] = [4 * y * (1 - y), slope * 4 * (1 - 2 * y)];
    expect(relativeError(exactSlope(0.3, times), slope), 'sin²(2ⁿt) has another slope').toBeLessThan(1e-12);
  }
});

test('automatic differentiation is exact, however deep the program', () => {
  for (const times of [1, 2, 4, 6]) {
    const error = relativeError(automatic(0.2, times).value, exactSlope(0.2, times));
    expect(error, 'automatic: exact up to rounding: does Mul give each input the other, and are gradients added up?').toBeLessThan(1e-12); // prettier-ignore
  }
});

test('symbolic differentiation is exact too', async () => {
  for (const times of [1, 2, 4]) {
    const error = relativeError((await symbolic(0.2, times)).value, exactSlope(0.2, times));
    expect(error, 'symbolic: exact up to rounding: is the formula that of the program?').toBeLessThan(1e-12);
  }
  const tidy = await symbolic(0.2, 2, { simplify: true });
  expect(relativeError(tidy.value, exactSlope(0.2, 2))).toBeLessThan(1e-12);
});

test('numerical differentiation is near, not exact, and worse the steeper the function bends', () => {
  const errors = [2, 4, 6].map((times) => relativeError(numerical(0.2, times).value, exactSlope(0.2, times)));
  expect(Math.max(...errors), 'numerical: two points lie 2 eps apart, not one').toBeLessThan(1e-3);
  expect(Math.min(...errors)).toBeGreaterThan(1e-9);
  expect(errors, 'the error grows with the depth').toEqual([...errors].sort((a, b) => a - b));
});

test('the cost: the graph grows as the program does, the formula of the derivative swells', async () => {
  const depths = [1, 2, 3, 4];
  const graph = depths.map((times) => automatic(0.2, times).operations);
  expect(graph, 'automatic: 8 operations for each time more: what two ways share is computed once').toEqual([8, 16, 24, 32]); // prettier-ignore
  const formula = await Promise.all(depths.map(async (times) => (await symbolic(0.2, times)).operations));
  expect(formula, 'expression swell: the product rule writes both factors down twice').toEqual([7, 27, 79, 207]);
});

test('the step prints one table: value, error and cost of each way as the expression grows', () => {
  const rows = lines.filter((line) => /^ {2}\d {2}(numerical|symbolic|automatic) /.test(line));
  expect(rows).toHaveLength(15);
  const cells = rows.map((row) => row.trim().split(/ +/));
  const of = (times: string, way: string) => cells.find(([n, name]) => n === times && name === way) ?? [];
  expect(of('1', 'automatic').slice(2, 5)).toEqual(['2.40000000000', '0e+0', '8']);
  expect(of('2', 'automatic')[2]).toBe('-2.68800000000');
  expect(of('4', 'automatic').slice(2, 5)).toEqual(['15.3025558484', '2e-15', '32']);
  expect(of('4', 'symbolic')[4]).toBe('207');
  expect(of('4', 'numerical').slice(2, 5)).toEqual(['15.3025202991', '2e-6', '32']);
  expect(of('8', 'symbolic')[4]).toBe('6399');
  for (const row of cells) expect(row[5], 'times are measured, and say so with ~').toMatch(/^~[\d.]+$/);
});

test('the step shows the swollen formula, and that tidying it up only delays it', () => {
  const printed = lines.join('\n');
  expect(printed).toMatch('4 * 1 * (1 - x) + 4 * x * (0 - 1)');
  expect(printed).toMatch('the formula has 21 operators, the graph 12 functions');
  expect(printed).toMatch('the derivative 79 operators, tidied up by mathjs 34');
});
