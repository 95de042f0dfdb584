/**
 * Step 38 · Softmax and cross-entropy: which of many classes?
 *
 * So far a network guessed a number, and the squared distance said how far off it was. A class is no number: class 2 is not twice class 1.
 * So the network gives one score for each class, softmax makes probabilities of them, and the loss is how surprised they are by the right class:
 * −ln of its probability. Its gradient could not be simpler: the probabilities, less 1 at the right class.
 */
import { array, Generator, nd, noGrad, setSeed, variable, type NDArray, type Operand, type Variable } from 'dezero';
import { spiral, type SpiralPoints } from 'dezero/data';
import * as F from 'dezero/functions';
import { Linear, type Layer } from 'dezero/layers';
import { MLP } from 'dezero/models';
import { Adam } from 'dezero/optimizers';
import { plot, type Axis, type Diagram, type Series } from 'dezero/utils';

/** eˣ / Σ eˣ for each row of scores, as the formula has it. */
export function softmaxSimple(x: Operand): Variable {
  const e = F.exp(x);
  return e.div(F.sum(e, { axis: 1, keepdims: true }));
}

/** The same: dividing both ends by e to the largest changes no fraction, and keeps e^x at 1 or below. */
export function softmaxStable(x: Operand): Variable {
  return softmaxSimple(F.sub(x, F.max(x, { axis: 1, keepdims: true })));
}

/** The mean of −ln p over the rows, p the probability of the row's right class. */
export function crossEntropySimple(x: Operand, t: readonly number[]): Variable {
  const p = softmaxSimple(x);
  const surprises = t.map((label, row) => F.neg(F.log(F.getItem(p, [row, label]))));
  return surprises.reduce((sum, one) => sum.add(one)).div(t.length);
}

/** The gradient of a loss of scores and labels, in the scores. */
export function gradient(lossOf: typeof crossEntropySimple, scores: NDArray, t: readonly number[]): Variable | null {
  const x = variable(scores);
  lossOf(x, t).backward();
  return x.grad;
}

/** Points as an array of the parameters' type. */
const inputs = (x: readonly (readonly number[])[]) => array(x, { dtype: 'float32' });

/** The share of points whose largest score is at their class. */
export function accuracy(model: Layer, { x, t }: SpiralPoints): number {
  return noGrad(() => F.accuracy(model.call(inputs(x)), t)).item();
}

/** Some points at a time, in a new order each epoch; returns the mean loss of each. */
export function train(model: Layer, { x, t }: SpiralPoints, { epochs = 100, batch = 30, lr = 0.02 } = {}): number[] {
  const optimizer = new Adam({ lr }).setup(model);
  const [points, generator] = [inputs(x), new Generator(0)];
  return Array.from({ length: epochs }, () => {
    const order = generator.permutation(t.length);
    let sum = 0;
    for (let from = 0; from < t.length; from += batch) {
      const chosen = order.subarray(from, from + batch);
      const labels = Array.from(chosen, (i) => t[i] ?? 0);
      const loss = F.softmaxCrossEntropy(model.call(F.getItem(points, chosen)), labels);
      model.clearGrads();
      loss.backward();
      optimizer.update();
      sum += loss.item() * chosen.length;
    }
    return sum / t.length;
  });
}

/** The class that the model sees at each place of a grid over −1.1 … 1.1, row by row. */
export function regions(model: Layer, size: number): number[][] {
  const along = Array.from({ length: size }, (_, i) => -1.1 + (2.2 * i) / (size - 1));
  const scores = (y: number) => noGrad(() => model.call(inputs(along.map((x) => [x, y])))).data;
  return along.map((y) => [...nd.argMax(scores(y), { axis: 1 }).values]);
}

export async function main({ epochs = 100, size = 111 } = {}): Promise<void> {
  const show = (what: string, x: Variable | null) => {
    const values = Array.from(x?.values ?? [], (value) => Number(value.toFixed(4)));
    console.log(`  ${`${what}:`.padEnd(22)}${values.join('  ')}`);
  };
  const tell = (scores: NDArray, t: number, softmax: typeof softmaxSimple, lossOf: typeof crossEntropySimple) => {
    show('softmax', softmax(scores));
    show(`surprise at class ${t}`, lossOf(scores, [t]));
    show('gradient', gradient(lossOf, scores, [t]));
  };
  const [small, large] = [array([[1, 2, 3]]), array([[10_000, 0, -10_000]])];
  console.log('scores 1, 2, 3: probabilities, in sum 1; the loss, and where it pulls');
  tell(small, 0, softmaxSimple, crossEntropySimple);
  console.log('\nscores 10000, 0, -10000: e^10000 is Infinity, and Infinity / Infinity no number');
  tell(large, 1, softmaxSimple, crossEntropySimple);
  console.log('and with the largest score subtracted first, the logarithm taken before anything rounds to 0');
  tell(large, 1, softmaxStable, F.softmaxCrossEntropy);

  console.log('\nyes or no needs one score, 2 say: sigmoid(2) is softmax(0, 2) at class 1, and the losses are one');
  show('binaryCrossEntropy', F.binaryCrossEntropy(F.sigmoid(2), 1));
  show('softmaxCrossEntropy', F.softmaxCrossEntropy(array([[0, 2]]), [1]));

  const [points, others] = [spiral(), spiral({ seed: 1 })];
  console.log(`\na spiral of three arms, ${points.t.length} points; right on these, and on as many others`);
  setSeed(0); // leakyRelu: relu that lets a little through on the left, so that no hidden number is stuck there at 0
  const models = { 'straight lines': new Linear(3), 'a network': new MLP([30, 3], { activation: F.leakyRelu }) };
  const axis = (label: string): Axis => ({ label, range: [-1.1, 1.1] });
  const arm = (j: number) => points.x.filter((_, i) => points.t[i] === j);
  const series = [0, 1, 2].map((j): Series => ({ name: `class ${j}`, as: 'points', points: arm(j) }));
  const look = { x: axis('x'), y: axis('y'), series, size: { width: 300, height: 300 } };
  const charts = Object.entries(models).map(([title, model]): Diagram => {
    const losses = train(model, points, { epochs });
    const shares = [points, others].map((set) => `${(100 * accuracy(model, set)).toFixed(1)} %`);
    console.log(`  ${title.padEnd(15)} loss ${losses.at(-1)?.toFixed(3)}, right ${shares.join(' and ')}`);
    return { title, ...look, regions: regions(model, size) };
  });
  console.log(`  ${await plot(charts, { to: 'out/step38/spiral.svg' })}`);
}

if (require.main === module) void main();
