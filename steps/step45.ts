/**
 * Step 45 · LSTM: a memory with gates; and sequences side by side.
 *
 * The state of step 44 is made anew at each point, so the past fades: after 30 points next to nothing was left of it, nor of its gradient.
 * An LSTM keeps a cell c beside the state, which changes only by c ← f·c + i·u: gates, numbers from 0 to 1, decide what is
 * forgotten (f), what is let in (i) and what is shown (o). A GRU does it with two gates and no cell. And one sequence at a time is slow:
 * a SeqDataLoader cuts it into pieces that are read side by side, a row of the batch each. Then a network can learn to write.
 */
import { array, Generator, noGrad, setSeed, type NDArray, type Operand, type Variable } from 'dezero';
import { Dataset, Letters, SeqDataLoader, SinCurve } from 'dezero/data';
import * as F from 'dezero/functions';
import { EmbedID, GRU, Linear, LSTM, RNN, type Recurrent } from 'dezero/layers';
import { Model } from 'dezero/models';
import { Adam, clipGrads, type Optimizer } from 'dezero/optimizers';
import { plot } from 'dezero/utils';

/** Numbers pass by, now and then one with a mark beside it: x = (number, mark). What was the last marked one? */
export class Marked extends Dataset {
  readonly x: [number, number][] = [];
  readonly t: number[] = [];

  constructor(n: number, seed: number) {
    super();
    const generator = new Generator(seed);
    for (let i = 0; i < n; i++) {
      const [value, mark] = [2 * generator.next() - 1, i === 0 || generator.next() < 0.06];
      this.x.push([value, Number(mark)]);
      this.t.push(mark ? value : (this.t[i - 1] ?? 0));
    }
  }

  get length(): number {
    return this.t.length;
  }

  override get(i: number): Promise<[NDArray, NDArray]> {
    const float32 = (values: number[]) => array(values, { dtype: 'float32' });
    return Promise.resolve([float32(this.x[this.checkIndex(i)] ?? []), float32([this.t[i] ?? 0])]);
  }
}

/** A recurrent layer, and a Linear from its state to the answer. */
export class Reader extends Model {
  readonly answer: Linear;

  constructor(
    readonly recurrent: Recurrent,
    answers = 1,
  ) {
    super();
    this.answer = new Linear(answers);
  }

  override forward(x: Operand): Variable {
    return this.answer.call(this.recurrent.call(x));
  }
}

/** For letters: each is a row of a table that is learned too, and the answer a score for each letter. */
export class Writer extends Reader {
  readonly table: EmbedID;

  constructor(letters: number, hidden: number) {
    super(new LSTM(hidden), letters);
    this.table = new EmbedID(letters, 32);
  }

  override forward(x: Operand): Variable {
    return super.forward(this.table.call(x));
  }
}

