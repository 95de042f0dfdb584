import { noGrad, randn, setSeed, testMode, variable, zeros } from 'dezero';
import { DataLoader } from 'dezero/data';
import * as F from 'dezero/functions';
import { SqueezeNetSmall, type SqueezeNet } from 'dezero/models';
import { Adam } from 'dezero/optimizers';
import { expect, test } from 'vitest';
import { accuracy, look, main, network, openTask, trainEpoch, type Task } from '../steps/step52';
import { captured } from './captured';

const bits = (model: SqueezeNet, part: string) => new Map([...model.parameters()].filter(([path]) => path.startsWith(part)).map(([path, p]) => [path, [...p.values]])); // prettier-ignore
const batch = () => ({ x: randn([2, 3, 64, 64], { seed: 1, dtype: 'float32' }), t: [0, 1] });

test('a frozen parameter gets no gradient, and an update of the whole model does not move it', async () => {
  setSeed(0);
  const model = await network(await openTask());
  const optimizer = new Adam({ lr: 0.1 }).setup(model);
  const [features, head] = [bits(model, 'features'), bits(model, 'classifier')];
  const { x, t } = batch();
  F.softmaxCrossEntropy(model.call(x), t).backward();
  const reached = [...model.parameters()].filter(([, p]) => p.grad).map(([path]) => path);
  expect(reached, 'frozen parameters got gradients: does setRequiresGrad(false) reach them all?').toEqual(['classifier.1.weight', 'classifier.1.bias']); // prettier-ignore
  optimizer.update();
  expect(bits(model, 'features'), 'frozen parameters were moved').toEqual(features);
  expect(bits(model, 'classifier'), 'the head was not moved').not.toEqual(head);
});

test('thawed, all are trained again; what is frozen can be a single layer', () => {
  const model = new SqueezeNetSmall({ classes: 2 });
  const frozen = () => [...model.parameters()].filter(([, p]) => !p.requiresGrad).map(([path]) => path);
  model.setRequiresGrad(false, ['features.3.squeeze', 'classifier']);
  const four = ['features.3.squeeze.weight', 'features.3.squeeze.bias', 'classifier.1.weight', 'classifier.1.bias'];
  expect(frozen(), 'the layers named are frozen, and no others').toEqual(four);
  model.setRequiresGrad(true, ['classifier']);
  expect(frozen(), 'thawing is setRequiresGrad(true)').toEqual(four.slice(0, 2));
  model.setRequiresGrad(true);
  expect(frozen()).toEqual([]);
  expect(() => model.setRequiresGrad(false, ['feature'])).toThrow("no parameter lies under 'feature'; the layers are features.0"); // prettier-ignore
});

test('the gradient passes through what is frozen to what lies before it', () => {
  const model = new SqueezeNetSmall({ classes: 2 });
  model.setRequiresGrad(false, ['classifier']);
  const { x, t } = batch();
  F.softmaxCrossEntropy(
    testMode(() => model.call(x)),
    t,
  ).backward();
  const [, first] = [...model.parameters()][0] ?? [];
  expect(first?.grad, 'a frozen head must still hand the gradient on').not.toBeNull();
});

test('all weights but the head come from the file, and a head of another size is refused', async () => {
  setSeed(0);
  const task = await openTask();
  const [trained, fresh] = [await network(task), await network(task, { trained: false })];
  const whole = new SqueezeNetSmall({ classes: 12 });
  await whole.load(task.weights);
  expect(bits(trained, 'features')).toEqual(bits(whole, 'features'));
  expect(bits(fresh, 'features')).not.toEqual(bits(whole, 'features'));
  await expect(task.make().load(task.weights)).rejects.toThrow(
    'classifier.1.weight has shape (12, 192, 1, 1), the model needs (2, 192, 1, 1)',
  );
});

/** A few pictures of each class. */
async function small(): Promise<Task> {
  const task = await openTask(null, 40);
  return { ...task, val: task.train };
}

test('asked once, the features are those of the whole network, picture by picture', async () => {
  const task = await openTask(null, 2);
  const model = await network(task);
  const seen = await look(model, task.train);
  expect(seen.length).toBe(4);
  const [x] = await task.train.get(3);
  const [maps, t] = await seen.get(3);
  const message = 'picture 3 must have its own maps: are they kept beyond the scope they were made in?';
  expect(t).toBe(1);
  expect(maps, message).toBeAllClose(testMode(() => noGrad(() => model.features.call(x.reshape([1, 3, 64, 64])))).data.reshape(maps.shape), { atol: 1e-4 }); // prettier-ignore
  await expect(seen.get(4)).rejects.toThrow('there are 4 samples');
});

test('on trained features a new head learns what it cannot learn on untrained ones; a seed gives the same again', async () => {
  const run = async (trained: boolean) => {
    const task = await small();
    setSeed(0);
    const model = await network(task, { trained });
    const seen = await look(model, task.train);
    const before = await accuracy(model, seen);
    const optimizer = new Adam({ lr: 3e-3 }).setup(model);
    const loader = new DataLoader(seen, { batch: 20, shuffle: true });
    const losses: number[] = [];
    for (let epoch = 0; epoch < 12; epoch++) losses.push(await trainEpoch(model, loader, optimizer));
    return { before, losses, after: await accuracy(model, seen) };
  };
  const trained = await run(true);
  expect(trained.losses.at(-1), 'the loss does not fall: is the head trained?').toBeLessThan(0.85 * (trained.losses[0] ?? 0)); // prettier-ignore
  expect(trained.after, 'the head learns little from trained features').toBeGreaterThan(0.75);
  expect(trained.after).toBeGreaterThan(trained.before);
  expect((await run(false)).after, 'untrained features should be of less use').toBeLessThan(trained.after);
  expect(await run(true), 'the same seed must give the same losses, to the last bit').toEqual(trained);
});

test('the accuracy is the share of right answers, whole batches or not', async () => {
  const task = await openTask(null, 30);
  const model = task.make();
  const seen = await look(model, task.train);
  for (const [path, p] of model.classifier.parameters()) p.data = path.endsWith('bias') ? variable([1, 0]).data.astype('float32') : zeros(p.shape, { dtype: 'float32' }); // prettier-ignore
  expect(await accuracy(model, seen), 'who always says "ant" is right on one half').toBeCloseTo(0.5, 6);
});

test('the step prints what is trained, what it takes, and the accuracy before and after', async () => {
  const lines = await captured(async () => main(await small(), 2));
  const text = lines.join('\n');
  expect(text).toContain('386 of 121,514 parameters are trained');
  expect(text.match(/~\d+\.\d ms/g)).toHaveLength(3);
  expect(text.match(/right on \d+\.\d % before, on \d+\.\d % after 2 epochs/g)).toHaveLength(2);
  expect(text).toContain('out/step52/accuracy.svg');
});
