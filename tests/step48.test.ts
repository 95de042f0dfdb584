import { expect, test } from 'vitest';
import { array, hasDevice, keep, Linear, memoryInfo, memoryScope, nd, ones, randn, setDevice, type DeviceName } from 'dezero'; // prettier-ignore
import { profile } from 'dezero/utils';
import { bytesHeld, main, Run, timeProduct, train } from '../steps/step48';
import { captured } from './captured';

const MiB = 2 ** 20;
const devices = async (): Promise<DeviceName[]> => ((await hasDevice('gpu')) ? ['cpu', 'gpu'] : ['cpu']);

test('the loss falls, and a seed gives the same training again', async () => {
  const losses = await train('cpu', 12);
  const [first = 0] = losses;
  const message = 'the loss does not fall: are the gradients cleared, and is update() called?';
  expect(losses.at(-1), message).toBeLessThan(0.6 * first);
  expect(await train('cpu', 12)).toEqual(losses);
});

test('the same training on cpu and gpu agrees', async (context) => {
  if (!(await hasDevice('gpu'))) return context.skip('there is no gpu here');
  const [here, there] = [await train('cpu', 12), await train('gpu', 12)];
  expect(there).toBeAllClose(here, { rtol: 1e-4 });
});

test('setDevice says where new arrays and parameters are made, and auto takes what there is', async () => {
  for (const device of await devices()) {
    expect(await setDevice(device)).toBe(device);
    expect(ones([2], { dtype: 'float32' }).device).toBe(device);
    expect(new Linear(1, { in: 1 }).weight.device).toBe(device);
  }
  expect(['cpu', 'gpu']).toContain(await setDevice('auto'));
  await setDevice('cpu');
  expect(array([1]).device).toBe('cpu');
});

test('a model moves to the gpu and back with all its parameters; a number is read only after waiting', async (context) => {
  if (!(await hasDevice('gpu'))) return context.skip('there is no gpu here');
  const layer = new Linear(2, { in: 3 });
  const before = layer.weight.values.slice();
  expect(layer.to('gpu').weight.device).toBe('gpu');
  expect(() => layer.weight.values).toThrow("await x.to('cpu')");
  await layer.to('cpu');
  expect(layer.weight.values).toEqual(before);
});

test('a scope frees what is made in it, so that a loop needs no more memory the longer it runs', async () => {
  for (const device of await devices()) {
    expect(bytesHeld(device, true), 'a scope frees what is made in it when it ends').toEqual([0, 0, 0]);
    expect(bytesHeld(device, false)).toEqual([MiB, 2 * MiB, 3 * MiB]);
  }
});

test('what a scope has freed says so; what was passed to keep lives on', () => {
  const x = randn([3], { seed: 0, dtype: 'float32' });
  const make = (kept: boolean) => {
    using _ = memoryScope();
    const y = nd.mul(x, 2);
    if (kept) keep(y);
    return y;
  };
  expect(() => nd.add(make(false), 1)).toThrow('was freed when its memory scope ended; pass it to keep(…)');
  expect(() => nd.add(make(true), 1), 'keep saves an array from the innermost scope').not.toThrow();
});

test('an epoch leaves as much memory in use as it found', async () => {
  const run = new Run('cpu');
  const epoch = () => run.epoch().catch((error: Error) => error.message);
  await epoch();
  const before = memoryInfo('cpu').bytes;
  expect(await epoch(), 'keep what the scope of the epoch still needs').toBeTypeOf('number');
  expect(memoryInfo('cpu').bytes).toBeLessThanOrEqual(before); // less where the garbage collector finds what other tests left
});

test('a product is timed until the call returns, and until the result is here', async () => {
  for (const device of await devices()) {
    const [returns, done] = await timeProduct(device, 16);
    expect(returns).toBeGreaterThan(0);
    expect(done).toBeGreaterThanOrEqual(returns);
  }
});

test('profile counts every operation, its time, and the additions and multiplications of products', async () => {
  const x = randn([8, 8], { seed: 0, dtype: 'float32' });
  const { operations } = await profile(() => nd.sum(nd.matmul(nd.matmul(x, x), x)), { print: () => undefined });
  const matmul = operations.find(({ name }) => name === 'matmul');
  expect(matmul?.count, 'profile counts every operation').toBe(2);
  expect(matmul?.gigaflop).toBeCloseTo((2 * 2 * 8 ** 3) / 1e9, 12);
  expect(matmul?.milliseconds).toBeGreaterThan(0);
});

test('the step prints the losses, the times, the memory and the profile of each device there is', async () => {
  const lines = await captured(() => main({ epochs: 2, sizes: [8, 16] }));
  const there = await devices();
  if (there.length < 2) expect(lines[0]).toContain('There is no gpu here');
  for (const device of there) {
    expect(lines.filter((line) => new RegExp(`^  ${device}(  \\d\\.\\d{5}){3}$`).test(line))).toHaveLength(1);
    expect(lines.filter((line) => new RegExp(`^  ${device}  n \\d+ +\\d+\\.\\d\\d +\\d+\\.\\d\\d$`).test(line))).toHaveLength(2); // prettier-ignore
  }
  expect(lines).toContain('  a scope in each: 0, 0, 0');
  expect(lines).toContain('  one around all:  1, 2, 3');
  expect(lines.some((line) => /^ {2}operation +count +ms/.test(line))).toBe(true);
  expect(lines).toContain('  out/step48/times.svg');
});
