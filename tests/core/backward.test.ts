import { expect, test } from 'vitest';
import { Func, noGrad, variable, Variable, type Grad } from '../../dezero/core';
import { exp, sin, square, sum } from '../../dezero/functions';
import { array, GraphError, ones, type NDArray } from '../../dezero/ndarray';

test('a variable used twice adds its gradients', () => {
  const x = variable(3);
  x.add(x).backward();
  expect(x.grad?.item()).toBe(2);
  x.clearGrad();
  x.add(x).add(x).backward();
  expect(x.grad?.item()).toBe(3);
});

test('a second backward adds to the gradient', () => {
  const x = variable(3);
  const y = square(x);
  y.backward();
  y.backward();
  expect(x.grad?.item()).toBe(12);
});

test('functions are visited by generation: each gradient is complete before it is passed on', () => {
  const x = variable(2);
  const a = square(x);
  const y = square(a).add(square(a));
  y.backward();
  expect(y.item()).toBe(32);
  expect(x.grad?.item()).toBe(64);
});

test('backward starts from grad where there is one', () => {
  const x = variable([1, 2]);
  const y = x.mul(x);
  y.grad = variable([10, 100]);
  y.backward();
  expect(x.grad).toBeAllClose([20, 400]);
});

test('only leaves keep a gradient, unless retainGrad is asked for', () => {
  const x = variable(0.5);
  const [a, y] = [square(x), exp(square(x))];
  const z = y.add(a);
  z.backward();
  expect([x.grad === null, a.grad, y.grad, z.grad]).toEqual([false, null, null, null]);
  z.backward({ retainGrad: true });
  expect([a.grad?.item(), y.grad?.item(), z.grad?.item()]).toEqual([1, 1, 1]);
});

test('createGraph gives gradients that can be differentiated again', () => {
  const x = variable(2);
  x.pow(4).sub(x.pow(2).mul(2)).backward({ createGraph: true });
  expect(x.grad?.item()).toBe(24);
  const gx = x.grad;
  x.clearGrad();
  gx?.backward();
  expect(x.grad?.item()).toBe(44);
});

test('four derivatives of sin come round to sin', () => {
  const x = variable(1);
  let y = sin(x);
  for (const expected of [Math.cos(1), -Math.sin(1), -Math.cos(1), Math.sin(1)]) {
    x.clearGrad();
    y.backward({ createGraph: true });
    expect(x.grad?.item()).toBeCloseTo(expected, 14);
    y = x.grad ?? y;
  }
});

test('a gradient inside a loss is differentiated with it', () => {
  const [x, k] = [variable(2), variable(3)];
  k.mul(x.pow(3)).backward({ createGraph: true }); // gx = 3·k·x²
  const gx = x.grad;
  x.clearGrad();
  k.clearGrad();
  gx?.pow(2).backward(); // (3·k·x²)²: by k 2·9·k·x⁴, by x 4·9·k²·x³
  expect([k.grad?.item(), x.grad?.item()]).toEqual([864, 2592]);
});

test('without createGraph a gradient remembers no way', () => {
  const x = variable(2);
  square(x).backward();
  expect(x.grad?.creator).toBeNull();
});

test.each(['float32', 'float64'] as const)('a %s variable has a gradient of its own dtype and shape', (dtype) => {
  const x = variable(array([[1, 2, 3]], { dtype }));
  const b = variable(array([1], { dtype: 'float32' }));
  sum(x.mul(array([[2], [3]])).add(b)).backward(); // float64 in between
  expect(x.grad).toMatchObject({ dtype, shape: [1, 3] });
  expect(x.grad).toBeAllClose([[5, 5, 5]]);
  expect(b.grad).toMatchObject({ dtype: 'float32', shape: [1] });
  expect(b.grad?.values[0]).toBe(6);
});

