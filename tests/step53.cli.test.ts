import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Metrics } from 'dezero/models';

// Step 53 as a reader runs it: a process of its own, its output, its exit code.

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dezero-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the step; `onLine` may answer what it prints with a signal. */
function run(
  flags: string,
  onLine?: (line: string) => NodeJS.Signals | undefined,
  more: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  const args = ['-r', 'ts-node/register', resolve('steps/step53.ts'), ...flags.split(' ')];
  const env = { ...process.env, DEZERO_CACHE: join(folder, 'cache'), DEZERO_MIRROR: 'http://127.0.0.1:9', ...more };
  const child = spawn(process.execPath, args, { env });
  let out = '';
  let err = '';
  child.stderr.on('data', (piece: Buffer) => (err += piece.toString()));
  child.stdout.on('data', (piece: Buffer) => {
    out += piece.toString();
    const signal = onLine?.(piece.toString());
    if (signal) child.kill(signal);
  });
  return new Promise((done) => child.on('close', (code) => done({ code, out, err })));
}

const small = '--data drawn --limit 40 --epochs 2 --batch 8 --seed 4';
const metricsIn = (out: string) => JSON.parse(readFileSync(join(folder, out, 'metrics.json'), 'utf8')) as Metrics;

test.skipIf(process.platform === 'win32').each([
  ['Ctrl-C saves, says how to go on', 'SIGINT'],
  ['killed in mid-training it has saved itself', 'SIGKILL'],
] as const)(
  '%s, and --resume ends where an unbroken run ends',
  async (_, signal) => {
    const whole = await run(`${small} --out ${join(folder, 'whole')}`);
    expect(whole).toMatchObject({ code: 0, err: '' });
    const out = join(folder, 'broken');
    const broken = await run(`${small} --out ${out}`, (line) => (line.includes('epoch 1 ') ? signal : undefined));
    if (signal === 'SIGKILL') expect(broken.code, 'it could not even end properly').toBeNull();
    const told = /^Saved. To go on: npm start -- (.*)$/m.exec(broken.out)?.[1] ?? 'nothing';
    const flags = signal === 'SIGINT' ? told : `${small} --out ${out} --resume ${out}/checkpoint.safetensors`;
    const resumed = await run(flags);
    expect(resumed).toMatchObject({ code: 0, err: '' });
    const results = ['whole', 'broken'].map((name) => {
      const { epochs, valAccuracy } = metricsIn(name);
      return { valAccuracy, epochs: epochs.map((epoch) => ({ ...epoch, seconds: 0 })) };
    });
    expect(results[1]).toEqual(results[0]);
    const model = (name: string) => readFileSync(join(folder, name, 'model.safetensors'));
    expect(model('broken').equals(model('whole'))).toBe(true);
    expect(existsSync(`${out}/checkpoint.safetensors`), 'it is no longer needed').toBe(false);
    rmSync(out, { recursive: true });
  },
  60_000,
);

test.skipIf(process.platform === 'win32')(
  '--checkpoint puts it elsewhere, and none keeps none',
  async () => {
    const out = join(folder, 'elsewhere');
    const stop = (line: string) => (line.includes('epoch 1 ') ? ('SIGINT' as const) : undefined);
    const kept = await run(`${small} --out ${out} --checkpoint ${folder}/kept.safetensors`, stop);
    expect(kept.out).toMatch(/Saved. To go on: .* --checkpoint \S+kept.safetensors --resume \S+kept.safetensors\n/);
    expect(readdirSync(folder)).toContain('kept.safetensors');
    expect((await run(`${small} --out ${out} --checkpoint none`, stop)).out).toContain('Ended, and nothing saved.');
    expect(existsSync(out)).toBe(false);
  },
  60_000,
);

test.skipIf(process.platform !== 'linux')(
  '--device gpu without a driver ends with code 1 and one clear line',
  async () => {
    const ended = await run('--data drawn --device gpu', undefined, { VK_ICD_FILENAMES: '/nowhere.json' });
    expect(ended).toMatchObject({ code: 1, err: expect.stringMatching(/^no gpu is available here.*\n$/) as string });
  },
);

test.each([
  ['--data nowhere --weights none', 1, 'nowhere: there is no such file or folder'],
  ['--data drawn --weights nowhere.pth', 1, 'nowhere.pth'],
  ['--data drawn --limit 10 --batch 11', 1, 'batch 11 is larger than the set of 10'],
  ['--data drawn --resume nowhere.safetensors', 1, 'nowhere.safetensors'],
  [
    '--data drawn --resume dezero/models/pretrained/squeezenetSmall.safetensors',
    1,
    'squeezenetSmall.safetensors holds a model, not an interrupted training',
  ],
  ['--data drawn --resume package.json', 1, 'package.json: not a safetensors, npz or PyTorch file'],
  ['--data drawn --device cpu --mixed', 1, 'mixed precision: the cpu has no numbers of 16 bits'],
  ['--predict me.jpg', 1, 'model.safetensors'],
  ['--colour red', 2, "unknown option '--colour'"],
])(
  '%s ends with code %i and one clear line',
  async (flags, code, message) => {
    const { err, ...ended } = await run(`${flags} --out ${join(folder, 'bad')}`);
    expect(err).toContain(message);
    expect(err.trim()).not.toContain('\n');
    expect(ended.code).toBe(code);
  },
  30_000,
);

test('weights cut off in the middle are refused by name', async () => {
  mkdirSync(join(folder, 'other'), { recursive: true });
  const file = join(folder, 'other', 'cut.safetensors');
  writeFileSync(file, readFileSync(resolve('dezero/models/pretrained/squeezenetSmall.safetensors')).subarray(0, 5000));
  const { code, err } = await run(`--data drawn --weights ${file} --out ${join(folder, 'bad')}`);
  expect(code).toBe(1);
  expect(err).toContain('cut.safetensors');
  expect(err.trim()).not.toContain('\n');
});
