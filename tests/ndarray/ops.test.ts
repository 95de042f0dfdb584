import { expect, test } from 'vitest';
import * as nd from '../../dezero/ndarray';
import { arange, array, DTypeError, ones, ShapeError, ValueError, zeros, type DType } from '../../dezero/ndarray';

test('shapes broadcast as in numpy', () => {
  expect(nd.add(array([[1], [2]]), array([10, 20, 30]))).toBeAllClose([[11, 21, 31], [12, 22, 32]]); // prettier-ignore
  expect(nd.mul(zeros([2, 1, 4]), zeros([3, 1])).shape).toEqual([2, 3, 4]);
  expect(nd.sub(zeros([0, 3]), zeros([1, 1])).shape).toEqual([0, 3]);
  expect(nd.pow(2, array([1, 2, 3]))).toBeAllClose([2, 4, 8]);
  expect(nd.add(1, 2).item()).toBe(3);
});

test('shapes that do not broadcast are an error with both shapes, the axis and the rule', () => {
  expect(() => nd.add(zeros([2, 3]), zeros([2, 4]))).toThrow(ShapeError);
  expect(() => nd.add(zeros([2, 3]), zeros([2, 4]))).toThrow(
    'add: shapes (2, 3) and (2, 4) do not fit: axis −1 has sizes 3 and 4; they must be equal, or one of them 1',
  );
  expect(() => nd.mul(zeros([3]), zeros([2, 1, 4]))).toThrow('mul: shapes (3,) and (2, 1, 4)');
});

test('reductions take an axis, several, negative ones, or all', () => {
  const x = arange(24).reshape([2, 3, 4]);
  expect(nd.sum(x).item()).toBe(276);
  expect(nd.sum(x, { axis: -1 })).toBeAllClose([[6, 22, 38], [54, 70, 86]]); // prettier-ignore
  expect(nd.sum(x, { axis: [0, 2], keepdims: true })).toBeAllClose([[[60], [92], [124]]]);
  expect(nd.max(x, { axis: [-1, 0] })).toBeAllClose([15, 19, 23]);
  expect(nd.min(x.transpose(), { axis: 0, keepdims: true }).shape).toEqual([1, 3, 2]);
  expect(nd.mean(x, { axis: 1 })).toBeAllClose([[4, 5, 6, 7], [16, 17, 18, 19]]); // prettier-ignore
  expect(nd.mean(arange(4, { dtype: 'int32' })).item()).toBe(1.5);
  expect(nd.sum(zeros([0, 2]), { axis: 0 })).toBeAllClose([0, 0]);
  expect(nd.sum(array([true, true, false])).item()).toBe(2);
  expect(nd.sum(x, { axis: [] })).toBeAllClose(x);
});

test('an axis that is not there, or twice, is a ValueError', () => {
  expect(() => nd.sum(zeros([2, 3]), { axis: 2 })).toThrow(ValueError);
  expect(() => nd.sum(zeros([2, 3]), { axis: 2 })).toThrow('sum: axis 2 does not exist in an array of 2 axes');
  expect(() => nd.max(zeros([2, 3]), { axis: [1, -1] })).toThrow('max: an axis is named twice in [1,1]');
  expect(() => nd.max(zeros([0, 2]), { axis: 0 })).toThrow('max: an axis of size 0 has no maximum');
  expect(() => nd.argMax(zeros([2, 0]))).toThrow('argMax: an axis of size 0 has no maximum');
});

test('NaN wins in max, min and argMax, wherever it stands', () => {
  for (const row of [
    [NaN, 1, 2],
    [1, NaN, 2],
    [1, 2, NaN],
  ]) {
    // prettier-ignore
    expect(nd.max(array(row)).item()).toBeNaN();
    expect(nd.min(array(row)).item()).toBeNaN();
    expect(nd.argMax(array(row)).item()).toBe(row.findIndex(Number.isNaN));
    expect(nd.maximum(array(row), 1.5).toNested()).toContainEqual(NaN);
  }
});

