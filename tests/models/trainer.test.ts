import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { asVariable, type Operand, type Variable } from '../../dezero/core';
import { DataLoader, Dataset } from '../../dezero/data';
import { relu } from '../../dezero/functions';
import { Dropout, Linear } from '../../dezero/layers';
import { evaluate, Model, Sequential, Trainer, type Phase, type TrainerOptions } from '../../dezero/models';
import { loadTensors, saveTensors } from '../../dezero/io';
import { array, DeviceError, Generator, setSeed, type NDArray } from '../../dezero/ndarray';
import { AdamW, LossScaler, type Optimizer } from '../../dezero/optimizers';

/** Points of two classes that overlap a little. */
class Points extends Dataset {
  readonly length = 40;
  override get(index: number): Promise<[NDArray, number]> {
    const generator = new Generator(7, index);
    const label = index % 2;
    return Promise.resolve([array(Float32Array.of(generator.normal() + 2 * label, generator.normal())), label]);
  }
}

class Net extends Model {
  readonly features = new Sequential(new Linear(16, { in: 2 }), relu);
  readonly classifier = new Sequential(new Dropout(0.3), new Linear(2, { in: 16 }));
  override forward(x: Operand): Variable {
    return this.classifier.call(this.features.call(asVariable(x)));
  }
}

const optimizerOf = (model: Model) => () => new AdamW({ lr: 0.02 }).setup(model);
const phasesOf = (model: Model): Phase[] => [
  { name: 'head', epochs: 2, frozen: ['features'], optimizer: optimizerOf(model) },
  { name: 'all', epochs: 2, optimizer: optimizerOf(model) },
];

function setUp(options: Partial<TrainerOptions> = {}): { model: Net; trainer: Trainer; val: DataLoader } {
  setSeed(11);
  const model = new Net();
  const train = new DataLoader(new Points(), { batch: 8, shuffle: true, seed: 3 });
  const val = new DataLoader(new Points(), { batch: 16 });
  return { model, val, trainer: new Trainer(model, { train, val, phases: phasesOf(model), seed: 3, ...options }) };
}

const valuesOf = (model: Model) => [...model.parameters()].map(([, p]) => [...p.values]);

test('a training learns, and its last record is what evaluate says', async () => {
  const { model, trainer, val } = setUp();
  expect(await trainer.run()).toBe(true);
  const { epochs } = trainer;
  expect(epochs.map(({ phase }) => phase)).toEqual(['head', 'head', 'all', 'all']);
  expect(epochs[3]?.trainLoss).toBeLessThan(epochs[0]?.trainLoss ?? 0);
  const evaluation = await evaluate(model, val);
  expect(evaluation.accuracy).toBe(epochs[3]?.valAccuracy);
  expect(evaluation.answers).toHaveLength(40);
  const right = evaluation.answers.filter(({ label, prediction }) => label === prediction).length;
  expect(right / 40).toBeCloseTo(evaluation.accuracy, 12);
});

test('frozen layers do not move in their phase, and move in the next', async () => {
  const { model, trainer } = setUp({ phases: [] });
  const features = () => valuesOf(model).slice(0, 2);
  const before = features();
  expect(await trainer.run()).toBe(true);
  const first = new Trainer(model, { ...optionsOf(), phases: phasesOf(model).slice(0, 1) });
  await first.run();
  expect(features()).toEqual(before);
  const second = new Trainer(model, { ...optionsOf(), phases: phasesOf(model).slice(1) });
  await second.run();
  expect(features()).not.toEqual(before);
});

function optionsOf(): { train: DataLoader; val: DataLoader } {
  return { train: new DataLoader(new Points(), { batch: 8 }), val: new DataLoader(new Points(), { batch: 8 }) };
}

test.each([1, 7, 12, 18])(
  'a run interrupted after batch %i and resumed ends with the same parameters and records',
  async (stopAt) => {
    const whole = setUp();
    await whole.trainer.run();
    let batches = 0;
    const broken = setUp({
      interrupted: () => {
        batches++;
        return batches === stopAt;
      },
    });
    expect(await broken.trainer.run()).toBe(false);
    const file = join(mkdtempSync(join(tmpdir(), 'dezero-')), 'checkpoint.safetensors');
    await broken.trainer.save(file);
    const resumed = setUp();
    await resumed.trainer.resume(file);
    expect(await resumed.trainer.run()).toBe(true);
    expect(valuesOf(resumed.model)).toEqual(valuesOf(whole.model));
    const withoutTime = (trainer: Trainer) => trainer.epochs.map((record) => ({ ...record, seconds: 0 }));
    expect(withoutTime(resumed.trainer)).toEqual(withoutTime(whole.trainer));
  },
);

