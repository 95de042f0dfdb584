import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { asVariable, type Operand, type Variable } from '../../dezero/core';
import { DataLoader, Dataset } from '../../dezero/data';
import { relu } from '../../dezero/functions';
import { Dropout, Linear } from '../../dezero/layers';
import { evaluate, Model, Sequential, Trainer, type Phase, type TrainerOptions } from '../../dezero/models';
import { array, Generator, setSeed, type NDArray } from '../../dezero/ndarray';
import { AdamW } from '../../dezero/optimizers';

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
