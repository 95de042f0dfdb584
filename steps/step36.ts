/**
 * Step 36 · Model: the layers made one, to be looked at.
 *
 * The more layers, the easier it is to wire them wrongly, and a wrong network still runs and still learns something. A Model is a
 * layer that is a whole network and can show itself: as a table of its layers with what goes out of each, and as a drawing of its graph.
 * With that a deeper network is safe to build, and two layers of sigmoids in a row show their weakness: a slope of at most ¼ each,
 * so that little of the gradient reaches the first layer. relu, max(x, 0), has slope 1 where it lets anything pass.
 */
import { Model, noGrad, rand, randn, setSeed, variable, type Operand, type Variable } from 'dezero';
import * as F from 'dezero/functions';
import * as L from 'dezero/layers';
import { MLP, Sequential } from 'dezero/models';
import { plot } from 'dezero/utils';

/** Three layers, it says. */
export class ThreeLayers extends Model {
  readonly first = new L.Linear(20);
  readonly second = new L.Linear(20);
  readonly third = new L.Linear(1);

  override forward(x: Operand): Variable {
    const h = F.relu(this.first.call(x));
    return this.third.call(F.relu(h)); // hm
  }
}

/** Points near sin(2πx), (60, 1) each, as in step 35. */
export function measure(): { x: Variable; t: Variable } {
  const x = variable(rand([60, 1], { seed: 3, dtype: 'float32' }));
  const errors = randn([60, 1], { seed: 4, dtype: 'float32' });
  return { x, t: noGrad(() => F.sin(x.mul(2 * Math.PI)).add(F.mul(0.1, errors))) };
}

/** Trains all parameters; returns the losses. */
export function fit(model: Model, { x, t }: { x: Variable; t: Variable }, { lr = 0.1, iterations = 0 } = {}): number[] {
  return Array.from({ length: iterations + 1 }, () => {
    const loss = F.meanSquaredError(model.call(x), t);
    model.clearGrads();
    loss.backward();
    for (const [, p] of model.parameters()) p.data = noGrad(() => p.sub(F.mul(lr, p.grad ?? 0))).data;
    return loss.item();
  });
}

/** How long the gradient of each layer's weight is, from the first layer to the last. */
export function gradientLengths(model: Model, { x, t }: { x: Variable; t: Variable }): number[] {
  model.clearGrads();
  F.meanSquaredError(model.call(x), t).backward();
  return [...model.parameters()].flatMap(([path, p]) =>
    path.endsWith('weight') && p.grad ? [Math.sqrt(F.square(p.grad).sum().item())] : [],
  );
}

const some = (losses: readonly number[], every: number) =>
  losses.flatMap((loss, i) => (i % every === 0 ? [loss.toFixed(4)] : [])).join('  ');
const pairs = (x: Variable, y: Variable) => Array.from(x.values, (v, i): [number, number] => [v, y.values[i] ?? NaN]);
const indented = (text: string) => text.replaceAll(/^/gm, '  ');

export async function main(): Promise<void> {
  console.log('Three layers by hand. It runs, but the table and the drawing tell:');
  const byHand = new ThreeLayers();
  console.log(indented(byHand.summary([60, 1])));
  console.log(`  ${await byHand.plot([60, 1], { to: 'out/step36/byHand.svg' })}\n`);

  const points = measure();
  console.log('An MLP wires them for us; sizes [20, 20, 1]:');
  setSeed(4);
  const bent = { sigmoid: new MLP([20, 20, 1]), relu: new MLP([20, 20, 1], { activation: F.relu }) };
  console.log(indented(bent.relu.summary(points.x)));
  console.log(`  ${await bent.relu.plot(points.x, { to: 'out/step36/mlp.svg', verbose: true })}\n`);

  console.log('The same as a Sequential, where functions have rows too:');
  const chain = new Sequential(new L.Linear(20), F.relu, new L.Linear(20), F.relu, new L.Linear(1));
  console.log(`${indented(chain.summary([60, 1]))}\n`);

  console.log(
    'Points near sin(2πx): the lengths of the gradients layer by layer at first, then the loss every 200 iterations:',
  );
  const series = [];
  const grid = variable(Array.from({ length: 101 }, (_, i) => [i / 100]));
  for (const [name, model] of Object.entries(bent)) {
    setSeed(4);
    const lengths = gradientLengths(model, points).map((length) => length.toFixed(3));
    console.log(`  ${name.padEnd(9)}${lengths.join(' ')}   ${some(fit(model, points, { iterations: 1000 }), 200)}`);
    series.push({ name, points: pairs(grid, model.call(grid)) });
  }
  const measured = { name: 'measured', points: pairs(points.x, points.t), as: 'points' as const };
  const axes = { x: { label: 'x' }, y: { label: 'y' } };
  const chart = { title: 'sin(2πx) by three layers', ...axes, series: [measured, ...series] };
  console.log(`  ${await plot(chart, { to: 'out/step36/sine.svg' })}`);
}

if (require.main === module) void main();
