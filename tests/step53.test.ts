import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { setSeed, testMode, noGrad, type Model } from 'dezero';
import { DataLoader } from 'dezero/data';
import {
  createBackbone,
  evaluate,
  openAntsAndBees,
  predict,
  Trainer,
  type Metrics,
  type TrainerOptions,
} from 'dezero/models';
import type { FineTuneOptions } from 'dezero/utils';
import { main, phases, ratesByDepth, RECIPES } from '../steps/step53';

const recipe = { ...RECIPES.squeezenet_small, headEpochs: 1, epochs: 1 };
const options = (more: Partial<FineTuneOptions> = {}): FineTuneOptions => ({
  data: 'drawn',
  device: 'cpu',
  batch: 8,
  seed: 1,
  limit: 24,
  epochs: 1,
  out: join(folder, 'out'),
  verbose: false,
  ...more,
});
/** Each parameter by a digest of its values: where two differ, vitest would otherwise compare a million numbers for minutes. */
const valuesOf = (model: Model, begin = '') =>
  [...model.parameters()].filter(([path]) => path.startsWith(begin)).map(([path, p]) => `${path} ${digest(p.values)}`);
const digest = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  createHash('sha256')
    .update(Uint8Array.from(new Uint8Array(buffer, byteOffset, byteLength)))
    .digest('hex');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dezero-step53-'));
});

/** A fresh network and a trainer for it, from one seed. */
async function begin(
  events: Partial<TrainerOptions> = {},
): Promise<{ model: Model; trainer: Trainer; val: DataLoader }> {
  const set = await openAntsAndBees(options());
  setSeed(1);
  const model = createBackbone(set.model, 2);
  await model.load(set.weights ?? '', { skip: ['classifier.1'] });
  const val = new DataLoader(set.val, { batch: 8 });
  const train = new DataLoader(set.train, { batch: 8, shuffle: true, seed: 1 });
  const trainer = new Trainer(model, {
    train,
    val,
    seed: 1,
    phases: phases(model, recipe, true),
    ...events,
  });
  return { model, trainer, val };
}

test('frozen layers do not move while the head learns: are gradients of frozen parameters skipped?', async () => {
  const during: string[][] = [];
  const { model, trainer } = await begin({ onEpoch: () => during.push(valuesOf(model, 'features')) });
  const before = { features: valuesOf(model, 'features'), head: valuesOf(model, 'classifier') };
  await trainer.run();
  expect(during[0]).toEqual(before.features);
  expect(during[1]).not.toEqual(before.features);
  expect(valuesOf(model, 'classifier')).not.toEqual(before.head);
});

test('rates fall with depth, and each parameter is in exactly one group', () => {
  const model = createBackbone('squeezenet1_0', 2);
  const groups = ratesByDepth(model, RECIPES.squeezenet1_0);
  const [early, late, head] = groups.map(({ lr }) => lr);
  expect(head).toBeGreaterThan(late ?? 0);
  expect(late).toBeGreaterThan(early ?? 0);
  const paths = groups.flatMap(({ params }) => params.map(([path]) => path));
  expect([...paths].sort()).toEqual([...model.parameters()].map(([path]) => path).sort());
  expect(groups[0]?.params.map(([path]) => path)).toContain('features.0.weight');
  expect(groups[2]?.params.map(([path]) => path)).toEqual(['classifier.1.weight', 'classifier.1.bias']);
});

test('a ResNet has its own depths: the last layer is the head, the first stages lie near the picture', () => {
  const model = createBackbone('resnet18', 2);
  const [early = [], late = [], head = []] = ratesByDepth(model, RECIPES.resnet18).map(({ params }) => params.map(([path]) => path)); // prettier-ignore
  expect(head).toEqual(['fc.weight', 'fc.bias']);
  expect(early).toContain('conv1.weight');
  expect(late).toContain('layer4.1.bn2.bias');
  expect(early.length + late.length + head.length).toBe([...model.parameters()].length);
  const [first] = phases(model, RECIPES.resnet18, true);
  expect(first?.frozen, 'while the head learns, all else is frozen').toHaveLength(early.length + late.length);
});

