import { expect, test } from 'vitest';
import { Func, testMode, Variable } from '../../dezero/core';
import * as F from '../../dezero/functions';
import { array, Generator, ones, zeros, type NDArray } from '../../dezero/ndarray';
import { gradientCheck } from '../../dezero/utils/gradientCheck';

type F64 = (...xs: Variable[]) => Variable;
type Case = readonly [f: F64, ...inputs: NDArray[]];

/** Distinct numbers about half a step apart, in random order: no ties, and none near 0, where kinks are. */
function numbers(shape: readonly number[], seed = 0): NDArray {
  const size = shape.reduce((a, b) => a * b, 1);
  const order = new Generator(seed, 99).permutation(size);
  return array(
    Float64Array.from(order, (place) => (place + 0.5 - size / 2) * (3 / size)),
    { shape },
  );
}
/** The same between 0.2 and 1.2. */
const positive = (shape: readonly number[], seed = 0) =>
  array(
    Float64Array.from(numbers(shape, seed).values, (x) => 0.7 + x / 3),
    { shape },
  );

const picture = numbers([2, 2, 5, 6], 1);
const weights = numbers([3, 2, 3, 2], 2);
const ids = array(new Int32Array([2, 0, 2, 1]));
const state = () => ({ mean: zeros([2]), var: ones([2]) });