test('a saved model is no checkpoint to resume from', async () => {
  const { model, trainer } = setUp();
  const file = join(mkdtempSync(join(tmpdir(), 'dezero-')), 'model.safetensors');
  await model.save(file);
  await expect(trainer.resume(file)).rejects.toThrow('not an interrupted training');
});

const newFile = () => join(mkdtempSync(join(tmpdir(), 'dezero-')), 'checkpoint.safetensors');

test('with a checkpoint, a training is saved after each epoch before it is told of, and can go on from each', async () => {
  const whole = setUp();
  await whole.trainer.run();
  const file = newFile();
  const copies: Buffer[] = [];
  const { trainer } = setUp({ checkpoint: { file }, onEpoch: () => copies.push(readFileSync(file)) });
  expect(await trainer.run()).toBe(true);
  expect(copies).toHaveLength(4);
  for (const [i, copy] of copies.entries()) {
    writeFileSync(file, copy);
    const resumed = setUp();
    await resumed.trainer.resume(file);
    expect(resumed.trainer.epochs).toHaveLength(i + 1);
    expect(await resumed.trainer.run()).toBe(true);
    expect(valuesOf(resumed.model)).toEqual(valuesOf(whole.model));
  }
});

test('within an epoch it is saved as often as asked for', async () => {
  const whole = setUp();
  await whole.trainer.run();
  for (const [seconds, batches] of [
    [0, 7],
    [1000, 5],
  ] as const) {
    // prettier-ignore
    const file = newFile();
    let count = 0;
    const stop = new Error('the power is cut');
    const onBatch = (_: number, { loss }: { loss: number }) => {
      if (loss > 0 && ++count === 11) throw stop; // 5 batches, 3 of the validation, and 3 more
    };
    await expect(setUp({ checkpoint: { file, seconds }, onBatch }).trainer.run()).rejects.toBe(stop);
    const resumed = setUp();
    await resumed.trainer.resume(file);
    const { step } = JSON.parse((await loadTensors(file)).metadata['dezero.trainer'] ?? '{}') as { step?: number };
    expect(step).toBe(batches);
    expect(await resumed.trainer.run()).toBe(true);
    expect(valuesOf(resumed.model)).toEqual(valuesOf(whole.model));
  }
});

test('an interrupted training with a checkpoint has saved itself', async () => {
  const file = newFile();
  let batches = 0;
  const { trainer } = setUp({ checkpoint: { file }, interrupted: () => ++batches === 3 });
  expect(await trainer.run()).toBe(false);
  const resumed = setUp();
  await resumed.trainer.resume(file);
  expect(await resumed.trainer.run()).toBe(true);
});

test('a device that fails: the error says where the training is safe, and how to go on', async () => {
  const file = newFile();
  const failing = (after: number, more: Partial<TrainerOptions> = {}) => {
    let batches = 0;
    const onBatch = () => {
      if (++batches > after) throw new DeviceError('the gpu was lost');
    };
    return setUp({ onBatch, ...more }).trainer;
  };
  const checkpoint = { file, howToResume: (it: string) => `npm start -- --resume ${it}` };
  await expect(failing(0).run()).rejects.toThrow(/^the gpu was lost\. Nothing had been saved$/);
  const early = failing(0, { checkpoint });
  await expect(early.run()).rejects.toThrow(`the gpu was lost. ${file} was not yet written; begin anew`);
  expect(existsSync(file)).toBe(false);
  const late = failing(9, { checkpoint });
  await expect(late.run()).rejects.toThrow(
    `the gpu was lost. The training up to the end of epoch 1 is safe in ${file}; to go on from there: npm start -- --resume ${file}`,
  );
  // Lost again before anything more is saved: still safe there
  const again = await failing(0, { checkpoint: { file: `${file}.2` } }).resume(file);
  await expect(again.run()).rejects.toThrow(`end of epoch 1 is safe in ${file}; to go on from there: trainer.resume('${file}')`); // prettier-ignore
});

