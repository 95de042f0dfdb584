import { expect, test } from 'vitest';
import { KernelMemory } from '../../dezero/backends/cpu/memory';

const SIZE = 2 ** 24;

function allocate(memory: KernelMemory, bytes: number): number {
  const at = memory.alloc(bytes);
  if (at === null) throw new Error(`no room for ${bytes} bytes`);
  return at;
}

test('blocks begin at whole cache lines, do not overlap and waste at most an eighth', () => {
  const memory = new KernelMemory(SIZE);
  const blocks: [number, number][] = [];
  for (let bytes = 1; bytes < 100_000; bytes = Math.ceil(bytes * 1.3)) {
    const before = memory.used;
    const at = allocate(memory, bytes);
    expect(at % 64).toBe(0);
    expect(at).toBeGreaterThan(0);
    expect(memory.used - before).toBeGreaterThanOrEqual(bytes);
    expect(memory.used - before).toBeLessThanOrEqual(Math.max(bytes * 1.125, bytes + 63));
    for (const [start, end] of blocks) expect(at + bytes <= start || at >= end).toBe(true);
    blocks.push([at, at + bytes]);
  }
});

test('a freed block is given out again', () => {
  const memory = new KernelMemory(SIZE);
  const first = allocate(memory, 1000);
  allocate(memory, 1000);
  memory.free(first);
  expect(memory.alloc(900)).toBe(first);
});

test('freed neighbours become one block, in whatever order they are freed', () => {
  const memory = new KernelMemory(SIZE);
  const parts = Array.from({ length: 15 }, () => allocate(memory, 2 ** 20));
  expect(memory.alloc(2 ** 20)).toBeNull();
  for (const i of [3, 1, 2, 0, 14, 12, 13, 7, 5, 9, 8, 6, 4, 11, 10]) memory.free(parts[i] ?? 0);
  expect(memory.used).toBe(0);
  expect(memory.alloc(15 * 2 ** 20)).not.toBeNull();
});

test('a loop that allocates the same sizes again needs no more memory than its first turns', () => {
  const memory = new KernelMemory(SIZE);
  const kept: number[] = [];
  let highest = 0;
  const turn = (i: number) => {
    const blocks: number[] = [];
    for (let k = 1; k < 40; k++) {
      const bytes = ((k * 7919) % 60_000) + 4;
      blocks.push(allocate(memory, bytes));
      if (i < 2 && k % 8 === 0) kept.push(allocate(memory, bytes / 4)); // an optimizer's state, made in the first turns
    }
    highest = Math.max(highest, ...blocks);
    for (const at of blocks) memory.free(at);
  };
  for (let i = 0; i < 4; i++) turn(i);
  const settled = highest;
  for (let i = 4; i < 200; i++) turn(i);
  expect(highest).toBe(settled);
  for (const at of kept) memory.free(at);
  expect(memory.used).toBe(0);
});

test('too large a block is null, and freeing twice is an error', () => {
  const memory = new KernelMemory(SIZE);
  expect(memory.alloc(SIZE)).toBeNull();
  expect(memory.alloc(2 ** 33)).toBeNull();
  const at = allocate(memory, 10);
  memory.free(at);
  expect(() => memory.free(at)).toThrow(`no block begins at ${at}`);
});

test('an engine without memory to give has none', () => {
  const memory = new KernelMemory(0);
  expect(memory.alloc(8)).toBeNull();
  expect(() => memory.buffer).toThrow('no WebAssembly memory');
});