/** At least one case for each exported function. */
const cases: Record<string, Case[]> = {
  add: [[F.add, numbers([2, 3]), numbers([3], 1)], [(x) => F.add(1, x), numbers([2])]],
  sub: [[F.sub, numbers([2, 1]), numbers([3], 1)], [(x) => F.sub(1, x), numbers([2])]],
  mul: [[F.mul, numbers([2, 3]), numbers([2, 1], 1)], [(x) => F.mul(x, x), numbers([3])]],
  div: [[F.div, numbers([2, 3]), positive([3], 1)], [(x) => F.div(2, x), positive([3])]],
  neg: [[F.neg, numbers([3])]],
  pow: [[(x) => F.pow(x, 3), numbers([3])], [(x) => F.pow(x, 0.5), positive([3])], [(x) => F.pow(x, 0), numbers([3])]],
  astype: [[(x) => F.astype(x, 'float64').neg(), numbers([2])]],
  broadcastTo: [[(x) => F.broadcastTo(x, [2, 3, 4]), numbers([3, 1])]],
  sumTo: [[(x) => F.sumTo(x, [3, 1]), numbers([2, 3, 4])]],
  square: [[F.square, numbers([3])]],
  exp: [[F.exp, numbers([3])]],
  log: [[F.log, positive([3])]],
  sin: [[F.sin, numbers([3])]],
  cos: [[F.cos, numbers([3])]],
  tanh: [[F.tanh, numbers([3])]],
  clip: [[(x) => F.clip(x, -0.6, 0.8), numbers([7])]],
  sigmoid: [[F.sigmoid, numbers([3])]],
  relu: [[F.relu, numbers([2, 4])]],
  leakyRelu: [[(x) => F.leakyRelu(x, 0.1), numbers([2, 4])]],
  gate: [[(a) => F.gate(a, numbers([6], 3)), numbers([6])]],
  softmax: [[(x) => F.softmax(x), numbers([2, 4])], [(x) => F.softmax(x, { axis: 0 }), numbers([3, 2])]],
  logSoftmax: [[(x) => F.logSoftmax(x, { axis: 1 }), numbers([2, 4])]],
  softmaxCrossEntropy: [[(x) => F.softmaxCrossEntropy(x, [2, 0, 1]), numbers([3, 4])]],
  meanSquaredError: [[F.meanSquaredError, numbers([3, 2]), numbers([3, 2], 1)]],
  binaryCrossEntropy: [[(p) => F.binaryCrossEntropy(F.sigmoid(p), array([1, 0, 1])), numbers([3])]],
  reshape: [[(x) => F.reshape(x, [3, -1]), numbers([2, 6])]],
  transpose: [[(x) => F.transpose(x), numbers([2, 3])], [(x) => F.transpose(x, [1, 2, 0]), numbers([2, 3, 4])]],
  getItem: [
    [(x) => F.getItem(x, 1), numbers([3, 2])],
    [(x) => F.getItem(x, [{ from: 1 }, { step: -2 }]), numbers([3, 4])],
    [(x) => F.getItem(x, [ids, 1]), numbers([3, 2])],
    [(x) => F.getItem(x, [{}, [1, 1, 0]]), numbers([3, 2])],
  ],
  concat: [[(a, b) => F.concat([a, b, a], { axis: 1 }), numbers([2, 2]), numbers([2, 3], 1)]],
  sum: [[(x) => F.sum(x), numbers([2, 3])], [(x) => F.sum(x, { axis: [0, -1], keepdims: true }), numbers([2, 3, 4])]],
  mean: [[(x) => F.mean(x, { axis: 1 }), numbers([2, 3])]],
  max: [[(x) => F.max(x), numbers([2, 3])], [(x) => F.max(x, { axis: 1 }), numbers([2, 3])]],
  min: [[(x) => F.min(x, { axis: 0, keepdims: true }), numbers([2, 3])]],
  matmul: [[F.matmul, numbers([2, 3]), numbers([3, 2], 1)], [F.matmul, numbers([2, 2, 3]), numbers([3, 2], 1)]],
  linear: [[F.linear, numbers([2, 3]), numbers([3, 4], 1), numbers([4], 2)], [(x, W) => F.linear(x, W), numbers([2, 2, 3]), numbers([3, 2], 1)]],
  linearSimple: [[F.linearSimple, numbers([2, 3]), numbers([3, 4], 1), numbers([4], 2)]],
  conv2d: [
    [(x, W, b) => F.conv2d(x, W, b), picture, weights, numbers([3], 3)],
    [(x, W) => F.conv2d(x, W, null, { stride: 2, pad: [1, 0] }), picture, weights],
    [(x, W, b) => F.conv2d(x, W, b, { pad: 1, activation: 'relu' }), picture, weights, numbers([3], 3)],
  ],
  deconv2d: [[(x, W, b) => F.deconv2d(x, W, b, { stride: [2, 1], pad: 1 }), numbers([1, 3, 3, 3]), weights, numbers([2], 3)]],
  conv2dSimple: [[(x, W, b) => F.conv2dSimple(x, W, b, { stride: 2, pad: 1 }), picture, weights, numbers([3], 3)]],
  im2col: [[(x) => F.im2col(x, { kernel: [3, 2], stride: 2, pad: 1 }), picture]],
  col2im: [[(x) => F.col2im(x, [1, 2, 4, 4], { kernel: 3, pad: 1 }), numbers([16, 18])]],
  maxPool: [[(x) => F.maxPool(x, { kernel: 3, stride: 2, ceil: true }), picture], [(x) => F.maxPool(x, { kernel: 2, pad: 1 }), picture]],
  averagePool: [[(x) => F.averagePool(x, { kernel: 3, stride: 2, pad: 1 }), picture]],
  globalAveragePool: [[F.globalAveragePool, picture]],
  dropout: [[(x) => F.dropout(x, 0.4, new Generator(5)), numbers([4, 5])]],
  batchNorm: [
    [(x, g, b) => F.batchNorm(x, g, b, state()), numbers([5, 2]), positive([2], 1), numbers([2], 2)],
    [(x, g, b) => F.batchNorm(x, g, b, state()), numbers([2, 2, 3, 2]), positive([2], 1), numbers([2], 2)],
    [(x, g, b) => testMode(() => F.batchNorm(x, g, b, state())), numbers([3, 2]), positive([2], 1), numbers([2], 2)],
  ],
  embedId: [[(W) => F.embedId(ids, W), numbers([3, 2])]],
}; // prettier-ignore

