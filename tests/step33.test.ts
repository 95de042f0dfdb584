import { variable, type Variable } from 'dezero';
import * as F from 'dezero/functions';
import { expect, test } from 'vitest';
import { CarelessRepeat, followBack, gradientsOf, main, operations, Repeat } from '../steps/step33';
import { captured } from './captured';

const matrix = () => variable([[1, 2, 3], [4, 5, 6]]); // prettier-ignore

test.each(Object.entries(operations))('the gradient of x has the shape of x after %s', (name, f) => {
  let gx: Variable | null = null;
  expect(
    () => (gx = followBack(f, matrix()).gx),
    `${name}: a gradient keeps its variable's shape: does backward undo what forward did to the shape?`,
  ).not.toThrow();
  expect(gx, `${name}: a gradient keeps its variable's shape`).toMatchObject({ shape: [2, 3] });
});

test.each<[string, (x: Variable) => Variable, number[][], string]>([
  ['reshape', (x) => x.reshape([3, 2]), [[1, 2, 3], [4, 5, 6]], 'the elements keep their order'],
  ['transpose', (x) => x.transpose(), [[1, 3, 5], [2, 4, 6]], 'backward of transpose is the transpose back'],
  ['getItem', (x) => x.getItem([{}, { from: 1 }]), [[0, 1, 2], [0, 3, 4]], 'what was not taken has gradient 0'],
  ['getItem', (x) => x.getItem(Int32Array.of(0, 0, 1)), [[5, 7, 9], [7, 8, 9]], 'a row taken twice gets both gradients'],
  ['sum', (x) => x.sum({ axis: 0 }), [[1, 2, 3], [1, 2, 3]], 'what was summed gets the gradient repeated'],
  ['sum', (x) => x.sum({ axis: 1 }), [[1, 1, 1], [2, 2, 2]], 'what was summed gets the gradient repeated'],
  ['sumTo', (x) => x.sumTo([2, 1]), [[1, 1, 1], [2, 2, 2]], 'what was summed gets the gradient repeated'],
  ['broadcastTo', (x) => x.broadcastTo([2, 2, 3]), [[8, 10, 12], [14, 16, 18]], 'what was repeated gets the gradients summed'],
  ['mean', (x) => x.mean({ axis: 0 }), [[0.5, 1, 1.5], [0.5, 1, 1.5]], 'of n elements each has a share of 1 / n in a mean'],
  ['max', (x) => x.max({ axis: 1 }), [[0, 0, 1], [0, 0, 2]], 'the gradient goes to the largest element alone'],
  ['min', (x) => x.min(), [[1, 0, 0], [0, 0, 0]], 'the gradient goes to the smallest element alone'],
])('%s passes each gradient to where it came from', (_, f, expected, why) => {
  expect(followBack(f, matrix()).gx?.data.toNested(), why).toEqual(expected);
}); // prettier-ignore

test('elements that tie for the largest share the gradient', () => {
  const x = variable([3, 3, 1]);
  x.max().backward();
  expect(x.grad?.data.toNested(), 'two largest elements: each gets half').toEqual([0.5, 0.5, 0]);
});

test('a gradient of another shape is refused, and sumTo mends it', () => {
  const why = 'a gradient of shape (2, 3) for a variable of shape (3,) must be refused: see the check in backward';
  expect(() => new CarelessRepeat([2, 3]).call(variable([1, 2, 3])).backward(), why).toThrow(/shape \(2, 3\).*\(3,\)/);
  const b = variable([1, 2, 3]);
  new Repeat([2, 3]).call(b).backward();
  expect(b.grad?.data.toNested(), 'what was repeated gets the sum of the gradients: is there a sumTo?').toEqual([
    2, 2, 2,
  ]);
});

test.each<[string, (a: Variable, b: Variable) => Variable, number[][], number[]]>([
  ['add', F.add, [[1, 1, 1], [1, 1, 1]], [2, 2, 2]],
  ['sub', F.sub, [[1, 1, 1], [1, 1, 1]], [-2, -2, -2]],
  ['mul', F.mul, [[10, 20, 50], [10, 20, 50]], [5, 7, 9]],
  ['div', F.div, [[0.1, 0.05, 0.02], [0.1, 0.05, 0.02]], [-0.05, -0.0175, -0.0036]],
])('%s of a matrix and a row gives each the gradient of its own shape', (name, f, ga, gb) => {
  const why = `the gradient of the row in ${name}(matrix, row) is summed over the rows: is there a sumTo in its backward?`;
  let gradients: ReturnType<typeof gradientsOf> | null = null;
  expect(() => (gradients = gradientsOf(f)), why).not.toThrow();
  const { ga: found, gb: summed } = gradients ?? gradientsOf(f);
  expect(found, why).toBeAllClose(ga);
  expect(summed, why).toBeAllClose(gb);
}); // prettier-ignore

test('a column and a row make a matrix, and get back a column and a row', () => {
  const [column, row] = [variable([[1], [2]]), variable([[10, 20, 30]])];
  column.mul(row).sum().backward();
  expect(column.grad, 'the gradient of a column is a column: summed over the columns').toBeAllClose([[60], [60]]);
  expect(row.grad, 'the gradient of a row is a row: summed over the rows').toBeAllClose([[3, 3, 3]]);
});

test('a gradient through shapes can be differentiated again', () => {
  const x = matrix();
  x.sum({ axis: 0 }).pow(3).sum().backward({ createGraph: true }); // Σⱼ (Σᵢ xᵢⱼ)³
  const gx = x.grad;
  x.clearGrad();
  gx?.sum().backward();
  expect(x.grad, 'with s the sum of a column: each gradient is 3s², two of them in a column, so 12s the second time').toBeAllClose([[60, 84, 108], [60, 84, 108]]); // prettier-ignore
});

test('the step shows the wrong shape first, then the gradients', async () => {
  const lines = await captured(main);
  const text = lines.join('\n');
  expect(text, 'the careless gradient is shown being refused').toContain(
    'gradient of shape (2, 3) for an input of shape (3,)',
  );
  expect(text, 'then mended').toContain('used twice: [2 2 2]');
  for (const name of Object.keys(operations)) expect(text, `a line for ${name}`).toContain(`  ${name} `);
  expect(text).toContain('gb [5 7 9]');
});
