import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needsGpu } from './gpu';

// A program that used the gpu ends by itself, whatever happened, and one that finds none says so.

let folder: string;
beforeAll(() => {
  mkdirSync('out', { recursive: true });
  folder = mkdtempSync(resolve('out', 'exit-')); // inside the project, so that it finds the package
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const begin = `import { array, nd, setDevice, setSeed } from 'dezero';
import { runMain } from 'dezero/utils';
async function main(): Promise<void> {
  await setDevice('gpu');
  const x = nd.add(array(Float32Array.of(1, 2)), 1);
`;
const end = '}\nvoid runMain(main);\n';

function run(name: string, body: string, env: NodeJS.ProcessEnv = {}) {
  const file = join(folder, `${name}.ts`);
  writeFileSync(file, begin + body + end);
  const child = spawn(process.execPath, ['-r', 'ts-node/register', file], { env: { ...process.env, ...env } });
  let out = '';
  let err = '';
  child.stdout.on('data', (piece: Buffer) => (out += piece.toString()));
  child.stderr.on('data', (piece: Buffer) => (err += piece.toString()));
  return new Promise<{ code: number | null; out: string; err: string }>((done) => {
    child.on('close', (code) => done({ code, out, err }));
  });
}

test.skipIf(process.platform !== 'linux')('without a driver: one clear line, and code 1', async () => {
  const { code, err } = await run('none', '', { VK_ICD_FILENAMES: '/nowhere.json' });
  expect(code).toBe(1);
  // Dawn has warnings of its own about the driver.
  expect(err.split('\n').filter((line) => line.startsWith('no gpu is available here'))).toHaveLength(1);
  expect(err).not.toContain('at openDevice');
});

const ways: Record<string, readonly [body: string, code: number, says: string]> = {
  'after all is read back': ["console.log(String(await x.to('cpu')));", 0, '[2 3]'],
  'with work that nobody waits for': ['for (let i = 0; i < 50; i++) nd.mul(x, 2);', 0, ''],
  'while something is being read back': ["void x.to('cpu');", 0, ''],
  'after an error': ['nd.add(x, array(Float32Array.of(1, 2, 3)));', 1, 'add: shapes (2,) and (3,) do not fit'],
};

describe('a program ends', () => {
  needsGpu();
  test.each(Object.entries(ways))('%s', { timeout: 20_000 }, async (name, [body, code, says]) => {
    const ended = await run(name.replaceAll(' ', '-'), body);
    expect(ended.out + ended.err).toContain(says);
    expect(ended.code).toBe(code);
  });
});