test('the main job leaves its four files, and the saved model is the one that was judged', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  await main(options());
  log.mockRestore();
  const out = join(folder, 'out');
  const metrics = JSON.parse(readFileSync(join(out, 'metrics.json'), 'utf8')) as Metrics;
  expect(metrics).toMatchObject({ device: 'cpu', data: 'drawn', seed: 1, trainImages: 24, valImages: 24 });
  expect(metrics.epochs.map(({ phase }) => phase)).toEqual(['head', 'all']);
  expect(metrics.valAccuracy).toBe(metrics.epochs.at(-1)?.valAccuracy);
  expect(metrics.imagesPerSecond).toBeGreaterThan(0);
  expect(readFileSync(join(out, 'curves.svg'), 'utf8')).toContain('<svg');
  expect(existsSync(join(out, 'mistakes.png')) || metrics.valAccuracy === 1).toBe(true);
  const set = await openAntsAndBees(options());
  const fresh = createBackbone(set.model, 2);
  await fresh.load(join(out, 'model.safetensors'));
  expect((await evaluate(fresh, new DataLoader(set.val, { batch: 8 }))).accuracy).toBe(metrics.valAccuracy);
});

test('a model saved, loaded and evaluated answers the same to the last bit', async () => {
  const { model, val } = await begin();
  const file = join(folder, 'same.safetensors');
  await model.save(file);
  const fresh = createBackbone('squeezenet_small', 2);
  await fresh.load(file);
  expect(valuesOf(fresh)).toEqual(valuesOf(model));
  for await (const [x] of val) {
    const scores = (m: Model) => [...testMode(() => noGrad(() => m.call(x))).values];
    expect(scores(fresh)).toEqual(scores(model));
  }
});

test.each([2, 5])('a run interrupted after batch %i and resumed ends with the same parameters', async (stopAt) => {
  const whole = await begin();
  await whole.trainer.run();
  let batches = 0;
  const broken = await begin({ interrupted: () => ++batches === stopAt });
  expect(await broken.trainer.run()).toBe(false);
  const file = join(folder, `checkpoint${stopAt}.safetensors`);
  await broken.trainer.save(file);
  const resumed = await begin();
  await resumed.trainer.resume(file);
  expect(await resumed.trainer.run()).toBe(true);
  expect(valuesOf(resumed.model)).toEqual(valuesOf(whole.model));
});

test('a training that ends with an error in mid-epoch goes on from what it saved by itself to the same parameters', async () => {
  const whole = await begin();
  await whole.trainer.run();
  const file = join(folder, 'itself.safetensors');
  const cut = new Error('the power is cut');
  let starts = 0;
  const onStart = () => {
    if (++starts === 4) throw cut; // the validation of the second epoch
  };
  const broken = await begin({ checkpoint: { file }, onStart });
  await expect(broken.trainer.run()).rejects.toBe(cut);
  const resumed = await begin();
  await resumed.trainer.resume(file);
  expect(resumed.trainer.epochs, 'the epoch that was complete').toHaveLength(1);
  expect(await resumed.trainer.run()).toBe(true);
  expect(valuesOf(resumed.model)).toEqual(valuesOf(whole.model));
});

test('a checkpoint is not continued with other flags', async () => {
  const set = await openAntsAndBees(options());
  const model = createBackbone(set.model, 2);
  const loaders = { train: new DataLoader(set.train, { batch: 8 }), val: new DataLoader(set.val, { batch: 8 }) };
  const file = join(folder, 'flags.safetensors');
  await new Trainer(model, { ...loaders, phases: [], settings: { batch: 8 } }).save(file);
  const other = new Trainer(model, { ...loaders, phases: [], settings: { batch: 4 } });
  await expect(other.resume(file)).rejects.toThrow('was made with batch 8, not 4');
});

test('--predict needs a model that step 53 saved', async () => {
  await createBackbone('squeezenet_small', 2).save(join(folder, 'plain.safetensors'));
  await expect(predict(folder, join(folder, 'plain.safetensors'))).rejects.toThrow('was not saved by step 53');
});
