/**
 * Step 45 · LSTM: a memory with gates; and sequences side by side.
 *
 * The state of step 44 is made anew at each point, so the past fades: after 30 points next to nothing was left of it, nor of its gradient.
 * An LSTM keeps a cell c beside the state, which changes only by c ← f·c + i·u: gates, numbers from 0 to 1, decide what is
 * forgotten (f), what is let in (i) and what is shown (o). A GRU does it with two gates and no cell. And one sequence at a time is slow:
 * a SeqDataLoader cuts it into pieces that are read side by side, a row of the batch each. Then a network can learn to write.
 */
import { array, Generator, noGrad, setSeed, type Variable } from 'dezero';
import { Letters, Samples, SeqDataLoader, SinCurve, type Dataset } from 'dezero/data';
import * as F from 'dezero/functions';
import { EmbedID, GRU, Linear, LSTM, RNN } from 'dezero/layers';
import { resetState, Sequential } from 'dezero/models';
import { Adam, clipGrads, type Optimizer } from 'dezero/optimizers';
import { curve, plot } from 'dezero/utils';

/** Numbers pass by, now and then one with a mark beside it: x = (number, mark). What was the last marked one? */
export function marked(n: number, seed: number): Samples {
  const generator = new Generator(seed);
  const float32 = (...values: number[]) => array(values, { dtype: 'float32' });
  let last = 0;
  const pairs = Array.from({ length: n }, (_, i) => {
    const [value, mark] = [2 * generator.next() - 1, i === 0 || generator.next() < 0.06];
    if (mark) last = value;
    return [float32(value, Number(mark)), float32(last)] as const;
  });
  return new Samples(pairs);
}

/** For letters: each is a row of a table that is learned too, and the answer a score for each letter. */
export function writerOf({ alphabet }: Letters, hidden: number): Sequential {
  const lstm = new LSTM(hidden);
  return new Sequential(new EmbedID(alphabet.length, 32), lstm, new Linear(alphabet.length));
}

/** Step 44's loop over a batch of sequences, cut every 25 steps; the mean loss. Without an optimizer it only judges. */
export async function run(model: Sequential, loader: SeqDataLoader, optimizer?: Optimizer): Promise<number> {
  resetState(model);
  let [steps, total, loss]: [number, number, Variable | null] = [0, 0, null];
  for await (const [x, t] of loader) {
    const y = model.call(x);
    const error = t.dtype === 'int32' ? F.softmaxCrossEntropy(y, t) : F.meanSquaredError(y, t); // a class, or a number
    loss = loss ? loss.add(error) : error;
    total += error.item();
    if (++steps % 25 !== 0 && steps < loader.length) continue;
    model.clearGrads();
    if (optimizer) loss.backward();
    loss.unchainBackward();
    optimizer?.update();
    loss = null;
  }
  return total / steps;
}

/** Each kind on the same data, from the same seed, for as long: its model and the loss of each epoch. */
export async function compare(set: Dataset, { epochs = 20, hidden = 32, batch = 40, lr = 0.01 } = {}) {
  const loader = new SeqDataLoader(set, { batch });
  const results: { name: string; model: Sequential; losses: number[] }[] = [];
  for (const [name, Kind] of Object.entries({ RNN, LSTM, GRU })) {
    setSeed(0);
    const model = new Sequential(new Kind(hidden), new Linear(1));
    const optimizer = new Adam({ lr }).setup(model);
    const losses: number[] = [];
    for (let epoch = 0; epoch < epochs; epoch++) losses.push(await run(model, loader, optimizer));
    results.push({ name, model, losses });
  }
  return results;
}

/** Goes on after `begin`, letter by letter. The lower the temperature, the more often the likeliest is drawn. */
export function write(
  model: Sequential,
  letters: Letters,
  { begin = 'The ', length = 200, temperature = 0.5, seed = 0 } = {},
): string {
  const generator = new Generator(seed);
  const read = (id: number) => noGrad(() => model.call(array(Int32Array.of(id)))); // scores for the next letter
  resetState(model);
  let [text, y] = [begin, Array.from(letters.encode(begin), read).at(-1)];
  while (y && text.length < length) {
    let dice = generator.next();
    const p = F.softmax(y.div(temperature)).values;
    const id = p.findIndex((share, i) => (dice -= share) < 0 || i === p.length - 1); // each has its share of 0 … 1
    text += letters.decode([id]);
    y = read(id);
  }
  return text;
}

export async function main({ epochs = 20, n = 6000, hidden = 32, memory = 96 } = {}): Promise<void> {
  const tasks = {
    "step 44's noisy sine": [new SinCurve({ n: n / 2 }), new SinCurve({ n: n / 2, seed: 1 })],
    'the last marked number': [marked(n, 0), marked(n / 2, 1)],
  } as const;
  const charts = [];
  for (const [task, [train, test]] of Object.entries(tasks)) {
    console.log(`${task}: loss after ${epochs} epochs, and on others of the same kind`);
    const results = await compare(train, { epochs, hidden });
    for (const { name, model, losses } of results) {
      const others = await run(model, new SeqDataLoader(test, { batch: 40 }));
      console.log(`  ${name.padEnd(5)}${losses.at(-1)?.toFixed(4)}  ${others.toFixed(4)}`);
    }
    const series = results.map(({ name, losses }) => curve(name, losses));
    charts.push({ title: task, x: { label: 'epoch' }, y: { label: 'loss', log: true }, series });
  }
  console.log(`  ${await plot(charts, { to: 'out/step45/losses.svg' })}`);

  const letters = new Letters();
  setSeed(0);
  const writer = writerOf(letters, memory);
  const optimizer = new Adam({ lr: 0.015 }).setup(writer).addHook(clipGrads(1));
  const loader = new SeqDataLoader(letters, { batch: 48 });
  console.log(`verses by Lewis Carroll: ${letters.length} letters, ${letters.alphabet.length} different ones`);
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const loss = await run(writer, loader, optimizer);
    if (epoch > 1 && epoch % 5 !== 0) continue;
    // e to the loss: one choice among so many, all alike, would be as hard to foretell
    console.log(
      `  epoch ${String(epoch).padStart(2)}: loss of a letter ${loss.toFixed(3)}, like a choice of ${Math.exp(loss).toFixed(1)}`,
    );
  }
  for (const temperature of [0.5, 1]) {
    console.log(`it writes, at temperature ${temperature}:`);
    console.log(write(writer, letters, { temperature }).replaceAll(/^/gm, '  '));
  }
}

if (require.main === module) void main();
