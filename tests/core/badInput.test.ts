import { describe, expect, test } from 'vitest';
import { Func, noGrad, Parameter, variable, type Operand, type Variable } from '../../dezero/core';
import * as F from '../../dezero/functions';
import { Linear } from '../../dezero/layers';
import { array, DTypeError, FreedError, GraphError, keep, memoryScope, ShapeError, zeros, type ArrayLike, type NDArray } from '../../dezero/ndarray'; // prettier-ignore
import { SGD } from '../../dezero/optimizers';

describe('a wrong type', () => {
  const hint = 'give a number, nested arrays, a typed array or an NDArray';
  test.each<[unknown, string]>([
    ['1', `array: expected numbers (or booleans), got string; ${hint}`],
    [null, `array: expected numbers (or booleans), got null; ${hint}`],
    [undefined, `array: expected numbers (or booleans), got undefined; ${hint}`],
    [[1, '2'], `array: expected numbers (or booleans), got string; ${hint}`],
    [[variable(1)], `array: expected numbers (or booleans), got Variable; ${hint}`],
    [new Date(0), `array: expected numbers (or booleans), got Date; ${hint}`],
    [variable(1), 'Variable: got a Variable; a box is not put into a box. Use it as it is, or its .data'],
  ])('is not put into a Variable: %o', (data, message) => {
    expect(() => variable(data as ArrayLike)).toThrow(DTypeError);
    expect(() => variable(data as ArrayLike)).toThrow(message);
  });

  test('is no operand, and the message names the function', () => {
    const call = () => variable([1]).mul([2] as unknown as Operand);
    expect(call).toThrow(DTypeError);
    expect(call).toThrow(
      'Mul: expected a Variable, an NDArray or a number, got a value of type Array; wrap arrays with array(…) or variable(…)',
    );
    expect(() => F.add(1, '2' as unknown as Operand)).toThrow("Add: expected a Variable, an NDArray or a number, got the string '2'"); // prettier-ignore
    expect(() => F.pow(variable(2), variable(3) as unknown as number)).toThrow('the exponent c must be a plain number');
  });
});

describe('shapes that do not fit are both named, with the rule', () => {
  const [a, b, m] = [variable([1, 2]), variable([1, 2, 3]), variable(zeros([2, 3]))];
  test.each<[string, () => unknown, string]>([
    ['lengths', () => variable([[1, 2], [3]]), 'array: shapes (2, 2) do not fit: nested arrays must have equal lengths, but one at depth 1 has 1'], // prettier-ignore
    ['add', () => a.add(b), 'add: shapes (2,) and (3,) do not fit: axis −1 has sizes 2 and 3; they must be equal, or one of them 1'], // prettier-ignore
    ['div', () => m.div(a), 'div: shapes (2, 3) and (2,) do not fit: axis −1 has sizes 3 and 2; they must be equal, or one of them 1'], // prettier-ignore
    ['reshape', () => m.reshape([4]), 'reshape: shapes (2, 3) and (4,) do not fit: 6 elements cannot be laid out as the second'], // prettier-ignore
    ['broadcastTo', () => m.broadcastTo([3, 3]), 'broadcastTo: shapes (2, 3) and (3, 3) do not fit: an axis must have the wanted size, or size 1'], // prettier-ignore
    ['sumTo', () => m.sumTo([3, 3]), 'sumTo: shapes (2, 3) and (3, 3) do not fit: the second must broadcast to the first'], // prettier-ignore
    ['matmul', () => m.matmul(m), 'matmul: shapes (2, 3) and (2, 3) do not fit: the inner sizes 3 and 2 must be equal: (M, K)·(K, N) gives (M, N)'], // prettier-ignore
    ['a bias', () => F.linear(m, zeros([3, 1]), a), 'matmul: shapes (3, 1) and (2,) do not fit: the bias must have shape (1,)'], // prettier-ignore
    ['meanSquaredError', () => F.meanSquaredError(a, b), 'meanSquaredError: shapes (2,) and (3,) do not fit: predictions and targets need equal shapes'], // prettier-ignore
    ['labels', () => F.softmaxCrossEntropy(m, [0]), 'softmaxCrossEntropy: shapes (2, 3) and (1,) do not fit: 2 rows of scores need 2 labels'], // prettier-ignore
    ['a layer', () => new Linear(2, { in: 4 }).call(m), 'Linear: shapes (2, 3) and (4, 2) do not fit: the layer was made for 4 inputs, and x has 3'], // prettier-ignore
  ])('%s', (_, call, message) => {
    expect(call).toThrow(ShapeError);
    expect(call).toThrow(message);
  });
});

