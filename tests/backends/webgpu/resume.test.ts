import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { DeviceError, Linear, setDevice, setSeed } from 'dezero';
import { DataLoader, Spiral } from 'dezero/data';
import * as F from 'dezero/functions';
import { Dropout } from 'dezero/layers';
import { Sequential, Trainer, type Metrics, type TrainerOptions } from 'dezero/models';
import { AdamW } from 'dezero/optimizers';
import type { FineTuneOptions } from 'dezero/utils';
import { main } from '../../../steps/step53';
import { gpu, needsGpu } from './gpu';

// Training on the gpu as step 53 does it: lost and resumed, and as a program of its own.
needsGpu();

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dezero-gpu-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => setDevice('cpu'));

function trainer(more: Partial<TrainerOptions> = {}): Trainer {
  setSeed(11);
  const model = new Sequential(new Linear(16, { in: 2 }), F.relu, new Dropout(0.2), new Linear(3));
  const loader = () => new DataLoader(new Spiral({ n: 16 }), { batch: 16, shuffle: true, seed: 3 });
  const phases = [{ name: 'all', epochs: 2, optimizer: () => new AdamW({ lr: 0.02 }).setup(model) }];
  return new Trainer(model, {
    train: loader(),
    val: loader(),
    phases,
    seed: 3,
    ...more,
  });
}

test('a training whose gpu is lost stops with one clear error, and goes on from its checkpoint to the same end', async () => {
  await setDevice('gpu');
  const whole = trainer();
  expect(await whole.run()).toBe(true);

  let batches = 0;
  const broken = trainer({ interrupted: () => ++batches === 2 });
  expect(await broken.run()).toBe(false);
  await broken.save(join(folder, 'checkpoint.safetensors'));
  gpu().close();
  await expect(broken.run()).rejects.toThrow(DeviceError);
  await expect(broken.run()).rejects.toThrow(/the gpu was lost.* Nothing had been saved$/);

  await setDevice('gpu'); // another one
  const resumed = await trainer().resume(join(folder, 'checkpoint.safetensors'));
  expect(await resumed.run()).toBe(true);
  const records = (one: Trainer) => one.epochs.map((epoch) => ({ ...epoch, seconds: 0 }));
  expect(records(resumed)).toEqual(records(whole));
});

test('a checkpoint that a trainer wrote by itself before the gpu was lost in mid-epoch goes on on the cpu', async () => {
  await setDevice('gpu');
  const file = join(folder, 'itself.safetensors');
  let batches = 0;
  const lose = () => {
    if (++batches === 8) gpu().close(); // three batches, three of the validation, and the second of the next epoch
  };
  const broken = trainer({ checkpoint: { file, seconds: 0 }, onBatch: lose });
  await expect(broken.run()).rejects.toThrow(
    `The training up to epoch 2, batch 1, is safe in ${file}; to go on from there: trainer.resume('${file}')`,
  );
  await setDevice('cpu');
  const whole = trainer();
  await whole.run();
  const resumed = await trainer().resume(file);
  expect(await resumed.run()).toBe(true);
  const losses = (one: Trainer) => one.epochs.flatMap(({ trainLoss, valLoss }) => [trainLoss, valLoss]);
  expect(losses(resumed)).toBeAllClose(losses(whole), { rtol: 0, atol: 1e-3 });
});

test('step 53 on a gpu that is lost: one clear error with the command that goes on, and it does, on the cpu', async () => {
  const out = join(folder, 'lost');
  const options: FineTuneOptions = { data: 'drawn', device: 'gpu', batch: 8, seed: 1, limit: 24, epochs: 1, out, verbose: false }; // prettier-ignore
  const log = vi.spyOn(console, 'log').mockImplementation((line) => {
    if (String(line).startsWith('epoch 1 ')) gpu().close();
  });
  try {
    const file = `${out}/checkpoint.safetensors`;
    const command = `npm start -- --data drawn --device gpu --batch 8 --seed 1 --limit 24 --epochs 1 --out ${out} --resume ${file}`;
    const error = await main(options).then(() => null, (error: Error) => error); // prettier-ignore
    expect(error).toBeInstanceOf(DeviceError);
    expect(error?.message).toMatch(/^the gpu was lost/);
    expect(error?.message).not.toContain('\n');
    expect(error?.message).toContain(`The training up to the end of epoch 1 is safe in ${file}; to go on from there: ${command}`); // prettier-ignore
    await main({ ...options, device: 'cpu', resume: file });
    const { epochs, device } = JSON.parse(readFileSync(join(out, 'metrics.json'), 'utf8')) as Metrics;
    expect([device, epochs.map(({ phase }) => phase)]).toEqual(['cpu', ['head', 'all']]);
  } finally {
    log.mockRestore();
  }
});

test(
  'step 53 with --device gpu ends by itself, with the losses of the cpu within 1e-3',
  { timeout: 240_000 },
  async () => {
    const run = async (device: string) => {
      const flags = `--device ${device} --data drawn --limit 24 --epochs 1 --out ${join(folder, device)}`.split(' ');
      const env = { ...process.env, DEZERO_CACHE: join(folder, 'cache'), DEZERO_MIRROR: 'http://127.0.0.1:9' };
      const child = spawn(process.execPath, ['-r', 'ts-node/register', resolve('steps/step53.ts'), ...flags], { env });
      const code = await new Promise((done) => child.on('close', done));
      expect(code).toBe(0);
      return JSON.parse(readFileSync(join(folder, device, 'metrics.json'), 'utf8')) as Metrics;
    };
    const [here, there] = [await run('cpu'), await run('gpu')];
    expect(there.device).toBe('gpu');
    const losses = ({ epochs }: Metrics) => epochs.flatMap(({ trainLoss, valLoss }) => [trainLoss, valLoss]);
    expect(losses(there)).toBeAllClose(losses(here), { rtol: 0, atol: 1e-3 });
  },
);
