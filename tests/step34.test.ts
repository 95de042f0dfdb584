import { existsSync } from 'node:fs';
import { randn, variable, type Variable } from 'dezero';
import * as F from 'dezero/functions';
import { gradientCheck } from 'dezero/utils';
import { expect, test } from 'vitest';
import { fit, main, measure, megabytesHeldBy, straightLine, twoLayers } from '../steps/step34';
import { captured } from './captured';

const normal = (shape: number[], seed: number) => variable(randn(shape, { seed }));

test('matmul is rows times columns, and transposes the other side in its gradients', () => {
  const [x, W] = [variable([[1, 2, 3]]), variable([[1, 2], [3, 4], [5, 6]])]; // prettier-ignore
  const y = x.matmul(W);
  expect(y, 'x·W: each output is a sum of products').toBeAllClose([[22, 28]]);
  y.grad = variable([[10, 1]]);
  y.backward();
  expect(x.grad, 'the gradient of x is gy·Wᵀ: is W transposed?').toBeAllClose([[12, 34, 56]]);
  expect(W.grad, 'the gradient of W is xᵀ·gy: is x transposed?').toBeAllClose([[10, 1], [20, 2], [30, 3]]); // prettier-ignore
});

test('linear gives what linearSimple gives, forward and backward', () => {
  const both = [F.linear, F.linearSimple].map((linear) => {
    const inputs = [normal([5, 3], 1), normal([3, 2], 2), normal([2], 3)] as const;
    const y = linear(...inputs);
    y.backward();
    return [y, ...inputs.map((x) => x.grad)];
  });
  const [fast = [], simple = []] = both;
  ['y', 'the gradient of x', 'the gradient of W', 'the gradient of b'].forEach((what, i) => {
    expect(fast[i], `${what} of linear must be that of linearSimple`).toBeAllClose(simple[i] ?? NaN);
  });
});

test('linear keeps no intermediate: it is one function, where linearSimple is two', () => {
  const [x, W, b] = [normal([4, 3], 1), normal([3, 2], 2), normal([2], 3)];
  const fromInputs = (y: Variable) => y.creator?.inputs.every((v) => v.creator === null);
  expect(fromInputs(F.linear(x, W, b)), 'linear goes from x, W and b to y in one function').toBe(true);
  expect(fromInputs(F.linearSimple(x, W, b)), 'linearSimple adds b to a product that the graph keeps').toBe(false);
});

test('what a result keeps in memory is its graph', () => {
  const [x, b] = [normal([500, 1000], 1), normal([1000], 2)];
  const once = megabytesHeldBy(() => x.add(b)); // 4 MB
  expect(once, 'one array of 500,000 numbers takes 4 MB').toBeCloseTo(4, 0);
  expect(
    megabytesHeldBy(() => x.add(b).add(b)),
    'the array in between is kept for backward',
  ).toBeCloseTo(8, 0);
});

test('meanSquaredError is the sum of squares over the number of rows', () => {
  const [y, t] = [variable([[1], [2], [3], [4]]), variable([[1], [0], [3], [8]])];
  const loss = F.meanSquaredError(y, t);
  expect(loss.item(), '(0 + 4 + 0 + 16) / 4').toBe(5);
  loss.backward();
  expect(y.grad, 'the gradient of meanSquaredError is 2 (y − t) / N: is it divided by N?').toBeAllClose([
    [0],
    [1],
    [0],
    [-2],
  ]);
  expect(t.grad, 'and −2 (y − t) / N for t').toBeAllClose([[0], [-1], [0], [2]]);
  expect(() => F.meanSquaredError(y, variable([1, 0, 3, 8])), '(4, 1) against (4,) would broadcast to (4, 4)').toThrow(
    /\(4, 1\).*\(4,\)/,
  );
});

test('sigmoid bends a line into a step between 0 and 1', () => {
  const x = variable([-1000, 0, 1000]);
  const y = F.sigmoid(x);
  expect(y, 'sigmoid is 0 far left, ½ in the middle, 1 far right').toBeAllClose([0, 0.5, 1]);
  y.backward();
  expect(x.grad, 'the slope of sigmoid is y (1 − y): ¼ in the middle, 0 far out').toBeAllClose([0, 0.25, 0]);
});

test('the gradients are those that small steps measure', () => {
  const inputs = [normal([4, 3], 1), normal([3, 2], 2), normal([2], 3)];
  const loss = (x: Variable, W: Variable, b: Variable) =>
    F.meanSquaredError(F.sigmoid(F.linear(x, W, b)), normal([4, 2], 4));
  const { ok, worst } = gradientCheck((...xs) => loss(...(xs as [Variable, Variable, Variable])), inputs);
  expect(ok, `a gradient of linear, sigmoid or meanSquaredError is wrong: ${worst}`).toBe(true);
});

test('a line is learned from points near a line', () => {
  const line = straightLine();
  const losses = fit(line, measure((x) => x.mul(2).add(5)), { lr: 0.3, iterations: 200 }); // prettier-ignore
  const [W, b] = line.parameters;
  expect(W?.item(), 'the slope is 2, nearly').toBeCloseTo(2, 1);
  expect(b?.item(), 'the height at 0 is 5, nearly').toBeCloseTo(5, 1);
  expect(losses.at(-1), 'what is left of the loss are the errors of measuring').toBeLessThan(0.02);
});

test('a network starts to learn at once, and its layers start unequal', () => {
  const network = twoLayers(10, F.sigmoid);
  const losses = fit(network, measure((x) => F.sin(x.mul(2 * Math.PI))), { lr: 0.1, iterations: 20 }); // prettier-ignore
  expect(losses.at(-1), 'the loss falls: is each parameter moved against its gradient?').toBeLessThan(losses[0] ?? 0);
  expect(new Set(network.parameters[0]?.values).size, 'equal weights would stay equal for ever').toBe(10);
});

test('the step fits a line, fails with it at the sine, and succeeds with two layers', async () => {
  const lines = await captured(main);
  const after = (start: string) => lines.find((line) => line.trim().startsWith(start)) ?? '';
  const last = (start: string) => Number(after(start).split(/ +/).at(-1));
  expect(after('linearSimple'), 'a measurement is marked').toMatch(/~\d+\.\d MB/);
  expect(after('linear ')).toMatch(/~\d+\.\d MB/);
  expect(after('W ='), 'what was learned of the line').toMatch(/W = 2\.0\d\d, b = (4\.9|5\.0)\d\d/);
  expect(last('one line'), 'a line is no sine').toBeGreaterThan(0.2);
  expect(last('two lines'), 'two lines after one another are a line').toBeCloseTo(last('one line'), 3);
  expect(last('with sigmoid'), 'two layers with a sigmoid between them learn the sine').toBeLessThan(0.1);
  expect(existsSync(lines.at(-1)?.trim() ?? ''), 'the curve is drawn into the file that is named').toBe(true);
});