test('argMax is the first of the largest', () => {
  expect(nd.argMax(array([[1, 5, 5], [7, 7, 0]]))).toMatchObject({ dtype: 'int32', values: Int32Array.of(1, 0) }); // prettier-ignore
  expect(nd.argMax(array([[1, 5], [7, 5]]), { axis: 0, keepdims: true }).toNested()).toEqual([[1, 0]]); // prettier-ignore
});

test('float32 sums are kept in float64 on the way', () => {
  const x = nd.full([10000], 0.1, { dtype: 'float32' });
  expect(nd.sum(x).item()).toBe(Math.fround(10000 * Math.fround(0.1)));
});

test.each<[DType, DType, DType]>([
  ['float32', 'float64', 'float64'],
  ['float32', 'int32', 'float32'],
  ['int32', 'float64', 'float64'],
  ['bool', 'int32', 'int32'],
  ['bool', 'bool', 'int32'],
])('%s and %s give the wider: %s', (a, b, wider) => {
  expect(nd.add(ones([2], { dtype: a }), ones([2], { dtype: b })).dtype).toBe(wider);
  expect(nd.add(ones([2], { dtype: b }), ones([2], { dtype: a })).toNested()).toEqual([2, 2]);
});

test('a plain number never widens an array', () => {
  const x = ones([2], { dtype: 'float32' });
  expect(nd.mul(x, 0.1)).toMatchObject({ dtype: 'float32', values: new Float32Array([0.1, 0.1]) });
  expect(nd.div(1, x).dtype).toBe('float32');
  expect(nd.add(ones([1], { dtype: 'int32' }), 2)).toMatchObject({ dtype: 'int32' });
});

test('integers become float64 only where the result needs it', () => {
  const x = array([1, 2], { dtype: 'int32' });
  expect(nd.add(x, 0.5)).toMatchObject({ dtype: 'float64', values: Float64Array.of(1.5, 2.5) });
  expect(nd.div(x, 2)).toMatchObject({ dtype: 'float64', values: Float64Array.of(0.5, 1) });
  expect(nd.pow(x, -1)).toMatchObject({ dtype: 'float64', values: Float64Array.of(1, 0.5) });
  expect(nd.exp(x).dtype).toBe('float64');
  expect(nd.neg(array([true]))).toMatchObject({ dtype: 'int32', values: Int32Array.of(-1) });
});

test('comparisons are bool, and see fractions beside integers and booleans', () => {
  expect(nd.less(array([1, 2], { dtype: 'int32' }), 1.5)).toMatchObject({ dtype: 'bool', values: Uint8Array.of(1, 0) });
  expect(nd.less(array([true, false]), 0.5).toNested()).toEqual([0, 1]);
  expect(nd.greater(array([1, NaN]), 0).toNested()).toEqual([1, 0]);
  expect(nd.equal(array([true, false]), array([true, true])).toNested()).toEqual([1, 0]);
  expect(nd.not(array([2, 0])).toNested()).toEqual([0, 1]);
});

test('where picks element by element and broadcasts all three', () => {
  const mask = array([[true], [false]]);
  expect(nd.where(mask, array([1, 2]), 0).toNested()).toEqual([[1, 2], [0, 0]]); // prettier-ignore
  expect(nd.where(mask, 1, -1).toNested()).toEqual([[1], [-1]]);
});

test('matmul multiplies matrices, batches of them, transposed ones, and adds a bias', () => {
  const a = arange(6).reshape([2, 3]);
  expect(nd.matmul(a, a.transpose())).toBeAllClose([[5, 14], [14, 50]]); // prettier-ignore
  expect(nd.matmul(a, ones([3, 2]), array([10, 20]))).toBeAllClose([[13, 23], [22, 32]]); // prettier-ignore
  expect(nd.matmul(arange(12).reshape([2, 1, 2, 3]), ones([4, 3, 5])).shape).toEqual([2, 4, 2, 5]);
  expect(nd.matmul(zeros([2, 0]), zeros([0, 3]))).toBeAllClose(zeros([2, 3]));
});

