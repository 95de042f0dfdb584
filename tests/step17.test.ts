import { expect, test } from 'vitest';
import { carryState, heldBy, iteration, main, repeat, square, Variable, weakRun } from '../steps/step17';
import { captured } from './captured';

const run = () => iteration(new Variable(1));

test('a result and its creator point to each other', () => {
  const y = square(new Variable(1));
  expect(y.creator?.outputs[0], 'a circle: Variable to Func and back').toBe(y);
});

test('the circles are collected when nobody holds them; a list of losses holds them all', () => {
  const losses = heldBy(() => repeat(run));
  const nothing = heldBy(() => void repeat(run));
  const numbers = heldBy(() => repeat(() => run().data));
  expect(losses, 'a list of losses keeps 30 whole graphs').toBeGreaterThan(3);
  expect(nothing, 'nothing kept, nothing stays: does something still hold a graph?').toBeLessThan(losses / 3);
  expect(numbers, 'the numbers in the losses hold no graph').toBeLessThan(losses / 3);
});

test('a state that is carried over keeps its whole past, unless it is cut', () => {
  const carried = heldBy(() => carryState({ cut: false }));
  const cut = heldBy(() => carryState({ cut: true }));
  expect(carried, 'a state carried over keeps the past of 30 iterations').toBeGreaterThan(3);
  expect(cut, 'a state that is cut drops its past: is it put into a new box?').toBeLessThan(carried / 3);
});

test('weak references keep every target alive within one synchronous run', async () => {
  const { within, later } = await weakRun();
  expect(within, 'weak references keep their targets alive within one synchronous run').toBeGreaterThan(3);
  expect(later, 'they let go one turn of the event loop later').toBeLessThan(within / 3);
});

test('the step prints what it measured', async () => {
  const lines = await captured(main);
  const held = (word: string) => Number(lines.find((line) => line.includes(word))?.match(/~(\d+\.\d) MB/)?.[1]);
  expect(held('the losses'), 'a list of losses holds more than nothing does').toBeGreaterThan(held('nothing:') + 3);
  expect(held('same synchronous run')).toBeGreaterThan(held('one turn') + 3);
  expect(lines.join('\n'), 'no measurement is missing').not.toMatch(/NaN|undefined/);
});
