import { expect, test } from 'vitest';
import { fromInput, fromOutput, jacobian, main, multiply, type Matrix } from '../steps/step05';
import { captured } from './captured';

/** The Jacobians of a chain, by the number of values before, between and after its links. */
const chain = (...sizes: number[]): Matrix[] => sizes.slice(1).map((outputs, i) => jacobian(outputs, sizes[i] ?? 0));

test('a product of tables is rows times columns, and its multiplications are counted', () => {
  const A = [
    [1, 2, 3],
    [4, 5, 6],
  ];
  const B = [[1], [10], [100]];
  const { matrix, count } = multiply(A, B);
  expect(matrix, 'each entry is a row of A times a column of B').toEqual([[321], [654]]);
  expect(count, 'multiplications are counted: rows of A · columns of B · length of a row').toBe(6);
});

test('the chain rule gives the same product from either end', () => {
  const links = [[[1, 2]], [[3], [4]], [[5, 6]]]; // 2 values > 1 > 2 > 1
  expect(fromInput(links).matrix, 'from the input: the next link is multiplied from the left').toEqual([[39, 78]]);
  expect(fromOutput(links).matrix, 'from the output: the link before is multiplied from the right').toEqual([[39, 78]]);
  const larger = chain(4, 6, 5, 3);
  expect(fromOutput(larger).matrix, 'the same product from either end').toEqual(fromInput(larger).matrix);
});

test('with one output the way back is far shorter', () => {
  const links = chain(100, 100, 100, 100, 1);
  expect(fromInput(links).count, 'forward order: tables times tables').toBe(2_010_000);
  expect(fromOutput(links).count, 'reverse order: one row times tables, all the way').toBe(30_000);
});

test('with many outputs it is not, and with one input the way forward is the short one', () => {
  const many = chain(100, 100, 100, 100, 100);
  expect(fromOutput(many).count, 'as many outputs as inputs: either order costs the same').toBe(fromInput(many).count);
  const oneInput = chain(1, 100, 100, 100, 100);
  expect(fromInput(oneInput).count, 'one input: forward order is the short one').toBe(30_000);
  expect(fromOutput(oneInput).count).toBe(2_010_000);
});

test('the step prints the counts of both orders, for 1 output and many', async () => {
  const lines = await captured(main);
  const counts = lines.filter((line) => line.includes(' > ')).map((line) => line.match(/[\d,]+/g)?.slice(-2));
  expect(counts).toEqual([
    ['2,010,000', '30,000'],
    ['2,100,000', '300,000'],
    ['3,000,000', '3,000,000'],
    ['30,000', '2,010,000'],
  ]);
});
