import { execFileSync, spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

/** Runs a program on the package in a process of its own; what it prints. */
function run(program: string, settings: Record<string, string> = {}): { lines: string[]; errors: string } {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['-r', 'ts-node/register', '-e', program], {
    env: { ...process.env, ...settings },
    encoding: 'utf8',
    timeout: 60_000,
  });
  expect(status, stderr).toBe(0);
  return { lines: stdout.trim().split('\n'), errors: stderr };
}

/** A convolution, there and back, and a product, as digits; at first, what is said before it. */
const work = (before = '') => `
  ${before}
  const { nd, variable, randn } = require('./dezero/index.ts');
  const F = require('./dezero/functions/index.ts');
  const [x, W] = [[8, 16, 20, 20], [32, 16, 3, 3]].map((shape, seed) => variable(randn(shape, { seed, dtype: 'float32' })));
  F.relu(F.conv2d(x, W, null, { pad: 1 })).sum().backward();
  const digits = (a) => nd.sum(nd.mul(a, a)).item().toPrecision(4);
  const big = randn([300, 300], { seed: 2, dtype: 'float32' });
  console.log(digits(x.grad.data), digits(W.grad.data), digits(nd.matmul(big, big)));
`;

const expected = run(work(), { DEZERO_BLAS: 'off', DEZERO_THREADS: '1' }).lines;

test('the loops alone, several threads, and whatever BLAS there is give the same results', () => {
  expect(expected[0]).toMatch(/^[\d.e+]+ [\d.e+]+ [\d.e+]+$/);
  expect(run(work(), { DEZERO_BACKEND: 'reference' }).lines).toEqual(expected);
  expect(run(work(), { DEZERO_BLAS: 'off', DEZERO_THREADS: '3' }).lines).toEqual(expected);
  expect(run(work(), { DEZERO_BLAS: '' }).lines).toEqual(expected);
  const other = `const { nd, randn } = require('./dezero/index.ts'); nd.exp(randn([300_000], { seed: 3, dtype: 'float32' }));`;
  expect(run(work(`{ ${other} }`), { DEZERO_BLAS: '' }).lines, 'found by what is no product').toEqual(expected);
});

test.each([
  ['a library that is no BLAS', 'libc.so.6'],
  ['a library that is not there', '/no/such/libblas.so'],
])('%s is said once, and done without', (_, library) => {
  const { lines, errors } = run(work(), { DEZERO_BLAS: library });
  expect(lines).toEqual(expected);
  const told = errors.split('\n').filter((line) => line.includes('DEZERO_BLAS'));
  expect(told).toHaveLength(1);
  expect(told[0]).toContain('going on without BLAS');
});

test('where no memory can be reserved, or none be shared, the results are the same', () => {
  const refuse = `const { Memory } = WebAssembly; WebAssembly.Memory = class extends Memory { constructor(about) { if (about.initial > 2 ** 12 || REFUSED) throw new RangeError('refused'); super(about); } };`; // prettier-ignore
  expect(run(work(refuse.replace('REFUSED', 'false'))).lines, 'a smaller one will do').toEqual(expected);
  expect(run(work(refuse.replace('REFUSED', 'true'))).lines, 'loops need none').toEqual(expected);
  expect(run(work('delete globalThis.SharedArrayBuffer;'), { DEZERO_BLAS: 'off' }).lines).toEqual(expected);
});

test('where threads cannot be had, or die, the results are the same', () => {
  const threads = "const threads = require('node:worker_threads'); const { Worker } = threads;";
  const none = `${threads} threads.Worker = class { constructor() { throw new Error('no thread'); } };`;
  const settings = { DEZERO_BLAS: 'off', DEZERO_THREADS: '3' };
  expect(run(work(none), settings).lines).toEqual(expected);
  const dying = `${threads} threads.Worker = class extends Worker { constructor(...about) { super(...about); void this.terminate(); } };`;
  expect(run(work(dying), settings).lines).toEqual(expected);
});

test('a program that has used threads ends by itself', () => {
  const began = Date.now();
  run(work(), { DEZERO_BLAS: 'off', DEZERO_THREADS: '4' });
  expect(Date.now() - began, 'helpers that wait do not keep the program').toBeLessThan(50_000);
});

test('npm run doctor says what there is', () => {
  const text = execFileSync(process.execPath, ['-r', 'ts-node/register', 'tools/doctor.ts'], {
    env: { ...process.env, DEZERO_BLAS: 'off', DEZERO_THREADS: '3' },
    encoding: 'utf8',
  });
  for (const line of [/^. Node +v\d+/m, /^✓ kernels +WebAssembly with/m, /^✓ threads +3$/m, /^– BLAS +none/m, /^. gpu +/m, /^✓ pictures +sharp/m, /^✓ graphs +/m, /^✓ cache +/m]) expect(text).toMatch(line); // prettier-ignore
});
