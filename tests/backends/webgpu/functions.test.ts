import { expect, test } from 'vitest';
import { setSeed, testMode, Variable, type NDArray } from 'dezero';
import * as F from 'dezero/functions';
import { BatchNorm, Conv2d, Deconv2d, Dropout, EmbedID, GRU, Linear, LSTM, RNN, type Layer } from 'dezero/layers';
import { cases } from '../../functions/cases';
import { needsGpu, numbers, toGpu } from './gpu';

// Every function and every layer with its first and second gradients: float32 on the gpu against float64 on the cpu, whose gradients
// tests/functions/gradients.test.ts checks.
needsGpu();

type Move = (x: NDArray) => NDArray;
const stay: Move = (x) => x;

/** y, the gradients of Σ w·y in each x as training wants them, as g with a graph of their own, and those of Σ v·g in each x again. */
function derivatives(f: (...xs: Variable[]) => Variable, xs: readonly Variable[], move: Move): (NDArray | undefined)[] {
  const weigh = (y: Variable) => F.sum(y.mul(new Variable(move(numbers(...y.shape)))));
  const take = () =>
    xs.map((x) => {
      const { grad } = x;
      x.clearGrad();
      return grad ?? undefined;
    });
  const y = f(...xs);
  if (y.creator) weigh(y).backward();
  const plain = take();
  weigh(y).backward({ createGraph: true });
  const first = take();
  const sum = first.reduce<Variable | null>((total, g) => (g?.creator ? weigh(g).add(total ?? 0) : total), null);
  sum?.backward();
  return [y, ...plain, ...first, ...take()].map((x) => x?.data);
}

async function agree(expected: readonly (NDArray | undefined)[], found: readonly (NDArray | undefined)[]) {
  for (const [i, x] of expected.entries()) {
    const y = found[i];
    expect(y === undefined, `result ${i}`).toBe(x === undefined);
    if (!x || !y) continue;
    expect(y.device).toBe('gpu');
    expect(await y.to('cpu')).toBeAllClose(x, { rtol: 1e-4, atol: 2e-5 });
  }
}

const rows = Object.entries(cases).flatMap(([name, its]) =>
  Object.entries(its).map(([when, one]) => ({ name, when, one })),
);
// What has float64 in it by name.
const onGpu = rows.filter(({ name }) => name !== 'astype');

test.each(onGpu)('$name $when', async ({ name, one: [f, ...inputs] }) => {
  const on = (move: Move) => {
    const xs = inputs.map((x) => new Variable(move(x)));
    return derivatives(f, xs, move);
  };
  // float64 draws other numbers than float32.
  await agree(on(name === 'dropout' ? (x) => x.astype('float32') : stay), on(toGpu));
});

test('accuracy', async () => {
  const scores = numbers(5, 3);
  const labels = [0, 1, 2, 0, 1];
  expect((await F.accuracy(toGpu(scores), labels).data.to('cpu')).item()).toBeCloseTo(
    F.accuracy(scores, labels).item(),
  );
});

test('labels and positions that do not exist are refused before they go to the gpu', () => {
  expect(() => F.softmaxCrossEntropy(toGpu(numbers(2, 3)), [0, 3])).toThrow(/label 3 \(row 1\)/);
  expect(() => F.embedId([4], toGpu(numbers(3, 2)))).toThrow(/id 4/);
  expect(() => F.getItem(toGpu(numbers(3)), Int32Array.of(-4))).toThrow(/index -4/);
});

const layers: Record<string, readonly [() => Layer, NDArray]> = {
  Linear: [() => new Linear(4, { in: 3, dtype: 'float64' }), numbers(5, 3)],
  'Linear without a bias': [() => new Linear(4, { in: 3, bias: false, dtype: 'float64' }), numbers(5, 3)],
  Conv2d: [() => new Conv2d(4, { in: 2, kernel: 3, stride: 2, pad: 1, dtype: 'float64' }), numbers(3, 2, 7, 5)],
  'Conv2d with relu': [
    () => new Conv2d(4, { in: 2, kernel: [1, 3], activation: 'relu', dtype: 'float64' }),
    numbers(3, 2, 7, 5),
  ],
  Deconv2d: [() => new Deconv2d(4, { in: 2, kernel: 3, stride: 2, pad: 1, dtype: 'float64' }), numbers(3, 2, 4, 3)],
  BatchNorm: [() => new BatchNorm({ in: 3, dtype: 'float64' }), numbers(4, 3, 2, 3)],
  RNN: [() => new RNN(4, { in: 3, dtype: 'float64' }), numbers(2, 3)],
  LSTM: [() => new LSTM(4, { in: 3, dtype: 'float64' }), numbers(2, 3)],
  GRU: [() => new GRU(4, { in: 3, dtype: 'float64' }), numbers(2, 3)],
};

test.each(Object.entries(layers))('%s: twice its output, gradients of input and weights', async (_, [make, input]) => {
  setSeed(0);
  const [here, there] = [make(), make()];
  const on = (layer: Layer, move: Move) => {
    const parameters = [...layer.parameters()].map(([, p]) => p);
    const run = (x: Variable) => layer.call(layer.call(x).mul(0).sum().add(x)); // the second call meets the state of the first
    return derivatives(run, [new Variable(move(input)), ...parameters], move);
  };
  const parameters = [...here.parameters()];
  for (const [i, [, p]] of [...there.parameters()].entries()) p.data = parameters[i]?.[1].data ?? p.data;
  there.to('gpu');
  await agree(on(here, stay), on(there, toGpu));
  for (const [i, [path, buffer]] of [...there.buffers()].entries()) {
    expect(await buffer.to('cpu'), path).toBeAllClose([...here.buffers()][i]?.[1] ?? [], { rtol: 1e-4, atol: 1e-5 });
  }
});

test('Dropout and EmbedID', async () => {
  const x = toGpu(numbers(40));
  setSeed(3);
  const dropped = await new Dropout(0.4).call(x).data.to('cpu');
  setSeed(3);
  expect(dropped).toBeAllClose(new Dropout(0.4).call(numbers(40).astype('float32')));
  expect(testMode(() => new Dropout(0.4).call(x)).data).toBe(x);
  const embed = new EmbedID(5, 3);
  const expected = embed.call(new Variable([4, 0, 4]));
  embed.to('gpu');
  expect(await embed.call(new Variable([4, 0, 4])).data.to('cpu')).toBeAllClose(expected);
});