test('what is no checkpoint of this training is refused in one line that names the file, and changes nothing', async () => {
  const file = newFile();
  await setUp({ checkpoint: { file } }).trainer.run();
  const whole = readFileSync(file);
  const { tensors, metadata } = await loadTensors(file);
  const position = JSON.parse(metadata['dezero.trainer'] ?? '{}') as Record<string, unknown>;
  const withPosition = (text: string) => saveTensors(file, tensors, { ...metadata, 'dezero.trainer': text });
  const changed = (more: Record<string, unknown>) => withPosition(JSON.stringify({ ...position, ...more }));
  const cases: [what: string, make: () => Promise<void> | void, message: RegExp][] = [
    ['cut off', () => writeFileSync(file, whole.subarray(0, whole.length - 100)), /cut off or damaged/],
    ['cut off in its header', () => writeFileSync(file, whole.subarray(0, 200)), /./],
    ['empty', () => writeFileSync(file, ''), /it is empty/],
    ['a web page', () => writeFileSync(file, '<!doctype html><p>Not found'), /not a safetensors, npz or PyTorch file/],
    ['no JSON', () => withPosition('{"phase": 1'), /what it says of the training cannot be read; the file is damaged/],
    ['no object', () => withPosition('null'), /what it says of the training cannot be read/],
    ['a phase too many', () => changed({ phase: 3 }), /at a place that this training does not have/],
    ['an epoch too many', () => changed({ phase: 1, epoch: 3 }), /at a place that this training does not have/],
    ['a batch too many', () => changed({ phase: 0, epoch: 0, batch: 6 }), /at a place that this training does not have/],
    ['no number', () => changed({ step: 'one' }), /at a place that this training does not have/],
    ['no records', () => changed({ epochs: undefined }), /at a place that this training does not have/],
    ['another network', () => saveTensors(file, new Map([...tensors].slice(1)), metadata), /does not fit Net: missing/],
    ['another optimizer', () => saveTensors(file, new Map([...tensors].filter(([name]) => !name.startsWith('optimizer.'))), { ...metadata, 'dezero.trainer': JSON.stringify({ ...position, phase: 1, epoch: 1 }) }), /holds no optimizer state/],
  ]; // prettier-ignore
  for (const [what, make, message] of cases) {
    await make();
    const { model, trainer } = setUp();
    const before = valuesOf(model);
    const error = await trainer.resume(file).then(() => null, (error: Error) => error); // prettier-ignore
    expect(error, what).toMatchObject({ name: 'DataError', message: expect.stringMatching(message) as string });
    expect(error?.message, what).toContain(file);
    expect(error?.message, what).not.toContain('\n');
    if (what !== 'another optimizer') expect(valuesOf(model), what).toEqual(before);
  }
});

test('with a scaled loss the result is the same to the last bit, interrupted or not', async () => {
  const { model, trainer } = setUp();
  await trainer.run();
  const scaled = setUp({ lossScaler: new LossScaler({ scale: 2 ** 10, growAfter: 7 }) });
  await scaled.trainer.run();
  expect(valuesOf(scaled.model)).toEqual(valuesOf(model));

  let batches = 0;
  const stopped = setUp({
    lossScaler: new LossScaler({ scale: 2 ** 10, growAfter: 7 }),
    interrupted: () => ++batches === 9,
  });
  expect(await stopped.trainer.run()).toBe(false);
  const file = join(mkdtempSync(join(tmpdir(), 'trainer-')), 'checkpoint.safetensors');
  await stopped.trainer.save(file);
  const lossScaler = new LossScaler();
  const resumed = setUp({ lossScaler });
  await resumed.trainer.resume(file);
  expect([lossScaler.scale, lossScaler.good]).toEqual([2 ** 11, 2]);
  await resumed.trainer.run();
  expect(valuesOf(resumed.model)).toEqual(valuesOf(model));
});

test('updates with gradients that are not finite are left out, and the scale is halved until they are', async () => {
  const lossScaler = new LossScaler({ scale: 2 ** 30 });
  const optimizers: Optimizer[] = [];
  const phases: Phase[] = [{ name: 'all', epochs: 12, optimizer: () => (optimizers[0] = optimizerOf(model)()) }];
  const { model, trainer } = setUp({ lossScaler, train: new DataLoader(new Points(), { batch: 40 }), phases });
  // Weights of one class that pull too hard for float32, if the loss is scaled by as much.
  for (const [path, p] of model.parameters()) {
    if (path === 'classifier.1.weight') p.values.forEach((_, i) => (p.values[i] = i % 2 === 0 ? 3e32 : 0));
  }
  await trainer.run();
  const halved = 30 - Math.log2(lossScaler.scale);
  expect(halved).toBeGreaterThan(2);
  expect(halved).toBeLessThan(12);
  expect(optimizers[0]?.steps).toBe(12 - halved);
  expect(valuesOf(model).flat().every(Number.isFinite)).toBe(true);
});