test('backward on a leaf, or on what noGrad made, says so', () => {
  const x = variable(1, 'x');
  expect(() => x.backward()).toThrow(GraphError);
  expect(() => x.backward()).toThrow(
    "backward: 'x' was not computed from any variable: it is a leaf, was made of constants or under noGrad(…), or was cut by unchainBackward()",
  );
  const y = noGrad(() => square(variable([1, 2])));
  expect(() => y.backward()).toThrow('backward: a variable of shape (2,) was not computed from any variable');
});

test('a chain of 100,000 functions has a gradient', () => {
  const x = variable(1);
  let y = x;
  for (let i = 0; i < 100_000; i++) y = y.add(1);
  y.backward();
  expect(x.grad?.item()).toBe(1);
});

test('what needs no gradient gets none, and nothing is computed for it', () => {
  let calls = 0;
  class Probe extends Func {
    override forward(x: NDArray): NDArray {
      return x;
    }
    override backward(gy: Variable): Variable {
      calls++;
      return gy;
    }
  }
  const [x, frozen] = [variable(2), variable(3)];
  frozen.requiresGrad = false;
  const side = new Probe().call(frozen);
  expect(side).toMatchObject({ creator: null, requiresGrad: false });
  x.mul(side).backward();
  expect([x.grad?.item(), frozen.grad, side.grad, calls]).toEqual([3, null, null, 0]);
});

class SumAndDifference extends Func {
  override forward(a: NDArray, b: NDArray): NDArray[] {
    return [variable(a).add(b).data, variable(a).sub(b).data];
  }
  override backward(gs: Variable, gd: Variable): Grad[] {
    return [gs.add(gd), gs.sub(gd)];
  }
}

test('a function of several outputs gets a gradient for each, zeros where one was not used', () => {
  const [a, b] = [variable([5, 1]), variable([2, 2])];
  const [s, d] = new SumAndDifference().callAll(a, b);
  if (!s || !d) throw new Error('two outputs expected');
  d.mul(3).backward();
  expect([a.grad, b.grad].map((g) => g?.data.toNested())).toEqual([[3, 3], [-3, -3]]); // prettier-ignore
  a.clearGrad();
  s.mul(10).add(d).backward();
  expect(a.grad).toBeAllClose([11, 11]);
});

test('a backward that gives a gradient of the wrong shape is named', () => {
  class Careless extends Func {
    override forward(x: NDArray): NDArray {
      return x;
    }
    override backward(): Variable {
      return new Variable(ones([3]));
    }
  }
  expect(() => new Careless().call(variable([1, 2])).backward()).toThrow(
    'Careless.backward gave a gradient of shape (3,) for an input of shape (2,)',
  );
});

test('after unchainBackward a second backward says where the graph was cut', () => {
  const x = variable(2);
  const h = square(x);
  const y = square(h);
  y.backward();
  y.unchainBackward();
  expect(() => y.backward()).toThrow(GraphError);
  expect(() => y.backward()).toThrow(
    'backward: the graph was cut at Square by unchainBackward(); run the forward again',
  );
  expect(() => h.backward()).toThrow('was cut by unchainBackward()');
});

test('after unchainBackward the state goes on as a leaf: truncated backpropagation through time', () => {
  const w = variable(0.5);
  let h = variable(1);
  const gradients: (number | undefined)[] = [];
  for (let t = 0; t < 4; t++) {
    h = h.mul(w);
    if (t % 2 === 0) continue;
    const loss = h.mul(1);
    w.clearGrad();
    loss.backward();
    loss.unchainBackward();
    gradients.push(w.grad?.item());
  }
  // h₂ = h₀·w²: 2·h₀·w with h₀ = 1, then h₀ = 1/4
  expect(gradients).toEqual([1, 0.25]);
  expect(h).toMatchObject({ creator: null, generation: 0 });
});

test('what an error interrupts leaves recording as it was', () => {
  class Broken extends Func {
    override forward(x: NDArray): NDArray {
      return x;
    }
    override backward(): Variable {
      throw new Error('on purpose');
    }
  }
  const x = variable(1);
  expect(() => new Broken().call(x).backward()).toThrow('on purpose');
  expect(square(x).creator).not.toBeNull();
});
