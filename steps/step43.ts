/**
 * Step 43 · Batch normalisation: every layer gets numbers of the same size.
 *
 * A deep network multiplies: if each layer brings the pictures a little closer together, after six they all look alike, and of the gradient
 * nothing is left on the way back. Batch norm puts each number of a layer on mean 0 and variance 1 over the batch, and lets the network choose
 * its scale γ and its shift β anew. In use a picture may come alone: then running means and variances, gathered in training, take the
 * batch's place. They are buffers: saved with the model, not trained.
 */
import { array, asVariable, noGrad, setSeed, testMode, type Operand, type Variable } from 'dezero';
import { DataLoader, MNIST, Subset, type Dataset } from 'dezero/data';
import * as F from 'dezero/functions';
import { BatchNorm, Layer, Linear } from 'dezero/layers';
import { Model } from 'dezero/models';
import { MomentumSGD } from 'dezero/optimizers';
import { plot, type Point } from 'dezero/utils';

/** A linear layer and a bend, with batch norm in between or without. */
export class Block extends Layer {
  readonly linear = new Linear(64);
  readonly norm: BatchNorm | null;

  constructor(normalize: boolean) {
    super();
    this.norm = normalize ? new BatchNorm() : null;
  }

  override forward(x: Operand): Variable {
    const y = this.linear.call(x);
    return F.sigmoid(this.norm ? this.norm.call(y) : y);
  }
}

/** Pictures as rows, `depth` blocks, ten scores. */
export class DeepNet extends Model {
  readonly blocks: Block[];
  readonly last = new Linear(10);

  constructor(depth: number, normalize: boolean) {
    super();
    this.blocks = Array.from({ length: depth }, () => new Block(normalize));
  }

  /** What comes out of each block. */
  outputs(x: Operand): Variable[] {
    const pictures = asVariable(x);
    let y = pictures.reshape([pictures.shape[0] ?? 0, -1]);
    return this.blocks.map((block) => (y = block.call(y)));
  }

  override forward(x: Operand): Variable {
    return this.last.call(this.outputs(x).at(-1) ?? x);
  }
}

/** How much the numbers of a layer differ from picture to picture: their standard deviation over the batch. */
export function spread(y: Variable): number {
  return noGrad(() => Math.sqrt(F.mean(F.square(y.sub(F.mean(y, { axis: 0, keepdims: true })))).item()));
}

/** The share of a set that is right in use. */
export async function accuracy(model: DeepNet, set: Dataset): Promise<number> {
  let right = 0;
  for await (const [x, t] of new DataLoader(set, { batch: Math.min(500, set.length) })) {
    right += F.accuracy(testMode(() => noGrad(() => model.call(x))), t).item() * t.size; // prettier-ignore
  }
  return right / set.length;
}

/** Trains; the loss of every batch, as a running mean. */
export async function train(model: DeepNet, set: Dataset, epochs: number): Promise<number[]> {
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

/** The first n samples of a set. */
export const first = (set: Dataset, n: number) =>
  new Subset(
    set,
    Array.from({ length: n }, (_, i) => i),
  );

export async function main({ depth = 6, n = 2000, m = 1000, epochs = 5 } = {}): Promise<void> {
  const norm = new BatchNorm({ in: 2, dtype: 'float64' });
  const x = array([[1, 7000], [2, 9000], [3, 8000]]); // prettier-ignore
  console.log(`three rows of two numbers, normalised:\n${norm.call(x).toString()}`);
  console.log(`running means, a tenth of the way from 0: ${String(norm.running_mean)}`);
  try {
    norm.call(array([[2, 8000]]));
  } catch (error) {
    console.log(`one row alone: ${(error as Error).message}`);
  }
  for (let i = 0; i < 100; i++) norm.call(x);
  console.log(`100 batches later, in testMode: ${testMode(() => norm.call(array([[2, 8000]]))).toString()}`);

  const [learned, others] = [first(await MNIST.open(), n), first(await MNIST.open({ split: 'test' }), m)];
  const series = [];
  for (const normalize of [false, true]) {
    setSeed(0);
    const model = new DeepNet(depth, normalize);
    const name = normalize ? 'with batch norm' : 'without';
    for await (const [pictures, t] of new DataLoader(learned, { batch: Math.min(n, 200) })) {
      F.softmaxCrossEntropy(model.call(pictures), t).backward();
      const spreads = model.outputs(pictures).map((y) => spread(y).toExponential(0));
      const steepest = Math.max(...(model.blocks[0]?.linear.weight.grad?.values ?? []).map(Math.abs));
      console.log(`\n${name}, ${depth} layers of sigmoids`);
      console.log(`  how far apart the pictures are, layer by layer: ${spreads.join('  ')}`);
      console.log(`  the largest gradient of a first weight: ${steepest.toExponential(0)}`);
      break;
    }
    const losses = await train(model, learned, epochs);
    console.log(`  after ${epochs} epochs: loss ${losses.at(-1)?.toFixed(3)}, right on ${(100 * (await accuracy(model, others))).toFixed(1)} % of ${m} others`); // prettier-ignore
    series.push({ name, points: losses.map((loss, i): Point => [i + 1, loss]) });
    if (normalize) console.log(`  buffers: ${Array.from(model.buffers(), ([path]) => path).slice(0, 2).join(', ')}, ...`); // prettier-ignore
  }
  const axes = { x: { label: 'update' }, y: { label: 'loss' } };
  console.log(
    `  ${await plot({ title: `${depth} layers of sigmoids`, ...axes, series }, { to: 'out/step43/loss.svg' })}`,
  );
}

if (require.main === module) void main();
