/**
 * Step 44 · Recurrent networks: what comes next?
 *
 * The networks so far see one sample and forget it. But what comes next in a sequence depends on what came before: at the same height a
 * wave may be rising or falling. A recurrent layer hands its output on to itself: h ← tanh(x·Wx + b + h·Wh). Unrolled that is a
 * network as deep as the sequence is long, and `backward` goes all the way back in time. So the graph is cut every 30 points:
 * `unchainBackward` forgets how the state was made and keeps its value. That is truncated backpropagation through time.
 */
import { array, noGrad, setSeed, variable, type Operand, type Variable } from 'dezero';
import { SinCurve } from 'dezero/data';
import * as F from 'dezero/functions';
import { Linear, RNN } from 'dezero/layers';
import { Model } from 'dezero/models';
import { Adam } from 'dezero/optimizers';
import { plot, type Series } from 'dezero/utils';

/** From a point to the next. With an RNN it knows all points before, with a Linear the present one only. */
export class Forecast extends Model {
  readonly out = new Linear(1);

  constructor(readonly hidden: RNN | Linear) {
    super();
  }

  /** Before another sequence: forgets the last one. */
  resetState(): void {
    if (this.hidden instanceof RNN) this.hidden.resetState();
  }

  override forward(x: Operand): Variable {
    const h = this.hidden.call(x);
    return this.out.call(this.hidden instanceof RNN ? h : F.tanh(h));
  }
}

/** A height as the network takes it: a batch of one. */
export const point = (y: number): Variable => variable(array([[y]], { dtype: 'float32' }));

/** How many functions lie behind the answers to n points, if the graph is cut every `length` points. */
export function depths(model: Forecast, n: number, length: number): number[] {
  model.resetState();
  return Array.from({ length: n }, (_, i) => {
    const y = model.call(point(0));
    const { generation } = y;
    if ((i + 1) % length === 0) y.unchainBackward();
    return generation;
  });
}

/** One pass over the curve, cut every `length` points; the mean loss of a point. */
export function trainEpoch(model: Forecast, { points }: SinCurve, optimizer: Adam, length = 30): number {
  model.resetState();
  let [total, loss]: [number, Variable | null] = [0, null];
  const last = points.length - 1;
  points.slice(0, last).forEach((y, i) => {
    const error = F.meanSquaredError(model.call(point(y)), point(points[i + 1] ?? 0));
    loss = loss ? loss.add(error) : error;
    if ((i + 1) % length !== 0 && i + 1 < last) return;
    model.clearGrads();
    loss.backward();
    loss.unchainBackward();
    optimizer.update();
    total += loss.item();
    loss = null;
  });
  return total / last;
}

/** What the model says comes next, after each point but the last. From point `known` on each answer is the next question. */
export function follow(model: Forecast, points: readonly number[], known = Infinity): number[] {
  model.resetState();
  const said: number[] = [];
  points.slice(0, -1).forEach((y, i) => {
    const x = i < known ? y : (said.at(-1) ?? 0);
    said.push(noGrad(() => model.call(point(x))).item());
  });
  return said;
}

/** How much the last answer hangs on each point before it: |∂answer / ∂point|, the latest first. */
export function reach(model: Forecast, points: readonly number[]): number[] {
  model.resetState();
  const xs = points.map(point);
  xs.map((x) => model.call(x))
    .at(-1)
    ?.backward();
  return xs.map((x) => Math.abs(x.grad?.item() ?? 0)).reverse();
}

/** Mean of the squared differences between what was said and what came. */
export function errorOf(said: readonly number[], points: readonly number[]): number {
  return said.reduce((sum, y, i) => sum + (y - (points[i + 1] ?? 0)) ** 2, 0) / said.length;
}

export async function main({ epochs = 15, hidden = 32, n = 1000 } = {}): Promise<void> {
  setSeed(0);
  const [endless, cut] = [Infinity, 30].map((length) => depths(new Forecast(new RNN(hidden)), 100, length));
  console.log('functions behind an answer:');
  for (const i of [1, 30, 31, 100]) console.log(`  after ${String(i).padStart(3)} points: ${String(endless?.[i - 1]).padStart(3)}; cut every 30: ${cut?.[i - 1]}`); // prettier-ignore

  const train = new SinCurve({ n, period: 50 });
  const { points } = new SinCurve({ split: 'test', n: 250, period: 50 });
  const line = (name: string, ys: readonly number[], from = 0) => ({ name, points: ys.map((y, i): [number, number] => [i + from, y]) }); // prettier-ignore
  const series: Series[] = [{ ...line('what came', points), as: 'points' }];
  for (const layer of [new Linear(hidden), new RNN(hidden)]) {
    const name = layer instanceof RNN ? 'all before' : 'one point';
    setSeed(0);
    const model = new Forecast(layer);
    const optimizer = new Adam({ lr: 0.003 }).setup(model);
    console.log(`a network that knows ${name}:`);
    for (let epoch = 1; epoch <= epochs; epoch++) {
      const loss = trainEpoch(model, train, optimizer);
      if (epoch === 1 || epoch % 5 === 0) console.log(`  epoch ${String(epoch).padStart(2)}: loss of a point ${loss.toFixed(4)}`); // prettier-ignore
    }
    const said = follow(model, points).slice(10); // at the very start there is nothing to know
    console.log(`  a curve it has not seen, without noise: error ${errorOf(said, points.slice(10)).toFixed(4)}`);
    const alone = follow(model, points, 100);
    series.push({ ...line(`knows ${name}`, alone, 1), dashed: layer instanceof Linear });
    if (layer instanceof Linear) continue;
    const slopes = reach(model, points.slice(0, 100));
    console.log('  how much an answer hangs on the point so many steps before:');
    for (const back of [0, 1, 5, 10, 20, 30, 60]) console.log(`  ${String(back).padStart(4)}: ${slopes[back]?.toExponential(1)}`); // prettier-ignore
  }

  const axes = { x: { label: 'point' }, y: { label: 'height', range: [-1.4, 1.4] as const } };
  const rules = [{ x: 100, label: 'from here on by itself' }];
  const learned = { title: 'Learned from', ...axes, series: [{ ...line('a noisy sine', train.points.slice(0, 100)), as: 'points' as const }] }; // prettier-ignore
  const foretold = { title: 'What comes next?', ...axes, series, rules, size: { width: 480, height: 240 } };
  console.log(`  ${await plot([{ ...learned, size: { width: 200, height: 240 } }, foretold], { to: 'out/step44/forecast.svg' })}`); // prettier-ignore
}

if (require.main === module) void main();
