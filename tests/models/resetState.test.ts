import { expect, test } from 'vitest';
import { GRU, Linear, LSTM, RNN } from '../../dezero/layers';
import { resetState, Sequential } from '../../dezero/models';
import { ones } from '../../dezero/ndarray';

test('resetState makes every recurrent layer in a model forget, however deep it lies', () => {
  const [first, second, third] = [new RNN(2), new LSTM(2), new GRU(2)];
  const model = new Sequential(first, new Sequential(second, new Linear(3)), third);
  const x = ones([1, 1], { dtype: 'float32' });
  const begun = [...model.call(x).values];
  expect([...model.call(x).values]).not.toEqual(begun);
  resetState(model);
  expect([first.state, second.state, second.cell, third.state]).toEqual([null, null, null, null]);
  expect([...model.call(x).values]).toEqual(begun);
});