describe('backward through nothing', () => {
  test.each<[string, () => Variable]>([
    ['a leaf', () => variable(1, 'v')],
    ['a constant', () => F.square(array(1))],
    ['what noGrad made', () => noGrad(() => F.square(variable(1)))],
  ])('%s', (_, make) => {
    const y = make();
    expect(() => y.backward()).toThrow(GraphError);
    expect(() => y.backward()).toThrow(
      `backward: ${y.name ? "'v'" : 'a variable of shape ()'} was not computed from any variable: it is a leaf, was made of constants or under noGrad(…), or was cut by unchainBackward()`,
    );
  });

  test('whole numbers, which have no derivative', () => {
    const x = variable(array([1, 2], { dtype: 'int32' }), 'x');
    expect(() => F.square(x).backward()).toThrow(GraphError);
    expect(() => F.square(x).backward()).toThrow(
      "backward: a variable of shape (2,) is made of whole numbers (int32), which have no derivative; begin with x.astype('float64')",
    );
    const y = variable([0.5, 0.5]);
    x.mul(y).sum().backward();
    expect(y.grad, 'beside whole numbers a variable has its gradient').toBeAllClose([1, 2]);
    expect(x.grad).toBeNull();
  });

  test('a part that was cut', () => {
    const x = variable(2);
    const y = F.exp(F.square(x));
    y.unchainBackward();
    expect(() => y.backward()).toThrow(GraphError);
    expect(() => y.backward()).toThrow(
      'backward: the graph was cut at Exp by unchainBackward(); run the forward again',
    );
    expect(x.grad).toBeNull();
  });

  test('a part that a scope freed', () => {
    const x = variable([2, 3], 'x');
    let y: Variable;
    {
      using _ = memoryScope();
      y = F.exp(F.square(x));
      keep(y.data);
    }
    expect(() => y.backward()).toThrow(FreedError);
    expect(() => y.backward()).toThrow(
      'backward: a variable of shape (2,) of Exp was freed with its memory scope; call backward inside the scope',
    );
  });
});

describe('a gradient that does not fit', () => {
  test('set by hand', () => {
    const x = variable([1, 2]);
    expect(() => (x.grad = variable([1]))).toThrow(ShapeError);
    expect(() => (x.grad = variable([1]))).toThrow('grad: shapes (1,) and (2,) do not fit: a gradient has the shape of its variable'); // prettier-ignore
    expect(() => (x.grad = array([1, 2]) as unknown as Variable)).toThrow(DTypeError);
    expect(() => (x.grad = 1 as unknown as Variable)).toThrow('Variable.grad takes a Variable of the same shape, or null'); // prettier-ignore
  });

  test('given by a function', () => {
    class Careless extends Func {
      override forward(x: NDArray): NDArray {
        return x;
      }
      override backward(): Variable {
        return variable([1, 2, 3]);
      }
    }
    const y = new Careless().call(variable([1, 2]));
    expect(() => y.backward()).toThrow(GraphError);
    expect(() => y.backward()).toThrow('Careless.backward gave a gradient of shape (3,) for an input of shape (2,)');
  });
});

test('an optimizer names the parameter that has no gradient, and moves none', () => {
  const [used, unused] = [new Parameter([1], 'used'), new Parameter([1], 'unused')];
  const optimizer = new SGD({ lr: 1 }).setup([{ params: [used, unused] }]);
  F.square(used).backward();
  expect(() => optimizer.update()).toThrow(GraphError);
  expect(() => optimizer.update()).toThrow(
    "update: parameter 'unused' has no gradient; call backward() on the loss first, or freeze it",
  );
  expect(used.item()).toBe(1);
  unused.requiresGrad = false;
  optimizer.update();
  expect([used.item(), unused.item()]).toEqual([-1, 1]);
});

describe('a graph put together by hand', () => {
  test('two functions that wait for each other are a cycle, not an endless loop', () => {
    const [f, g] = [new F.Square(), new F.Exp()];
    const [x, y] = [variable(1), variable(2)];
    Object.assign(f, { inputs: [x], outputs: [y] });
    Object.assign(g, { inputs: [y], outputs: [x] });
    y.setCreator(f);
    x.setCreator(g);
    expect(() => y.backward()).toThrow(GraphError);
    expect(() => y.backward()).toThrow(
      'backward: Exp (generation 0) lies behind Square (generation 0), so it must be of a lower one: the graph has a cycle, or was put together by hand without generations; let call() build it',
    );
    y.unchainBackward(); // ends, and undoes the cycle
    expect(x.creator).toBeNull();
  });

  test('a function that takes what it makes is a cycle', () => {
    const y = F.square(variable(1));
    if (y.creator) y.creator.inputs = [y];
    expect(() => y.backward()).toThrow('the graph has a cycle');
  });

  test('a variable behind its own creator, whose outputs do not know it', () => {
    const x = variable(1);
    const y = F.square(x);
    x.creator = y.creator;
    expect(() => y.backward()).toThrow(GraphError);
    expect(() => y.backward()).toThrow('is not what Square made last');
  });

  test('a function called twice remembers the second call only, and says so', () => {
    const f = new F.Square();
    const first = f.call(variable(2));
    const second = f.call(variable(3));
    second.backward();
    expect(() => first.backward()).toThrow(
      'backward: a variable of shape () is not what Square made last: make a new Square for each call',
    );
    const g = new F.Square();
    expect(() => g.call(g.call(variable(2))).backward()).toThrow('make a new Square for each call');
  });
});

describe('a graph of 100,000 functions does not overflow the stack', () => {
  const chain = (x: Variable) => {
    let y = x;
    for (let i = 0; i < 100_000; i++) y = y.mul(1);
    return y;
  };

  test('backward, also twice', () => {
    const x = variable(3);
    const y = F.square(chain(x));
    y.backward({ createGraph: true });
    const gx = x.grad;
    expect(gx?.item()).toBe(6);
    x.clearGrad();
    gx?.backward(); // the graph of the gradient is as deep again
    expect(x.grad?.item()).toBe(2);
  }, 120_000);

  test('unchainBackward', () => {
    const x = variable(3);
    const y = chain(x);
    y.unchainBackward();
    expect(() => y.backward()).toThrow('cut at Mul');
  }, 60_000);
});
