import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { loadTensors } from '../../dezero/io';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 }); // each save waits for the disk, which others may keep busy

// A process that is killed in mid-training, so that it can do nothing about it, loses what came after its last checkpoint and no more.

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dezero-killed-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Trains on the spiral with dropout; prints each batch, at the end losses and weights. DIE: kills itself at such a call of that name. */
const program = `
  const { promises: fs } = require('node:fs');
  const { Linear, setSeed } = require('./dezero/index.ts');
  const { DataLoader, Spiral } = require('./dezero/data/index.ts');
  const { relu } = require('./dezero/functions/index.ts');
  const { Dropout } = require('./dezero/layers/index.ts');
  const { Sequential, Trainer } = require('./dezero/models/index.ts');
  const { AdamW } = require('./dezero/optimizers/index.ts');
  const [file, mode, seconds] = process.argv.slice(1);
  let saves = 0;
  const rename = fs.rename;
  const die = () => new Promise(() => process.kill(process.pid, 'SIGKILL'));
  fs.rename = (...names) => (process.env.DIE_BEFORE_RENAME && ++saves === Number(process.env.DIE_BEFORE_RENAME) ? die() : rename(...names));
  setSeed(5);
  const model = new Sequential(new Linear(64, { in: 2 }), relu, new Dropout(0.2), new Linear(3));
  const loader = () => new DataLoader(new Spiral({ n: 40 }), { batch: 24, shuffle: true, seed: 5 });
  const phases = [{ name: 'all', epochs: 3, optimizer: () => new AdamW({ lr: 0.02 }).setup(model) }];
  const trainer = new Trainer(model, {
    train: loader(), val: loader(), phases, seed: 5, checkpoint: { file, seconds: Number(seconds) },
    onBatch: (done, so) => console.log('batch', so.loss),
  });
  void (async () => {
    if (mode === 'resume') await trainer.resume(file);
    await trainer.run();
    const weights = [...model.parameters()].map(([path, p]) => [path, ...p.values]);
    console.log('END ' + JSON.stringify({ epochs: trainer.epochs.map((one) => ({ ...one, seconds: 0 })), weights }));
  })();
`;

interface Ended {
  readonly signal: NodeJS.Signals | null;
  readonly batches: number;
  readonly result: unknown;
}

/** Runs the program; after so many printed batches it is killed from outside. */
function train(file: string, mode: 'begin' | 'resume', { killAfter = Infinity, seconds = 0, dieBeforeRename = '' } = {}): Promise<Ended> {
  const args = ['-r', 'ts-node/register', '-e', program, file, mode, String(seconds)];
  const child = spawn(process.execPath, args, { env: { ...process.env, DIE_BEFORE_RENAME: dieBeforeRename } });
  let out = '';
  let errors = '';
  const batches = () => out.split('\n').filter((line) => line.startsWith('batch')).length;
  child.stderr.on('data', (piece: Buffer) => (errors += piece.toString()));
  child.stdout.on('data', (piece: Buffer) => {
    out += piece.toString();
    if (batches() >= killAfter) child.kill('SIGKILL');
  });
  return new Promise((done) => {
    child.on('close', (_, signal) => {
      expect(errors).toBe('');
      const result: unknown = JSON.parse(/^END (.*)$/m.exec(out)?.[1] ?? 'null');
      done({ signal, batches: batches(), result });
    });
  });
} // prettier-ignore

let whole: Ended;
beforeAll(async () => {
  whole = await train(join(folder, 'whole.safetensors'), 'begin');
  expect(whole.result, 'a run that nobody kills ends').not.toBeNull();
});

const onUnix = test.skipIf(process.platform === 'win32'); // which has no signals

onUnix.each([
  { what: 'in the first epoch, each batch saved', killAfter: 3, seconds: 0 },
  { what: 'in the second epoch, each batch saved', killAfter: 13, seconds: 0 },
  { what: 'in the second epoch, only epochs saved', killAfter: 13, seconds: 1000 },
])('killed $what: what is resumed ends as if nothing had happened', async ({ killAfter, seconds }) => {
  const file = join(folder, `killed-${killAfter}-${seconds}.safetensors`);
  const killed = await train(file, 'begin', { killAfter, seconds });
  expect(killed).toMatchObject({ signal: 'SIGKILL', result: null });
  const resumed = await train(file, 'resume', { seconds });
  expect(resumed.batches, 'the resumed run did not begin anew').toBeLessThan(whole.batches);
  expect(resumed.result).toEqual(whole.result);
});

onUnix('killed again and again, wherever it happens to be, it still ends as if nothing had happened', async () => {
  const file = join(folder, 'often.safetensors');
  let ended = await train(file, 'begin', { killAfter: 3 });
  for (let i = 0; i < 4 && ended.result === null; i++) ended = await train(file, 'resume', { killAfter: i < 3 ? 6 : Infinity }); // prettier-ignore
  expect(ended.result).toEqual(whole.result);
});

onUnix('killed while a checkpoint is being written: the one before is whole', async () => {
  const file = join(folder, 'written.safetensors');
  expect(await train(file, 'begin', { dieBeforeRename: '1' })).toMatchObject({ signal: 'SIGKILL', batches: 1 });
  expect(existsSync(file), 'none yet, and no half one').toBe(false);
  expect(await train(file, 'begin', { dieBeforeRename: '4' })).toMatchObject({ signal: 'SIGKILL', batches: 4 });
  expect(readdirSync(folder).some((name) => name.startsWith('written.safetensors.') && name.endsWith('.part'))).toBe(
    true,
  );
  const { metadata } = await loadTensors(file);
  expect(metadata['dezero.trainer']).toContain('"batch":3');
  expect((await train(file, 'resume')).result).toEqual(whole.result);
});