/** Step 44's loop over a batch of sequences, cut every 25 steps; the mean loss. Without an optimizer it only judges. */
export async function run(model: Reader, loader: SeqDataLoader, optimizer?: Optimizer): Promise<number> {
  const lossOf = model instanceof Writer ? F.softmaxCrossEntropy : F.meanSquaredError;
  model.recurrent.resetState();
  let [steps, total, loss]: [number, number, Variable | null] = [0, 0, null];
  for await (const [x, t] of loader) {
    const error = lossOf(model.call(x), t);
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

/** Three layers of as many numbers of state, in the order in which they were found. */
export const kinds = { RNN, LSTM, GRU };

/** Each kind on the same data, from the same seed, for as long: its model and the loss of each epoch. */
export async function compare(set: Dataset, { epochs = 20, hidden = 32, batch = 40, lr = 0.01 } = {}) {
  const loader = new SeqDataLoader(set, { batch });
  const results: { name: string; model: Reader; losses: number[] }[] = [];
  for (const [name, Kind] of Object.entries(kinds)) {
    setSeed(0);
    const model = new Reader(new Kind(hidden));
    const optimizer = new Adam({ lr }).setup(model);
    const losses: number[] = [];
    for (let epoch = 0; epoch < epochs; epoch++) losses.push(await run(model, loader, optimizer));
    results.push({ name, model, losses });
  }
  return results;
}

/** Goes on after `begin`, letter by letter. The lower the temperature, the more often the likeliest is drawn. */
export function write(
  model: Writer,
  letters: Letters,
  { begin = 'The ', length = 200, temperature = 0.5, seed = 0 } = {},
): string {
  const generator = new Generator(seed);
  model.recurrent.resetState();
  return noGrad(() => {
    const scores = Array.from(letters.encode(begin), (id) => model.call(array(Int32Array.of(id))));
    let [text, y] = [begin, scores.at(-1)];
    while (y && text.length < length) {
      let dice = generator.next();
      const p = F.softmax(y.div(temperature)).values;
      const id = p.findIndex((share, i) => (dice -= share) < 0 || i === p.length - 1); // each has its share of 0 … 1
      text += letters.decode([id]);
      y = model.call(array(Int32Array.of(id)));
    }
    return text;
  });
}

/** What the first two kinds say of the first steps of a set, beside what was marked. */
export async function drawAnswers(results: Awaited<ReturnType<typeof compare>>, { x, t }: Marked, steps = 150) {
  const line = (name: string, ys: readonly number[]) => ({ name, points: ys.map((y, i): [number, number] => [i, y]) });
  const answers = results.slice(0, 2).map(({ name, model }) => {
    model.recurrent.resetState();
    const say = (one: [number, number]) => noGrad(() => model.call(array([one], { dtype: 'float32' }))).item();
    return line(name, x.slice(0, steps).map(say));
  });
  const axes = { x: { label: 'step' }, y: { label: 'number', range: [-1.2, 1.2] as const } };
  const series = [{ ...line('marked', t.slice(0, steps)), dashed: true }, ...answers];
  const chart = { title: 'What was the last marked number?', ...axes, series, size: { width: 640, height: 240 } };
  return plot(chart, { to: 'out/step45/marked.svg' });
}

export async function main({ epochs = 20, n = 6000, hidden = 32, memory = 96 } = {}): Promise<void> {
  console.log(`loss after ${epochs} epochs, and on others of the same kind:`);
  for (const [task, train, test] of [
    ["step 44's noisy sine", new SinCurve({ n: n / 2 }), new SinCurve({ n: n / 2, seed: 1 })],
    ['the last marked number', new Marked(n, 0), new Marked(n / 2, 1)],
  ] as const) {
    console.log(task);
    const results = await compare(train, { epochs, hidden });
    for (const { name, model, losses } of results) {
      const others = await run(model, new SeqDataLoader(test, { batch: 40 }));
      console.log(`  ${name.padEnd(5)}${losses.at(-1)?.toFixed(4)}  ${others.toFixed(4)}`);
    }
    if (test instanceof Marked) console.log(`  ${await drawAnswers(results, test)}`);
  }

  const letters = new Letters();
  setSeed(0);
  const writer = new Writer(letters.alphabet.length, memory);
  const optimizer = new Adam({ lr: 0.015 }).setup(writer).addHook(clipGrads(1));
  const loader = new SeqDataLoader(letters, { batch: 48 });
  console.log(`verses by Lewis Carroll: ${letters.length} letters, ${letters.alphabet.length} different ones`);
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const loss = await run(writer, loader, optimizer);
    // e to the loss: one choice among so many, all alike, would be as hard to foretell
    if (epoch === 1 || epoch % 5 === 0) console.log(`  epoch ${String(epoch).padStart(2)}: loss of a letter ${loss.toFixed(3)}, like a choice of ${Math.exp(loss).toFixed(1)}`); // prettier-ignore
  }
  for (const temperature of [0.5, 1]) {
    console.log(`it writes, at temperature ${temperature}:`);
    console.log(write(writer, letters, { temperature }).replaceAll(/^/gm, '  '));
  }
}

if (require.main === module) void main();