test.each<[number[], number[], string]>([
  [
    [2, 3],
    [4, 5],
    'matmul: shapes (2, 3) and (4, 5) do not fit: the inner sizes 3 and 4 must be equal: (M, K)·(K, N) gives (M, N)',
  ],
  [
    [3],
    [3, 2],
    'matmul: shapes (3,) and (3, 2) do not fit: both need two axes, (M, K) and (K, N); reshape a vector to (1, K) or (K, 1)',
  ],
  [[2, 2, 3], [3, 3, 2], 'matmul: shapes (2,) and (3,) do not fit'],
])('matmul of %j and %j says what is wrong', (a, b, message) => {
  expect(() => nd.matmul(zeros(a), zeros(b))).toThrow(message);
});

test('concat joins views of any strides, and names the shapes that do not fit', () => {
  const x = arange(4).reshape([2, 2]);
  expect(nd.concat([x, x.transpose()], { axis: -1 }).toNested()).toEqual([[0, 1, 0, 2], [2, 3, 1, 3]]); // prettier-ignore
  expect(nd.concat([x.astype('float32'), x]).dtype).toBe('float64');
  expect(() => nd.concat([x, zeros([2, 3])])).toThrow(
    'concat: shapes (2, 2) and (2, 3) do not fit: all sizes but that of axis 0 must be equal',
  );
  expect(() => nd.concat([])).toThrow(ValueError);
});

test('gather takes positions, which may repeat, and scatterAdd is its adjoint', () => {
  const x = arange(6).reshape([2, 3]);
  const at = array(Int32Array.of(2, 0, 2));
  expect(nd.gather(x, 1, at).toNested()).toEqual([[2, 0, 2], [5, 3, 5]]); // prettier-ignore
  expect(nd.scatterAdd(ones([2, 3]), 1, at, [2, 3]).toNested()).toEqual([[1, 0, 2], [1, 0, 2]]); // prettier-ignore
  expect(() => nd.gather(x, 1, array([0.5]))).toThrow('gather: indices must be int32, not float64');
});

test('positions are whole numbers, in any kind of array', () => {
  expect(nd.asIndices('f', array([1, 2]))).toMatchObject({ dtype: 'int32' });
  expect(nd.asIndices('f', [1, 2]).dtype).toBe('int32');
  for (const bad of [[0.5], array([0.5]), [NaN]]) expect(() => nd.asIndices('f', bad)).toThrow(DTypeError);
});

test('x in another order, sliced or repeated gives what its copy gives', () => {
  const x = nd.randn([4, 5, 6], { seed: 0 });
  const views = [
    x.transpose(),
    x.slice([{ step: -2 }, 3]),
    x.slice([0, {}, { from: 1, step: 2 }]).transpose(),
    x.slice(0).broadcastTo([3, 5, 6]),
  ];
  for (const view of views) {
    const same = nd.copy(view);
    expect(nd.exp(view)).toBeAllClose(nd.exp(same));
    expect(nd.add(view, view)).toBeAllClose(nd.mul(same, 2));
    expect(nd.sum(view, { axis: 0 })).toBeAllClose(nd.sum(same, { axis: 0 }));
    expect(nd.matmul(view, view.shape.length === 2 ? view.transpose() : view.transpose([0, 2, 1]))).toBeAllClose(
      nd.matmul(same, same.shape.length === 2 ? same.transpose() : same.transpose([0, 2, 1])),
    );
  }
});

test('an axis or a size without its brackets is not passed over in silence', () => {
  const x = zeros([2, 3]);
  // @ts-expect-error: options are an object
  expect(() => nd.sum(x, 0)).toThrow('sum: options come in braces: write { axis: 0 } instead of 0');
  // @ts-expect-error: a shape is a list
  expect(() => x.reshape(6)).toThrow('reshape: a shape is a list of sizes: write [6] instead of 6');
});
