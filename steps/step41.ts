/**
 * Step 41 · MNIST: handwritten digits.
 *
 * The spiral was made up. These digits were written by hand, 28 × 28 grey values each, and nobody can say by which formula a 4 differs
 * from a 9. The tools are all there: a data set in batches (step 40), softmax and cross-entropy (38), Adam (37). 10,000 digits are
 * part of the package: 8,000 to learn from, 2,000 to be judged by. `--full` fetches all 70,000 and takes some minutes.
 */
import { parseArgs } from 'node:util';
import { noGrad, setSeed, type NDArray } from 'dezero';
import { DataLoader, MNIST, toPicture, type Dataset } from 'dezero/data';
import * as F from 'dezero/functions';
import { MLP, type Model } from 'dezero/models';
import { Adam } from 'dezero/optimizers';
import { confusionMatrix, curve, plot, plotImages } from 'dezero/utils';

/** Each picture as one row of 784 numbers: an MLP does not know what is beside what. */
export const flatten = (x: NDArray): NDArray => x.reshape([x.shape[0] ?? 0, -1]);

/** What an epoch came to. */
export interface Epoch {
  readonly loss: number;
  readonly accuracy: number;
}

/** One pass through the training set. */
export async function trainEpoch(model: Model, loader: DataLoader, optimizer: Adam): Promise<Epoch> {
  let [loss, accuracy] = [0, 0];
  for await (const [x, t] of loader) {
    const y = model.call(flatten(x));
    const batchLoss = F.softmaxCrossEntropy(y, t);
    model.clearGrads();
    batchLoss.backward();
    optimizer.update();
    loss += batchLoss.item() / loader.length;
    accuracy += F.accuracy(y, t).item() / loader.length;
  }
  return { loss, accuracy };
}

const percent = (share = NaN, digits = 1) => `${(100 * share).toFixed(digits)} %`;

/** What the model says of each sample, in order, and how sure it is. */
export async function answers(model: Model, set: Dataset): Promise<{ t: number[]; y: number[]; p: number[] }> {
  const all = { t: [] as number[], y: [] as number[], p: [] as number[] };
  for await (const [x, t] of new DataLoader(set, { batch: Math.min(500, set.length) })) {
    const probabilities = noGrad(() => F.softmax(model.call(flatten(x)))).data.toNested() as number[][];
    for (const row of probabilities) {
      const best = Math.max(...row);
      all.y.push(row.indexOf(best));
      all.p.push(best);
    }
    all.t.push(...t.values);
  }
  return all;
}

/** The share that is right. */
export function accuracyOf({ t, y }: { t: readonly number[]; y: readonly number[] }): number {
  return y.filter((answer, i) => answer === t[i]).length / t.length;
}

export async function main({
  full = false,
  epochs = full ? 5 : 10,
}: { full?: boolean; epochs?: number } = {}): Promise<void> {
  const [train, test] = await Promise.all([MNIST.open({ full }), MNIST.open({ split: 'test', full })]);
  console.log(`${train.length} digits to learn from, ${test.length} to be judged by`);
  setSeed(0);
  const model = new MLP([1000, 10], { activation: F.relu });
  const optimizer = new Adam().setup(model);
  const loader = new DataLoader(train, { batch: 100, shuffle: true });

  const history: { train: number; test: number }[] = [];
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const { loss, accuracy } = await trainEpoch(model, loader, optimizer);
    const right = accuracyOf(await answers(model, test));
    history.push({ train: accuracy, test: right });
    const shares = `right ${percent(accuracy)}; test ${percent(right)}`;
    console.log(`epoch ${String(epoch).padStart(2)}: loss ${loss.toFixed(4)}, ${shares}`);
  }

  const judged = await answers(model, test);
  console.log('rows: what it is; columns: what the network says');
  console.log(String(confusionMatrix(judged.t, judged.y, 10)));

  // The mistakes it was surest of.
  const wrong = judged.t.flatMap((t, i) => (t === judged.y[i] ? [] : [i]));
  wrong.sort((a, b) => (judged.p[b] ?? 0) - (judged.p[a] ?? 0));
  const cells = wrong.slice(0, 24).map(async (i) => {
    const [x, t] = await test.get(i);
    return { picture: toPicture(x), caption: [`a ${t}`, `says ${judged.y[i]}, ${percent(judged.p[i], 0)}`] };
  });
  console.log(`${wrong.length} of ${test.length} wrong; the surest mistakes:`);
  console.log(`  ${await plotImages(await Promise.all(cells), { to: 'out/step41/wrong.png', columns: 8, size: 112 })}`);
  const shares = (part: 'train' | 'test') => history.map((epoch) => epoch[part]);
  const series = [curve('train', shares('train')), curve('test', shares('test'))];
  const chart = { title: 'Digits', x: { label: 'epoch' }, y: { label: 'accuracy' }, series };
  console.log(`  ${await plot(chart, { to: 'out/step41/curves.svg' })}`);
}

if (require.main === module) {
  const { full } = parseArgs({ options: { full: { type: 'boolean', default: false } } }).values;
  void main({ full });
}
