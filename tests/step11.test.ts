import { expect, test } from 'vitest';
import { Add, main, SumAndDifference, Variable } from '../steps/step11';
import { captured } from './captured';

test('a function takes many inputs: add(2, 3) is 5', () => {
  const [y, ...more] = new Add().call([new Variable(2), new Variable(3)]);
  expect(y?.data, 'add takes both inputs: x0 + x1').toBe(5);
  expect(more, 'Add has one output').toHaveLength(0);
});

test('a function returns many outputs', () => {
  const outputs = new SumAndDifference().call([new Variable(2), new Variable(3)]);
  expect(
    outputs.map((y) => y.data),
    'one box a result, in order',
  ).toEqual([5, -1]);
});

test('inputs, outputs and their creator know each other', () => {
  const f = new SumAndDifference();
  const inputs = [new Variable(2), new Variable(3)];
  const outputs = f.call(inputs);
  expect(f.inputs, 'the function remembers all its inputs').toEqual(inputs);
  expect(f.outputs, 'and all its outputs').toEqual(outputs);
  for (const y of outputs) expect(y.creator, 'every output remembers its creator').toBe(f);
});

test('the step prints 5 for 2 and 3', async () => {
  expect((await captured(main)).join('\n')).toMatch(/Add of 2 and 3 = 5$/m);
});
