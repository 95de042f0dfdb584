import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test, vi } from 'vitest';
import { memoryScope, Parameter, zeros } from '../../dezero';
import { CpuBackend } from '../../dezero/backends/cpu/cpu';
import { kernelMemory, KernelMemory } from '../../dezero/backends/cpu/memory';
import type { CpuStorage } from '../../dezero/backends/cpu/storage';

setFlagsFromString('--expose_gc');
const collect = runInNewContext('gc') as () => void;
const pointerOf = ({ data }: Parameter) => (data.storage as CpuStorage).pointer;
const parameter = (n: number) => new Parameter(zeros([n], { dtype: 'float32' }));

test('a parameter lies where the kernels work on it in place, a small one anywhere', () => {
  expect(pointerOf(parameter(5000))).toBeGreaterThan(0);
  expect(pointerOf(parameter(10))).toBe(-1);
});

test('memory of a parameter that nobody has any more, or that has another value, is used again', async () => {
  const before = kernelMemory.used;
  const make = () => Array.from({ length: 20 }, () => parameter(2 ** 18));
  const models = [make()];
  expect(kernelMemory.used - before).toBeGreaterThanOrEqual(20 * 2 ** 20);
  for (const p of models.pop() ?? []) p.data = zeros([10], { dtype: 'float32' });
  {
    using _ = memoryScope(); // who lets go outside all scopes leaves it to the next
  }
  expect(kernelMemory.used - before).toBeLessThan(2 ** 20);

  models.push(make());
  expect(models[0]).toHaveLength(20);
  models.pop();
  for (let i = 0; i < 50 && kernelMemory.used - before > 2 ** 20; i++) {
    collect();
    await wait(10);
  }
  expect(kernelMemory.used - before).toBeLessThan(2 ** 20);
});

test('where the memory is full, arrays are ordinary ones, which is said once', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  const backend = new CpuBackend(new KernelMemory(2 ** 24));
  expect(backend.alloc('float32', 2 ** 20, true).pointer).toBeGreaterThan(0);
  for (let i = 0; i < 3; i++) expect(backend.alloc('float32', 2 ** 22, true).pointer).toBe(-1);
  expect(warn.mock.calls).toEqual([
    ["the kernels' memory of 0.02 GiB is full: arrays from here on are ordinary ones, and training is slower; a smaller batch needs less"],
  ]); // prettier-ignore
  warn.mockRestore();
});
