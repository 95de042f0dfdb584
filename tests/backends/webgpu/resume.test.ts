import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { DeviceError, Linear, setDevice, setSeed } from 'dezero';
import { DataLoader, Spiral } from 'dezero/data';
import * as F from 'dezero/functions';
import { Dropout } from 'dezero/layers';
import { Sequential, Trainer, type Metrics } from 'dezero/models';
import { AdamW } from 'dezero/optimizers';
import { gpu, needsGpu } from './gpu';

// Training on the gpu as step 53 does it: lost and resumed, and as a program of its own.
needsGpu();

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dezero-gpu-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => setDevice('cpu'));

function trainer(interrupted?: () => boolean): Trainer {
  setSeed(11);
  const model = new Sequential(new Linear(16, { in: 2 }), F.relu, new Dropout(0.2), new Linear(3));
  const loader = () => new DataLoader(new Spiral({ n: 16 }), { batch: 16, shuffle: true, seed: 3 });
  const phases = [{ name: 'all', epochs: 2, optimizer: () => new AdamW({ lr: 0.02 }).setup(model) }];
  return new Trainer(model, {
    train: loader(),
    val: loader(),
    phases,
    seed: 3,
    ...(interrupted ? { interrupted } : {}),
  });
}

test('a training whose gpu is lost stops with one clear error, and goes on from its checkpoint to the same end', async () => {
  await setDevice('gpu');
  const whole = trainer();
  expect(await whole.run()).toBe(true);

  let batches = 0;
  const broken = trainer(() => ++batches === 2);
  expect(await broken.run()).toBe(false);
  await broken.save(join(folder, 'checkpoint.safetensors'));
  gpu().close();
  await expect(broken.run()).rejects.toThrow(DeviceError);
  await expect(broken.run()).rejects.toThrow(/the gpu was lost.*--resume/);

  await setDevice('gpu'); // another one
  const resumed = await trainer().resume(join(folder, 'checkpoint.safetensors'));
  expect(await resumed.run()).toBe(true);
  const records = (one: Trainer) => one.epochs.map((epoch) => ({ ...epoch, seconds: 0 }));
  expect(records(resumed)).toEqual(records(whole));
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
