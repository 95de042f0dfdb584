import { existsSync } from 'node:fs';
import { array, setSeed } from 'dezero';
import { DataLoader, Dataset, Spiral, Subset, type DataLoaderOptions } from 'dezero/data';
import { MLP } from 'dezero/models';
import { expect, test } from 'vitest';
import { batchesOf, main, pass, run, sorted } from '../steps/step40';
import { captured } from './captured';

const spiral = new Spiral();
const ten = new Subset(spiral, [10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
const inOrder = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const loader = (options: Partial<DataLoaderOptions> = {}) => new DataLoader(ten, { batch: 4, ...options });

test('a batch holds its samples one below the other, x of shape (B, 2) and the labels (B)', async () => {
  for await (const [x, t] of loader()) {
    expect([x.shape, x.dtype, t.shape, t.dtype]).toEqual([[4, 2], 'float32', [4], 'int32']);
    expect(x).toBeAllClose(spiral.points.x.slice(10, 14), { rtol: 1e-6 });
    expect([...t.values], 'labels go with their samples').toEqual(spiral.points.t.slice(10, 14));
    break;
  }
});

test('the last batch holds the rest, or is left out', async () => {
  const kept = 'the last batch holds what is left: no sample may be lost';
  expect(await batchesOf(loader()), kept).toEqual([[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]); // prettier-ignore
  expect(loader().length, kept).toBe(3);
  expect(await batchesOf(loader({ dropLast: true })), 'dropLast leaves out a batch that is not full').toEqual([[0, 1, 2, 3], [4, 5, 6, 7]]); // prettier-ignore
  expect(loader({ dropLast: true }).length).toBe(2);
});

test('shuffled, every sample comes once an epoch, and each epoch has an order of its own', async () => {
  const shuffled = loader({ shuffle: true });
  const [one, two] = [(await batchesOf(shuffled)).flat(), (await batchesOf(shuffled)).flat()];
  for (const order of [one, two]) {
    expect(order.toSorted((a, b) => a - b), 'every sample comes once an epoch').toEqual(inOrder); // prettier-ignore
    expect(order, 'shuffle changes the order').not.toEqual(inOrder);
  }
  expect(two, 'another epoch, another order').not.toEqual(one);
});

test('the same seed gives the same orders, another seed others', async () => {
  const twoEpochs = async (seed: number) => {
    const one = loader({ shuffle: true, seed });
    return [await batchesOf(one), await batchesOf(one)];
  };
  const first = await twoEpochs(3);
  expect(await twoEpochs(3), 'a run with a seed must come out the same again').toEqual(first);
  expect(await twoEpochs(4)).not.toEqual(first);
});

test('how many batches are loaded ahead changes nothing', async () => {
  const orders = [0, 1, 5].map((prefetch) => batchesOf(loader({ shuffle: true, prefetch })));
  const [none, one, five] = await Promise.all(orders);
  expect([one, five], 'prefetch must not change what comes').toEqual([none, none]);
});

test('a Subset gives some samples of a set in an order of its own; sorted is one', async () => {
  const [x, t] = await new Subset(spiral, [7, 2]).get(1);
  expect([x, t]).toEqual(await spiral.get(2));
  const labels = sorted(spiral).indices.map((i) => spiral.points.t[i]);
  expect(labels).toEqual([...spiral.points.t].sort());
  expect(() => new Subset(spiral, [300])).toThrow('there is no sample 300 in a set of 300');
});

test('a batch larger than the set, and a set of no samples, are refused in words', () => {
  class Empty extends Dataset {
    readonly length = 0;
    get = (): Promise<[ReturnType<typeof array>, number]> => Promise.resolve([array([]), 0]);
  }
  expect(() => loader({ batch: 11 })).toThrow('batch 11 is larger than the set of 10; choose a batch of 10 or less');
  expect(() => new DataLoader(new Empty(), { batch: 1 })).toThrow('DataLoader: the set has no samples');
});

test('a pass weighs each batch by its samples', async () => {
  setSeed(0);
  const model = new MLP([4, 3]);
  const whole = await pass(model, new DataLoader(ten, { batch: 10 }));
  const parts = await pass(model, new DataLoader(ten, { batch: 4 }));
  const message = 'a last batch of 2 counts for less than one of 4';
  expect(parts.loss, message).toBeCloseTo(whole.loss, 6);
  expect(parts.right, message).toBeCloseTo(whole.right, 6);
});

test('small batches in random order learn faster than all at once, and faster than sorted', async () => {
  const right = async (set: Dataset, options: DataLoaderOptions) => (await run(set, options, { epochs: 15 })).at(-1)?.test.right ?? 0; // prettier-ignore
  const shuffled = await right(sorted(spiral), { batch: 30, shuffle: true });
  expect(shuffled, 'shuffled batches part the arms in 15 epochs').toBeGreaterThan(0.8);
  expect(await right(spiral, { batch: 300 })).toBeLessThan(shuffled - 0.15);
  expect(await right(sorted(spiral), { batch: 30 })).toBeLessThan(shuffled - 0.15);
});

test('a seed holds for a whole run: the same losses, to the last bit', async () => {
  const history = () => run(spiral, { batch: 60, shuffle: true, seed: 5 }, { epochs: 2 });
  expect(await history(), 'a run with a seed must come out the same again').toEqual(await history());
});

test('the step prints the orders and draws the curves', async () => {
  const lines = await captured(() => main({ epochs: 2 }));
  const orders = lines.filter((line) => line.includes(' | ')).map((line) => line.slice(26));
  expect(orders.slice(0, 2)).toEqual(['0 1 2 3 | 4 5 6 7 | 8 9', '0 1 2 3 | 4 5 6 7']);
  expect(orders.slice(6), 'seed 0 again: both epochs as before').toEqual(orders.slice(2, 4));
  expect(lines.filter((line) => /^ {2}.*\d %.*\d %$/.test(line))).toHaveLength(3);
  expect(lines).toContain('  out/step40/curves.svg');
  expect(existsSync('out/step40/curves.svg')).toBe(true);
});
