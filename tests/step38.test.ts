import { existsSync } from 'node:fs';
import { array, setSeed, variable } from 'dezero';
import { spiral } from 'dezero/data';
import * as F from 'dezero/functions';
import { Linear } from 'dezero/layers';
import { MLP } from 'dezero/models';
import { expect, test } from 'vitest';
import { accuracy, crossEntropySimple, gradient, main, regions, softmaxSimple, softmaxStable, train } from '../steps/step38'; // prettier-ignore
import { captured } from './captured';

const scores = array([[1, 2, 3], [0.5, -2, 4]]); // prettier-ignore
const large = array([[10_000, 0, -10_000]]);
const rows = scores.toNested() as number[][];
const probabilities = rows.map((row) => row.map((x) => Math.exp(x) / row.reduce((sum, one) => sum + Math.exp(one), 0)));

test('softmax makes probabilities of scores: positive, and one in sum along each row', () => {
  expect(F.softmax(scores), 'softmax is e^x over the sum of e^x along the row').toBeAllClose(probabilities);
  expect(softmaxSimple(scores)).toBeAllClose(probabilities);
  expect(F.softmax(scores, { axis: 0 }).sum({ axis: 0 }), 'along axis 0 the columns sum to one').toBeAllClose([1, 1, 1]); // prettier-ignore
});

test('the gradient of softmax: y · (gy − Σ gy·y)', () => {
  const x = variable([[1, 2, 3]]);
  F.sum(F.softmax(x).mul(array([[1, 0, 0]]))).backward();
  const [a = 0, b = 0, c = 0] = probabilities[0] ?? [];
  expect(x.grad, 'a larger score of one class takes from all others: is Σ gy·y subtracted?').toBeAllClose([[a * (1 - a), -a * b, -a * c]]); // prettier-ignore
});

test('large scores: the formula gives NaN, the largest subtracted first gives what is right', () => {
  expect([...softmaxSimple(large).values], 'e^10000 overflows, and Infinity / Infinity is NaN').toEqual([NaN, 0, 0]);
  expect([...softmaxStable(large).values]).toEqual([1, 0, 0]);
  expect([...F.softmax(large).values], 'large scores must not overflow: is the largest subtracted before exp?').toEqual([1, 0, 0]); // prettier-ignore
  expect(crossEntropySimple(large, [1]).item()).toBe(Infinity);
  expect(F.softmaxCrossEntropy(large, [1]).item(), 'the loss of large scores is finite: is the logarithm taken of a rounded probability?').toBe(10_000); // prettier-ignore
  expect(F.logSoftmax(large)).toBeAllClose([[0, -10_000, -20_000]]);
});

test('cross-entropy is the mean of −ln p at the labels, and its gradient softmax less 1 there, over N', () => {
  const expected = -(Math.log(probabilities[0]?.[0] ?? 0) + Math.log(probabilities[1]?.[2] ?? 0)) / 2;
  const loss = F.softmaxCrossEntropy(scores, [0, 2]);
  expect(loss, 'the loss is the mean over the rows of −ln of the right class').toBeAllClose(expected);
  expect(crossEntropySimple(scores, [0, 2])).toBeAllClose(expected);
  const pulls = probabilities.map((row, i) => row.map((p, j) => (p - (j === [0, 2][i] ? 1 : 0)) / 2));
  expect(gradient(F.softmaxCrossEntropy, scores, [0, 2]), 'the gradient is (softmax − 1 at the label) / N').toBeAllClose(pulls); // prettier-ignore
});

test('for two classes one score will do: binaryCrossEntropy of its sigmoid is the same loss', () => {
  const x = variable([2, -1]);
  const loss = F.binaryCrossEntropy(F.sigmoid(x), array([1, 0]));
  expect(loss, 'both t and 1 − t have their logarithm').toBeAllClose(F.softmaxCrossEntropy(array([[0, 2], [0, -1]]), [1, 0])); // prettier-ignore
  loss.backward();
  expect(x.grad, 'its gradient through the sigmoid is (p − t) / N').toBeAllClose([(1 / (1 + Math.exp(-2)) - 1) / 2, 1 / (1 + Math.exp(1)) / 2]); // prettier-ignore
});

test('leakyRelu lets a little through on the left, clip nothing beyond its ends', () => {
  const [a, b] = [variable([-2, 3]), variable([-2, 0.5, 3])];
  const [y, z] = [F.leakyRelu(a, 0.1), F.clip(b, -1, 1)];
  expect(y, 'leakyRelu is slope · x left of 0').toBeAllClose([-0.2, 3]);
  expect(z).toBeAllClose([-1, 0.5, 1]);
  y.backward();
  z.backward();
  expect(a.grad, 'left of 0 its gradient is the slope').toBeAllClose([0.1, 1]);
  expect(b.grad, 'where clip cuts, nothing changes with x').toBeAllClose([0, 1, 0]);
});

test('the spiral: a third of the points on each arm, and a seed gives the same again', () => {
  const { x, t } = spiral({ n: 50, seed: 3 });
  expect([0, 1, 2].map((arm) => t.filter((label) => label === arm).length)).toEqual([50, 50, 50]);
  expect(Math.max(...x.map(([a, b]) => Math.hypot(a, b))), 'the arms stay in a disc of radius 1').toBeLessThanOrEqual(1); // prettier-ignore
  expect(spiral({ n: 50, seed: 3 })).toEqual({ x, t });
  expect(spiral({ n: 50, seed: 4 }).x).not.toEqual(x);
});

test('a network parts the arms in 30 epochs, straight lines do not', () => {
  const network = () => {
    setSeed(0);
    return new MLP([30, 3], { activation: F.leakyRelu });
  };
  const [bends, lines] = [network(), new Linear(3)];
  const losses = train(bends, spiral(), { epochs: 30 });
  expect(losses.at(-1), 'the loss does not fall: are the gradients cleared, and is update() called?').toBeLessThan((losses[0] ?? 0) / 2); // prettier-ignore
  expect(accuracy(bends, spiral({ seed: 1 })), 'a network of 30 bends parts the arms').toBeGreaterThan(0.88);
  train(lines, spiral(), { epochs: 30 });
  expect(accuracy(lines, spiral({ seed: 1 })), 'three straight lines cannot').toBeLessThan(0.7);
  const again = train(network(), spiral(), { epochs: 3 });
  expect(again, 'the same seed must give the same losses, to the last bit').toEqual(losses.slice(0, 3));
});

test('regions asks for the class at each place, from the lowest row up', () => {
  const model = new Linear(2, { in: 2 });
  model.weight.data = array(
    [
      [0, 0],
      [0, 1],
    ],
    { dtype: 'float32' },
  ); // class 1 where y > 0 // prettier-ignore
  expect(regions(model, 2)).toEqual([[0, 0], [1, 1]]); // prettier-ignore
});

test('the step shows the overflow and its mend, and draws the spiral', async () => {
  const lines = await captured(() => main({ epochs: 2, size: 11 }));
  const said = (what: string) => lines.filter((line) => line.includes(`${what}:`)).map((line) => line.split(':')[1]?.trim()); // prettier-ignore
  expect(said('softmax')).toEqual(['0.09  0.2447  0.6652', 'NaN  0  0', '1  0  0']);
  expect(said('surprise at class 1')).toEqual(['Infinity', '10000']);
  expect(said('gradient')).toEqual(['-0.91  0.2447  0.6652', 'NaN  NaN  NaN', '1  -1  0']);
  expect(lines).toContain('  out/step38/spiral.svg');
  expect(existsSync('out/step38/spiral.svg')).toBe(true);
});
