import { expect, test } from 'vitest';
import { array, setSeed, variable, type NDArray, type Variable } from 'dezero';
import { Letters, SeqDataLoader } from 'dezero/data';
import { EmbedID, GRU, Linear, LSTM } from 'dezero/layers';
import { Sequential } from 'dezero/models';
import { Adam } from 'dezero/optimizers';
import { compare, main, marked, run, write, writerOf } from '../steps/step45';
import { captured } from './captured';

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

test('LSTM: the gates forget, let in and show', () => {
  setSeed(0);
  const lstm = new LSTM(1, { in: 1, dtype: 'float64' });
  const [wx, wh, b] = [lstm.x2h.weight.values, lstm.h2h.weight.values, lstm.x2h.bias?.values];
  expect(b?.[1], 'at first the cell remembers: the bias of the forget gate is 1').toBe(1);
  let [h, c] = [0, 0];
  for (const x of [0.5, -1, 2]) {
    const z = (part: number) => x * (wx[part] ?? 0) + h * (wh[part] ?? 0) + (b?.[part] ?? 0);
    const [i, f, o, u] = [sigmoid(z(0)), sigmoid(z(1)), sigmoid(z(2)), Math.tanh(z(3))];
    c = f * c + i * u;
    h = o * Math.tanh(c);
    const y = lstm.call(array([[x]]));
    expect(lstm.cell?.item(), 'the cell is c ← f·c + i·u: is each gate at its place?').toBeCloseTo(c, 12);
    expect(y.item(), 'the state is h ← o·tanh c').toBeCloseTo(h, 12);
  }
  lstm.resetState();
  expect([lstm.state, lstm.cell], 'resetState() forgets state and cell').toEqual([null, null]);
});

test('GRU: two gates, and no cell', () => {
  setSeed(0);
  const gru = new GRU(1, { in: 1, dtype: 'float64' });
  const [wx, wh] = [gru.x2h.weight.values, gru.h2h.weight.values];
  let h = 0;
  for (const x of [0.5, -1, 2]) {
    const [zx, zh] = [(part: number) => x * (wx[part] ?? 0), (part: number) => h * (wh[part] ?? 0)];
    const [r, z] = [sigmoid(zx(0) + zh(0)), sigmoid(zx(1) + zh(1))];
    h = (1 - z) * Math.tanh(zx(2) + r * zh(2)) + z * h;
    expect(gru.call(array([[x]])).item(), 'h ← (1 − z)·n + z·h: are z and 1 − z exchanged?').toBeCloseTo(h, 12);
  }
});

test('an EmbedID is a table: a row for each number, with the gradients of all its uses', () => {
  const table = new EmbedID(3, 2);
  const y = table.call(array(Int32Array.of(2, 0, 2)));
  const rows = table.weight.data.toNested() as number[][];
  expect(y.data.toNested()).toEqual([rows[2], rows[0], rows[2]]);
  y.sum().backward();
  const message = 'a row used twice gets both gradients: are they added, or is one written over the other?';
  expect(table.weight.grad?.data.toNested(), message).toEqual([[1, 1], [0, 0], [2, 2]]); // prettier-ignore
  expect(() => table.call(array(Int32Array.of(3)))).toThrow('3');
});

test('SeqDataLoader reads pieces of a sequence side by side, and a loss may go back through many batches', async () => {
  const letters = new Letters('abcdefghijklm');
  const read: string[] = [];
  const kept: Variable[] = [];
  let loss: Variable | null = null;
  for await (const [x, t] of new SeqDataLoader(letters, { batch: 3 })) {
    read.push(`${letters.decode(x.values)}>${letters.decode(t.values)}`);
    const v = variable(x.astype('float32'));
    kept.push(v);
    loss = loss ? loss.add(v.square().sum()) : v.square().sum();
  }
  const message = 'row n goes on where row n was: is the sequence cut into as many pieces as the batch has rows?';
  expect(read, message).toEqual(['aei>bfj', 'bfj>cgk', 'cgk>dhl', 'dhl>eim']);
  loss?.backward();
  expect(kept.map((v) => [...(v.grad?.values ?? [])])).toEqual([[0, 8, 16], [2, 10, 18], [4, 12, 20], [6, 14, 22]]); // prettier-ignore
});

