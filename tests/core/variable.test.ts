import { expect, test } from 'vitest';
import { asVariable, Parameter, variable, Variable, type Operand } from '../../dezero/core';
import { array, DTypeError, ones, ShapeError, zeros, type ArrayLike } from '../../dezero/ndarray';

test('a variable takes a number, nested arrays, a typed array or an array', () => {
  expect(new Variable(2).item()).toBe(2);
  expect(new Variable([[1, 2]])).toMatchObject({ shape: [1, 2], size: 2, ndim: 2, dtype: 'float64', device: 'cpu' });
  expect(variable(new Float32Array(3)).dtype).toBe('float32');
  const x = array([1, 2]);
  expect(variable(x, 'x')).toMatchObject({ data: x, name: 'x', grad: null, creator: null });
});

test.each<[unknown, string]>([
  ['1', 'string'],
  [null, 'null'],
  [undefined, 'undefined'],
  [{}, 'Object'],
])('a variable of %o is refused', (data, what) => {
  expect(() => new Variable(data as ArrayLike)).toThrow(DTypeError);
  expect(() => new Variable(data as ArrayLike)).toThrow(
    `got ${what}; give a number, nested arrays, a typed array or an NDArray`,
  );
});

test('a box is not put into a box', () => {
  expect(() => new Variable(variable(1) as unknown as ArrayLike)).toThrow(
    'Variable: got a Variable; a box is not put into a box',
  );
});

test('only an array is assigned to data', () => {
  const x = variable(1);
  expect(() => (x.data = 2 as never)).toThrow('Variable.data takes an NDArray; make one with array(…)');
  x.data = array([1, 2]);
  expect(x.shape).toEqual([2]);
});

test('operations take variables, arrays and numbers, and say what else they got', () => {
  expect(
    variable([1])
      .add(array([2]))
      .add(3),
  ).toBeAllClose([6]);
  expect(() => variable([1]).add([2] as unknown as Operand)).toThrow(
    'expected a Variable, an NDArray or a number, got a value of type Array; wrap arrays with array(…) or variable(…)',
  );
  expect(() => asVariable('2' as unknown as Operand)).toThrow("got the string '2'");
  expect(asVariable(ones([2])).requiresGrad).toBe(false);
});

test('numbers beside a variable take its dtype', () => {
  const x = variable(new Float32Array([1, 2]));
  for (const y of [x.mul(0.1), x.add(1), x.div(3), x.pow(2), asVariable(2).sub(x).dtype === 'float64' ? x : x]) {
    expect(y.dtype).toBe('float32');
  }
  expect(x.mul(array([1, 2])).dtype).toBe('float64');
  expect(variable(array([1, 2], { dtype: 'int32' })).mul(0.5)).toBeAllClose([0.5, 1]);
});

test('a gradient has the shape of its variable, also when set by hand', () => {
  const x = variable([1, 2]);
  expect(() => (x.grad = variable([1]))).toThrow(ShapeError);
  expect(() => (x.grad = variable([1]))).toThrow(
    'grad: shapes (1,) and (2,) do not fit: a gradient has the shape of its variable',
  );
});

test('a parameter without a value is ready once it has one', () => {
  const p = new Parameter(null, 'W');
  expect(p).toMatchObject({ ready: false, name: 'W' });
  p.data = zeros([2, 3]);
  expect(p).toMatchObject({ ready: true, shape: [2, 3] });
  expect(new Parameter([1]).ready).toBe(true);
});
