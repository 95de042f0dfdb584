import { existsSync } from 'node:fs';
import { array, ones, randn, setSeed, testMode, variable, zeros } from 'dezero';
import * as F from 'dezero/functions';
import { BatchNorm } from 'dezero/layers';
import { expect, test } from 'vitest';
import { accuracy, deepNet, first, look, main, train } from '../steps/step43';
import { captured } from './captured';

const x = array([[1, 7000], [2, 9000], [3, 8000]]); // prettier-ignore
const state = () => ({ mean: zeros([2]), var: ones([2]) });
const side = Math.sqrt(1.5); // 1 over the standard deviation of 1, 2, 3

test('each number gets mean 0 and variance 1 over the batch, then scale γ and shift β', () => {
  const plain = F.batchNorm(x, ones([2]), zeros([2]), state());
  const message = 'batch norm is (x − mean) / √(variance + eps), column by column';
  expect(plain, message).toBeAllClose([[-side, -side], [0, side], [side, 0]], { rtol: 1e-4, atol: 1e-12 }); // prettier-ignore
  const moved = F.batchNorm(x, array([2, 3]), array([10, 20]), state());
  expect(moved, 'γ scales, β shifts').toBeAllClose(plain.mul(array([2, 3])).add(array([10, 20])));
});

test('pictures are normalised channel by channel', () => {
  const y = F.batchNorm(randn([4, 3, 5, 5], { seed: 0 }).reshape([4, 3, 5, 5]), ones([3]), zeros([3]), { mean: zeros([3]), var: ones([3]) }); // prettier-ignore
  expect(F.mean(y, { axis: [0, 2, 3] }), 'a channel has one mean, over batch, rows and columns').toBeAllClose([0, 0, 0], { atol: 1e-12 }); // prettier-ignore
});

test('the gradient flows through mean and variance: moving or stretching the whole batch changes nothing', () => {
  const v = variable(x);
  F.sum(F.batchNorm(v, ones([2]), zeros([2]), { ...state(), eps: 0 }).mul(randn([3, 2], { seed: 2 }))).backward();
  const grad = v.grad ?? variable(0);
  const message = 'the batch has its part in mean and variance: are they variables, with gradients of their own?';
  expect(F.sum(grad, { axis: 0 }), message).toBeAllClose([0, 0], { atol: 1e-12 });
  expect(F.sum(grad.mul(x), { axis: 0 }), message).toBeAllClose([0, 0], { atol: 1e-9 });
});

test('γ and β are trained: the gradient of β is the sum of gy, that of γ the sum of gy times what was normalised', () => {
  const [gamma, beta] = [variable(ones([2])), variable(zeros([2]))];
  const gy = randn([3, 2], { seed: 3 });
  const y = F.batchNorm(x, gamma, beta, state());
  F.sum(y.mul(gy)).backward();
  expect(beta.grad).toBeAllClose(F.sum(gy, { axis: 0 }));
  expect(gamma.grad).toBeAllClose(F.sum(y.mul(gy), { axis: 0 }));
});

test('running statistics move a tenth of the way at each batch', () => {
  const norm = new BatchNorm({ in: 2, dtype: 'float64' });
  expect(Array.from(norm.buffers(), ([path]) => path)).toEqual(['running_mean', 'running_var']);
  norm.call(x);
  expect(norm.running_mean, 'running = 0.9 · running + 0.1 · batch').toBeAllClose([0.2, 800]);
  expect(norm.running_var, 'the running variance is the unbiased one, over n − 1').toBeAllClose([0.9 + 0.1 * 1, 0.9 + 0.1 * 1e6]); // prettier-ignore
  norm.call(x);
  expect(norm.running_mean).toBeAllClose([0.38, 1520]);
});

test('in testMode a sample is judged by the running statistics, alone or in company, and moves nothing', () => {
  const norm = new BatchNorm({ in: 2, dtype: 'float64' });
  norm.call(x);
  const before = norm.running_mean?.toNested();
  const all = testMode(() => norm.call(x));
  const alone = testMode(() => norm.call(x.reshape([3, 2]).slice({ to: 1 })));
  const message = 'in testMode the running statistics take the place of the batch';
  expect(alone, message).toBeAllClose(all.data.slice({ to: 1 }));
  expect(all.values[0], message).toBeCloseTo((1 - 0.2) / Math.sqrt(1 + 1e-5), 9);
  expect(norm.running_mean?.toNested(), 'in testMode nothing is gathered').toEqual(before);
});

test('in training a sample alone has no variance, and is refused', () => {
  const alone = 'one element a channel has no variance; use a larger batch, or testMode(…)';
  expect(() => new BatchNorm().call(ones([1, 2])), 'a batch of one would be 0 whatever it is').toThrow(alone);
});

test('six layers deep, batch norm keeps pictures apart and lets the gradient through', async () => {
  const set = await first(40);
  const samples = await Promise.all(Array.from({ length: 40 }, (_, i) => set.get(i)));
  const pictures = array(samples.map(([picture]) => picture.toNested()), { dtype: 'float32' }); // prettier-ignore
  const labels = array(Int32Array.from(samples, ([, t]) => Number(t)));
  const [without, within] = [false, true].map((normalize) => {
    setSeed(0);
    return look(deepNet(6, normalize), pictures, labels);
  });
  expect(without?.apart.at(-1), 'without batch norm all pictures look alike at the end').toBeLessThan(1e-3);
  expect(within?.apart, 'one number a block').toHaveLength(6);
  expect(within?.apart.at(-1), 'with it they stay apart').toBeGreaterThan(0.1);
  expect(within?.steepest, 'and the gradient reaches the first layer').toBeGreaterThan(
    100 * (without?.steepest ?? NaN),
  );
});

test('with batch norm the deep network learns, and a seed gives the same run again', async () => {
  const set = await first(300);
  const run = async (normalize: boolean, epochs: number) => {
    setSeed(0);
    const model = deepNet(6, normalize);
    return { model, losses: await train(model, set, epochs) };
  };
  const [without, within] = [await run(false, 5), await run(true, 5)];
  expect(without.losses.at(-1), 'six sigmoids deep nothing is learned without').toBeGreaterThan(2.2);
  expect(within.losses.at(-1), 'the loss does not fall: is the batch normalised in training?').toBeLessThan(1.8);
  expect(await accuracy(within.model, set), 'in use the running statistics must fit what was learned').toBeGreaterThan(0.5); // prettier-ignore
  expect((await run(true, 1)).losses, 'a seed gives the same losses, to the last bit').toEqual(within.losses.slice(0, 6)); // prettier-ignore
});

test('the step shows the numbers of each layer, the training, and draws it', async () => {
  const lines = await captured(() => main({ depth: 3, n: 60, m: 50, epochs: 1 }));
  expect(lines).toContain('running means, a tenth of the way from 0: [0.2 800]');
  expect(lines.filter((line) => line.includes('how far apart'))).toHaveLength(2);
  expect(lines.filter((line) => / \d+\.\d % of 50 others$/.test(line))).toHaveLength(2);
  expect(lines).toContain('  out/step43/loss.svg');
  expect(existsSync('out/step43/loss.svg')).toBe(true);
});
