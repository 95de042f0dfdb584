/**
 * Step 43 · Batch normalisation: every layer gets numbers of the same size.
 *
 * A deep network multiplies: if each layer brings the pictures a little closer together, after six they all look alike, and of the gradient
 * nothing is left on the way back. Batch norm puts each number of a layer on mean 0 and variance 1 over the batch, and lets the network choose
 * its scale γ and its shift β anew. In use a picture may come alone: then running means and variances, gathered in training, take the
 * batch's place. They are buffers: saved with the model, not trained.
 */
import { array, noGrad, setSeed, testMode, type NDArray, type Variable } from 'dezero';
import { DataLoader, MNIST, Subset, type Dataset } from 'dezero/data';
import * as F from 'dezero/functions';
import { BatchNorm, Linear } from 'dezero/layers';
import { Sequential, type Model } from 'dezero/models';
import { MomentumSGD } from 'dezero/optimizers';
import { curve, plot } from 'dezero/utils';

/** Pictures as rows, `depth` linear layers with a bend after each, batch norm in between or not, and ten scores. */
export function deepNet(depth: number, normalize: boolean): Sequential {
  const block = () => new Sequential(new Linear(64), ...(normalize ? [new BatchNorm()] : []), F.sigmoid);
  return new Sequential(F.flatten, ...Array.from({ length: depth }, block), new Linear(10));
}

/** How much the numbers of a layer differ from picture to picture: their standard deviation over the batch. */
function spread(y: Variable): number {
  return noGrad(() => Math.sqrt(F.mean(F.square(y.sub(F.mean(y, { axis: 0, keepdims: true })))).item()));
}

/** Looks into a network: how far apart the pictures are after each block, and the largest gradient of a first weight. */
export function look(model: Sequential, x: NDArray, t: NDArray): { apart: number[]; steepest: number } {
  F.softmaxCrossEntropy(model.call(x), t).backward();
  const [[, first] = []] = model.parameters();
  const blocks = [...model].slice(1, -1); // between flatten and the scores
  let y = F.flatten(x);
  const apart = blocks.map((block) => spread((y = block.call(y))));
  return { apart, steepest: Math.max(...(first?.grad?.values ?? []).map(Math.abs)) };
}

/** The share of a set that is right in use. */
export async function accuracy(model: Model, set: Dataset): Promise<number> {
  let right = 0;
  for await (const [x, t] of new DataLoader(set, { batch: Math.min(500, set.length) })) {
    const y = testMode(() => noGrad(() => model.call(x)));
    right += F.accuracy(y, t).item() * t.size;
  }
  return right / set.length;
}

/** Trains; the loss of every batch, as a running mean. */
export async function train(model: Model, set: Dataset, epochs: number): Promise<number[]> {
  const optimizer = new MomentumSGD({ lr: 0.1 }).setup(model);
  const loader = new DataLoader(set, { batch: 50, shuffle: true });
  const losses: number[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    for await (const [x, t] of loader) {
      const loss = F.softmaxCrossEntropy(model.call(x), t);
      model.clearGrads();
      loss.backward();
      optimizer.update();
      losses.push(0.9 * (losses.at(-1) ?? loss.item()) + 0.1 * loss.item());
    }
  }
  return losses;
}

/** The first n digits of a part. */
export async function first(n: number, split: 'train' | 'test' = 'train'): Promise<Dataset> {
  return new Subset(await MNIST.open({ split }), [...Array(n).keys()]);
}

export async function main({ depth = 6, n = 2000, m = 1000, epochs = 5 } = {}): Promise<void> {
  const norm = new BatchNorm({ in: 2, dtype: 'float64' });
  const x = array([[1, 7000], [2, 9000], [3, 8000]]); // prettier-ignore
  console.log(`three rows of two numbers, normalised:\n${norm.call(x).toString()}`);
  console.log(`running means, a tenth of the way from 0: ${String(norm.running_mean)}`);
  const alone = array([[2, 8000]]);
  try {
    norm.call(alone);
  } catch (error) {
    console.log(`one row alone: ${(error as Error).message}`);
  }
  for (let i = 0; i < 100; i++) norm.call(x);
  console.log(`100 batches later, in testMode: ${testMode(() => norm.call(alone)).toString()}`);

  const [learned, others] = [await first(n), await first(m, 'test')];
  const series = [];
  for (const normalize of [false, true]) {
    setSeed(0);
    const model = deepNet(depth, normalize);
    const name = normalize ? 'with batch norm' : 'without';
    console.log(`\n${name}, ${depth} layers of sigmoids`);
    for await (const [pictures, t] of new DataLoader(learned, { batch: Math.min(n, 200) })) {
      const { apart, steepest } = look(model, pictures, t);
      const spreads = apart.map((one) => one.toExponential(0));
      console.log(`  how far apart the pictures are, layer by layer: ${spreads.join('  ')}`);
      console.log(`  the largest gradient of a first weight: ${steepest.toExponential(0)}`);
      break; // one batch will do
    }
    const losses = await train(model, learned, epochs);
    const right = (100 * (await accuracy(model, others))).toFixed(1);
    console.log(`  after ${epochs} epochs: loss ${losses.at(-1)?.toFixed(3)}, right on ${right} % of ${m} others`);
    series.push(curve(name, losses));
    const buffers = Array.from(model.buffers(), ([path]) => path).slice(0, 2);
    if (normalize) console.log(`  buffers: ${buffers.join(', ')}, ...`);
  }
  const axes = { x: { label: 'update' }, y: { label: 'loss' } };
  const chart = { title: `${depth} layers of sigmoids`, ...axes, series };
  console.log(`  ${await plot(chart, { to: 'out/step43/loss.svg' })}`);
}

if (require.main === module) void main();
