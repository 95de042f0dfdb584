import { expect, test } from 'vitest';
import { asVariable, Func, mul, variable, type Grad, type Variable } from '../../dezero/core';
import { relu, square, sum } from '../../dezero/functions';
import * as nd from '../../dezero/ndarray';
import { array, ones, ValueError, type NDArray } from '../../dezero/ndarray';
import { gradientCheck } from '../../dezero/utils/gradientCheck';

class Product extends Func {
  override forward(a: NDArray, b: NDArray): NDArray {
    return nd.mul(a, b);
  }
  override backward(gy: Variable): Grad[] {
    const wrong = array([[1, 1, 1], [1, 1, 1.01]]); // prettier-ignore
    return [mul(gy, this.input(1)), mul(gy, this.input(0)).mul(wrong)];
  }
}

class Cube extends Func {
  override forward(x: NDArray): NDArray {
    return nd.pow(x, 3);
  }
  override backward(gy: Variable): Variable {
    const x = this.input(0).data;
    return mul(gy, asVariable(nd.mul(nd.square(x), 3))); // right, but forgets that it depends on x
  }
}

test('a wrong gradient is found, and its element named with both values', () => {
  const a = array([[1, 2, 3], [4, 5, 6]]); // prettier-ignore
  const { ok, error, worst } = gradientCheck((x, y) => new Product().call(x, y), [a, nd.copy(a)]);
  expect(ok).toBe(false);
  expect(error).toBeGreaterThan(1e-3);
  expect(worst).toMatch(
    /^(first|second) order: input 1, element \[1, 2\]: backward gives [\d.]+, differences give [\d.]+$/,
  );
  const first = gradientCheck((x, y) => new Product().call(x, y), [a, nd.copy(a)], { second: false });
  expect(first.worst).toMatch(/^first order: input 1, element \[1, 2\]/);
  expect(first.error).toBeCloseTo(0.01 / 1.01, 6);
});

test('a gradient that is right at first but wrong at second order is found', () => {
  const x = array([0, 2]);
  const cube = (v: Variable) => new Cube().call(v);
  expect(gradientCheck(cube, [x], { second: false }).ok).toBe(true);
  const { ok, worst } = gradientCheck(cube, [x]);
  expect(ok).toBe(false);
  expect(worst).toMatch(/^second order: input 0, element \[1\]: backward gives 0, differences give \d+/);
});

test('NaN is never right', () => {
  const broken = (x: Variable) => x.mul(NaN);
  expect(gradientCheck(broken, [ones([2])])).toMatchObject({ ok: false });
});

test('what is right passes, and says so', () => {
  const f = (x: Variable, y: Variable) => sum(square(x).mul(y));
  const result = gradientCheck(f, [array([[1, 2]]), variable([[3], [4]])]);
  expect(result).toMatchObject({ ok: true });
  expect(result.error).toBeLessThan(1e-8);
});

test('a function that does not depend on an input, or is linear or constant, can be checked', () => {
  expect(gradientCheck((x) => square(x), [ones([2]), ones([3])]).ok).toBe(true);
  expect(gradientCheck((x) => x.mul(3), [ones([2])])).toMatchObject({ ok: true });
  expect(gradientCheck((x) => x.mul(3), [ones([2])]).worst).toMatch(/element|all elements agree/);
  expect(gradientCheck(() => asVariable(2), [ones([2])]).ok).toBe(true);
});

test('the tolerance and the distance can be chosen', () => {
  const kink = (x: Variable) => relu(x);
  expect(gradientCheck(kink, [array([1e-4])]).ok).toBe(true);
  expect(gradientCheck(kink, [array([1e-4])], { eps: 1e-3 }).ok).toBe(false);
  expect(gradientCheck(kink, [array([1e-4])], { eps: 1e-3, tolerance: 1 }).ok).toBe(true);
});

test('the inputs are left as they were', () => {
  const [x, y] = [array([1, 2]), variable([3, 4])];
  gradientCheck((a, b) => a.mul(b), [x, y]);
  expect([x.toNested(), y.data.toNested(), y.grad]).toEqual([[1, 2], [3, 4], null]); // prettier-ignore
});

test('float32 inputs are refused: their differences say nothing', () => {
  expect(() => gradientCheck((x) => x, [ones([1], { dtype: 'float32' })])).toThrow(ValueError);
  expect(() => gradientCheck((x) => x, [ones([1], { dtype: 'float32' })])).toThrow(
    'gradientCheck: inputs must be float64, not float32',
  );
});