test('marked: the target is the number that was marked last', async () => {
  const set = marked(200, 0);
  let last: number | undefined = NaN;
  for (let i = 0; i < set.length; i++) {
    const [x, t] = (await set.get(i)) as [NDArray, NDArray];
    const [value, mark] = x.values;
    if (i === 0) expect(mark, 'the first is marked').toBe(1);
    if (mark) last = value;
    expect([...t.values]).toEqual([last]);
    expect([x.shape, t.shape, x.dtype]).toEqual([[2], [1], 'float32']);
  }
});

test('where memory is all, gates help: LSTM and GRU lose less than the RNN on the same data', async () => {
  const results = await compare(marked(1000, 0), { epochs: 11, hidden: 16, batch: 20, lr: 0.03 });
  expect(results.map(({ losses }) => losses.length)).toEqual([11, 11, 11]);
  const [rnn = NaN, lstm = NaN, gru = NaN] = results.map(({ losses }) => Math.min(...losses));
  expect(rnn).toBeGreaterThan(0.2);
  expect(lstm, 'the LSTM does not keep what it is told: does its cell come in again?').toBeLessThan(0.85 * rnn);
  expect(gru, 'the GRU does not keep what it is told: does its state come in again?').toBeLessThan(0.85 * rnn);
});

test('the same seed gives the same losses, to the last bit', async () => {
  const losses = async () => {
    const results = await compare(marked(100, 0), { epochs: 2, hidden: 4, batch: 5 });
    return results.map((one) => one.losses);
  };
  expect(await losses()).toEqual(await losses());
});

test('a writer learns a short text by heart, and the temperature decides how often it strays', async () => {
  const letters = new Letters('a rose is '.repeat(21));
  setSeed(0);
  const writer = writerOf(letters, 24);
  const optimizer = new Adam({ lr: 0.02 }).setup(writer);
  const loader = new SeqDataLoader(letters, { batch: 4 });
  const losses: number[] = [];
  for (let epoch = 0; epoch < 8; epoch++) losses.push(await run(writer, loader, optimizer));
  expect(losses.at(-1), 'the loss does not fall').toBeLessThan((losses[0] ?? 0) / 3);
  const options = { begin: 'a rose', length: 30, temperature: 0.1 };
  expect(write(writer, letters, options), 'at a low temperature the likeliest letter is drawn: are the scores divided by it?').toBe('a rose is a rose is a rose is '); // prettier-ignore
  expect(write(writer, letters, { ...options, seed: 1 })).toBe('a rose is a rose is a rose is ');
  const hot = (seed: number) => write(writer, letters, { ...options, temperature: 3, seed });
  expect(hot(0), 'a generator of the same seed draws the same letters').toBe(hot(0));
  expect(hot(0), 'at a high temperature other letters are drawn too').not.toBe(hot(1));
  expect(hot(0)).toHaveLength(30);
  expect(() => write(writer, letters, { begin: 'A' })).toThrow("'A' does not occur");
});

test('without an optimizer a run only judges', async () => {
  setSeed(0);
  const model = new Sequential(new LSTM(4), new Linear(1));
  const loader = new SeqDataLoader(marked(60, 0), { batch: 5 });
  const first = await run(model, loader);
  expect(await run(model, loader), 'the state of the run before is still there: is it reset?').toBe(first);
});

test('the step prints the losses of each kind and what was written', async () => {
  const lines = await captured(() => main({ epochs: 1, n: 200, hidden: 4, memory: 8 }));
  expect(lines.filter((line) => /^ {2}(RNN|LSTM|GRU) +\d\.\d{4} {2}\d\.\d{4}$/.test(line))).toHaveLength(6);
  expect(lines).toContain('  out/step45/losses.svg');
  expect(lines.filter((line) => line.startsWith('  The '))).toHaveLength(2);
});
