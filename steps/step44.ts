/**
 * Step 44 · Recurrent networks: what comes next?
 *
 * The networks so far see one sample and forget it. But what comes next in a sequence depends on what came before: at the same height a
 * wave may be rising or falling. A recurrent layer hands its output on to itself: h ← tanh(x·Wx + b + h·Wh). Unrolled that is a
 * network as deep as the sequence is long, and `backward` goes all the way back in time. So the graph is cut every 30 points:
 * `unchainBackward` forgets how the state was made and keeps its value. That is truncated backpropagation through time.
 */
import { array, noGrad, setSeed, variable, type Variable } from 'dezero';
import { SinCurve } from 'dezero/data';
import * as F from 'dezero/functions';
import { Linear, RNN } from 'dezero/layers';
import { resetState, Sequential } from 'dezero/models';
import { Adam } from 'dezero/optimizers';
import { curve, plot, type Series } from 'dezero/utils';

/** From a point to the next: one network knows the present one only, the other, with an RNN, all points before. */
export const networks = (hidden: number) => ({
  'one point': new Sequential(new Linear(hidden), F.tanh, new Linear(1)),
  'all before': new Sequential(new RNN(hidden), new Linear(1)),
});

/** A height as the network takes it: a batch of one. */
export const point = (y: number): Variable => variable(array([[y]], { dtype: 'float32' }));

/** How many functions lie behind the answers to n points, if the graph is cut every `length` points. */
export function depths(model: Sequential, n: number, length: number): number[] {
  resetState(model);
  return Array.from({ length: n }, (_, i) => {
    const y = model.call(point(0));
    const { generation } = y;
    if ((i + 1) % length === 0) y.unchainBackward();
    return generation;
  });
}

/** One pass over the curve, cut every `length` points; the mean loss of a point. */
export function trainEpoch(model: Sequential, { points }: SinCurve, optimizer: Adam, length = 30): number {
  resetState(model);
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
export function follow(model: Sequential, points: readonly number[], known = Infinity): number[] {
  resetState(model);
  const said: number[] = [];
  for (const [i, y] of points.slice(0, -1).entries()) {
    const x = point(i < known ? y : (said.at(-1) ?? 0));
    said.push(noGrad(() => model.call(x)).item());
  }
  return said;
}

/** Mean squared error of what the model says comes next; not of the first points, when there is nothing yet to know. */
export function errorOn(model: Sequential, points: readonly number[], skip = 10): number {
  const [said, came] = [follow(model, points).slice(skip), points.slice(skip + 1)];
  return F.meanSquaredError(array(said), array(came)).item();
}

/** How much the last answer hangs on each point before it: |∂answer / ∂point|, the latest first. */
export function reach(model: Sequential, points: readonly number[]): number[] {
  resetState(model);
  const xs = points.map(point);
  const answers = xs.map((x) => model.call(x));
  answers.at(-1)?.backward();
  return xs.map((x) => Math.abs(x.grad?.item() ?? 0)).reverse();
}

export async function main({ epochs = 15, hidden = 32, n = 1000 } = {}): Promise<void> {
  setSeed(0);
  const [endless = [], cut = []] = [Infinity, 30].map((length) => depths(networks(hidden)['all before'], 100, length));
  console.log('functions behind an answer:');
  for (const i of [1, 30, 31, 100]) console.log(`  after ${i} points: ${endless[i - 1]}; cut every 30: ${cut[i - 1]}`);

  const train = new SinCurve({ n, period: 50 });
  const { points } = new SinCurve({ split: 'test', n: 250, period: 50 });
  const series: Series[] = [curve('what came', points, { from: 0, as: 'points' })];
  for (const [name, model] of Object.entries(networks(hidden))) {
    setSeed(0);
    const optimizer = new Adam({ lr: 0.003 }).setup(model);
    const losses = Array.from({ length: epochs }, () => trainEpoch(model, train, optimizer).toFixed(4));
    console.log(`a network that knows ${name}: loss of a point ${losses[0]} in epoch 1, ${losses.at(-1)} at the end`);
    console.log(`  a curve it has not seen, without noise: error ${errorOn(model, points).toFixed(4)}`);
    series.push(curve(`knows ${name}`, follow(model, points, 100), { dashed: name === 'one point' }));
    if (name === 'one point') continue;
    const slopes = reach(model, points.slice(0, 100));
    console.log('  how much an answer hangs on the point so many steps before:');
    for (const back of [0, 1, 5, 10, 20, 30, 60]) console.log(`    ${back}: ${slopes[back]?.toExponential(1)}`);
  }

  const axes = { x: { label: 'point' }, y: { label: 'height', range: [-1.4, 1.4] as const } };
  const noisy = [curve('a noisy sine', train.points.slice(0, 100), { from: 0, as: 'points' })];
  const rules = [{ x: 100, label: 'from here on by itself' }];
  const charts = [
    { title: 'Learned from', ...axes, series: noisy, size: { width: 200, height: 240 } },
    { title: 'What comes next?', ...axes, series, rules, size: { width: 480, height: 240 } },
  ];
  console.log(`  ${await plot(charts, { to: 'out/step44/forecast.svg' })}`);
}

if (require.main === module) void main();