/** Exported functions with nothing to differentiate. */
const without = new Map([
  ['accuracy', 'counts: its gradient is zero wherever it exists'],
  ['windowOf', 'reads options'],
  ['oneHot', 'makes a constant'],
  ['logSoftmaxArray', 'works on arrays; logSoftmax is its function'],
]);

const exported = Object.entries(F) as [string, unknown][];
const isClass = (value: unknown): value is new (...args: never[]) => Func =>
  typeof value === 'function' && value.prototype instanceof Func;

test('every exported function has a gradient check: add one to the table above', () => {
  const functions = exported
    .filter(([, value]) => typeof value === 'function' && !isClass(value))
    .map(([name]) => name);
  expect([...Object.keys(cases), ...without.keys()].sort()).toEqual(functions.sort());
});

const reached = new Set<unknown>();

for (const [name, list] of Object.entries(cases)) {
  test(`${name}: first and second order agree with differences`, () => {
    for (const [f, ...inputs] of list) {
      const watched: F64 = (...xs) => note(f(...xs));
      const result = gradientCheck(watched, inputs);
      expect(result.error, result.worst).toBeLessThan(1e-6);
      // What the gradients are made of, and theirs.
      const xs = inputs.map((x) => new Variable(x));
      const y = f(...xs);
      const seed = new Variable(ones(y.shape));
      y.grad = seed;
      y.backward({ createGraph: true });
      for (const x of xs) {
        if (!x.grad) continue;
        note(x.grad);
        if (x.grad.creator) x.grad.backward({ createGraph: true });
      }
      if (seed.grad) note(seed.grad);
    }
  });
}

test('every exported Func is reached by a check, as a function or as the gradient of one', () => {
  const missed = exported.filter(([, value]) => isClass(value) && !reached.has(value)).map(([name]) => name);
  expect(missed).toEqual(['AsType']); // float64 stays float64 here; values.test.ts has it
});

/** Remembers the functions in a graph. */
function note(y: Variable): Variable {
  const seen = new Set<Func>();
  const waiting = y.creator ? [y.creator] : [];
  for (let f = waiting.pop(); f; f = waiting.pop()) {
    if (seen.has(f)) continue;
    seen.add(f);
    reached.add(f.constructor);
    for (const x of f.inputs) if (x.creator) waiting.push(x.creator);
  }
  return y;
}

class WrongCube extends Func {
  override forward(x: NDArray): NDArray {
    return array(x.values.map((v: number) => v ** 3) as Float64Array, { shape: x.shape });
  }
  override backward(gy: Variable): Variable {
    return gy.mul(this.input(0).square()).mul(2); // should be 3
  }
}

class CubeOfNoSecondOrder extends WrongCube {
  override backward(gy: Variable): Variable {
    const x = new Variable(this.input(0).data); // cuts the way to x
    return gy.mul(x.square()).mul(3);
  }
}

test('a wrong gradient is caught, and the element that is off is named', () => {
  const result = gradientCheck((x) => new WrongCube().call(x), [array([[1, 2]])], { second: false });
  expect(result.ok).toBe(false);
  expect(result.worst).toMatch(/first order: input 0, element \[0, \d\]: backward gives .* differences give/);
});

test('a gradient that is right but cannot be differentiated again is caught at the second order', () => {
  const check = (second: boolean) =>
    gradientCheck((x) => new CubeOfNoSecondOrder().call(x), [array([1, 2])], { second });
  expect(check(false).ok).toBe(true);
  expect(check(true).ok).toBe(false);
  expect(check(true).worst).toContain('second order: input 0');
});

test('differences of float32 say nothing, so they are refused', () => {
  expect(() => gradientCheck(F.exp, [zeros([2], { dtype: 'float32' })])).toThrow('must be float64, not float32');
});
