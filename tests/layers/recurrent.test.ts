import { expect, test } from 'vitest';
import { setSeed, variable, type Variable } from '../../dezero';
import { sum } from '../../dezero/functions';
import { GRU, LSTM, RNN, type Recurrent } from '../../dezero/layers';
import { Generator, memoryScope, randn } from '../../dezero/ndarray';
import { gradientCheck } from '../../dezero/utils';

const options = { in: 2, dtype: 'float64' } as const;
const make = { RNN: () => new RNN(3, options), LSTM: () => new LSTM(3, options), GRU: () => new GRU(3, options) };
const names = ['RNN', 'LSTM', 'GRU'] as const;
const inputs = [0, 1, 2].map((seed) => randn([2, 2], { seed }));

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
/** x·W + b for one row of numbers. */
const map = (x: readonly number[], layer: Recurrent['x2h']): number[] => {
  const [, out = 0] = layer.weight.shape;
  const [W, b] = [layer.weight.values, layer.bias?.values];
  return Array.from({ length: out }, (_, j) => x.reduce((s, xi, i) => s + xi * (W[i * out + j] ?? 0), b?.[j] ?? 0));
};

/** The formulas of the papers in plain numbers, for one sequence. */
const oracle: Record<(typeof names)[number], (layer: Recurrent, xs: readonly number[][]) => number[]> = {
  RNN: (layer, xs) =>
    xs.reduce(
      (h, x) => {
        const [a, b] = [map(x, layer.x2h), map(h, layer.h2h)];
        return h.map((_, i) => Math.tanh((a[i] ?? 0) + (b[i] ?? 0)));
      },
      [0, 0, 0],
    ),
  LSTM: (layer, xs) => {
    let [h, c] = [
      [0, 0, 0],
      [0, 0, 0],
    ];
    for (const x of xs) {
      const [a, b] = [map(x, layer.x2h), map(h, layer.h2h)];
      const z = (part: number, i: number) => (a[part * 3 + i] ?? 0) + (b[part * 3 + i] ?? 0);
      c = c.map((ci, i) => sigmoid(z(1, i)) * ci + sigmoid(z(0, i)) * Math.tanh(z(3, i)));
      h = c.map((ci, i) => sigmoid(z(2, i)) * Math.tanh(ci));
    }
    return h;
  },
  GRU: (layer, xs) =>
    xs.reduce(
      (h, x) => {
        const [a, b] = [map(x, layer.x2h), map(h, layer.h2h)];
        const at = (from: readonly number[], part: number, i: number) => from[part * 3 + i] ?? 0;
        return h.map((hi, i) => {
          const r = sigmoid(at(a, 0, i) + at(b, 0, i));
          const z = sigmoid(at(a, 1, i) + at(b, 1, i));
          const n = Math.tanh(at(a, 2, i) + r * at(b, 2, i));
          return (1 - z) * n + z * hi;
        });
      },
      [0, 0, 0],
    ),
};

test.each(names)('%s computes its formulas, each sequence of a batch for itself', (name) => {
  setSeed(4);
  const layer = make[name]();
  let y: Variable | undefined;
  for (const x of inputs) y = layer.call(x);
  const rows = y?.data.toNested() as number[][];
  rows.forEach((row, n) => {
    const xs = inputs.map((x) => (x.toNested() as number[][])[n] ?? []);
    const expected = oracle[name](layer, xs);
    row.forEach((value, i) => expect(value, `state ${i} of sequence ${n}`).toBeCloseTo(expected[i] ?? NaN, 12));
  });
});

test.each(names)('%s: gradients flow back through time, to inputs and weights, first and second order', (name) => {
  const layer = make[name]();
  const [x = inputs[0], ...rest] = inputs;
  if (!x) throw new Error('there are inputs');
  const check = gradientCheck(
    (v) => {
      layer.resetState();
      let y = layer.call(v);
      for (const later of rest) y = layer.call(later);
      return y;
    },
    [x],
  );
  expect(check, check.worst).toMatchObject({ ok: true });
  layer.resetState();
  let y = layer.call(x);
  for (const later of rest) y = layer.call(later);
  sum(y).backward();
  for (const [path, parameter] of layer.parameters()) {
    expect(
      parameter.grad?.values.some((g) => g !== 0),
      `${path} has no gradient`,
    ).toBe(true);
  }
});

test.each(names)('%s: resetState begins anew; the same inputs give the same states', (name) => {
  const layer = make[name]();
  const run = () => inputs.map((x) => [...layer.call(x).values]);
  const first = run();
  expect(run()).not.toEqual(first);
  layer.resetState();
  expect(layer.state).toBeNull();
  expect(run()).toEqual(first);
});

test('a batch of another size needs resetState, and the error says so', () => {
  const layer = new LSTM(3);
  layer.call(randn([2, 4], { seed: 0, dtype: 'float32' }));
  const other = randn([5, 4], { seed: 0, dtype: 'float32' });
  expect(() => layer.call(other)).toThrow(/LSTM.*the state is that of 2 sequences, and x holds 5; call resetState/s);
  layer.resetState();
  expect(layer.call(other).shape).toEqual([5, 3]);
});

test('the state lives on when the scope of its iteration ends, and the states before it do not pile up', () => {
  const layer = new LSTM(3, { generator: new Generator(1) });
  const x = randn([2, 4], { seed: 0, dtype: 'float32' });
  for (let i = 0; i < 3; i++) {
    using _scope = memoryScope();
    const y = sum(layer.call(x));
    y.backward();
    y.unchainBackward();
  }
  expect([...(layer.state?.values ?? [])].every(Number.isFinite)).toBe(true);
  const { storage } = layer.state?.data ?? {};
  {
    using _scope = memoryScope();
    layer.call(x);
  }
  expect(storage?.freed).toBe(true);
});

test('the parts that remember begin open: the forget gate of an LSTM has bias 1', () => {
  const { bias } = new LSTM(2).x2h;
  expect([...(bias?.values ?? [])]).toEqual([0, 0, 1, 1, 0, 0, 0, 0]);
});

test('variables go in as they are', () => {
  expect(new GRU(2, options).call(variable([[1, 2]])).shape).toEqual([1, 2]);
});

test.each(names)('%s can be trained on sequences of one step: what is fed back has a gradient, of zeros', (name) => {
  const layer = make[name]();
  layer.call(variable([[0.5, -1]])).sum().backward(); // prettier-ignore
  for (const [path, parameter] of layer.parameters()) {
    expect(parameter.grad, path).not.toBeNull();
    if (path.startsWith('h2h')) expect(parameter.grad?.values.some((value: number) => value !== 0) && path.endsWith('weight'), path).toBe(false); // prettier-ignore
  }
});
