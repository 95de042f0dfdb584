import { expect, test } from 'vitest';
import { noGrad, variable } from '../../dezero';
import * as F from '../../dezero/functions';
import { checkFinite } from '../../dezero/utils';

test('what is finite passes as it is', () => {
  const loss = F.sum(variable([1, 2]));
  expect(checkFinite(loss)).toBe(loss);
});

test('the first operation that made NaN or an infinity is named, not the last that passed it on', () => {
  const x = variable([3, 0, 2], 'x');
  const loss = F.sum(F.log(x).mul(0).add(1)); // ln 0 = −∞, −∞ · 0 = NaN
  expect(() => checkFinite(loss)).toThrow(
    "checkFinite: Log is the first to make -Infinity (element 1 of 3), of 'x' from 0 to 3",
  );
});

test('an overflow is found in the middle of a graph', () => {
  const loss = F.mean(F.exp(F.square(variable([[1, 40]]))).mul(variable(2)));
  expect(() => checkFinite(loss)).toThrow(
    'Exp is the first to make Infinity (element 1 of 2), of (1, 2) from 1 to 1600',
  );
});

test('a leaf that was bad to begin with is named', () => {
  expect(() => checkFinite(F.sum(variable([1, NaN], 'picture')))).toThrow("'picture', which goes into Sum, is NaN (element 1 of 2)"); // prettier-ignore
});

test('without a graph there is no one to name, and it says so', () => {
  const y = noGrad(() => F.log(variable(-1)));
  expect(() => checkFinite(y)).toThrow('nothing says what it was computed from');
});
