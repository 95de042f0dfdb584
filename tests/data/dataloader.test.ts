import { expect, test } from 'vitest';
import { DataLoader, Dataset, Subset, type Target } from '../../dezero/data';
import { array, DataError, keep, type NDArray } from '../../dezero/ndarray';

/** Sample i is [i, 10·i] with label i; `delay` decides when each one arrives. */
class Numbers extends Dataset {
  readonly got: [number, number][] = [];
  running = 0;

  constructor(
    readonly length: number,
    private readonly options: { delay?: (i: number) => number; broken?: readonly number[]; wrong?: number } = {},
  ) {
    super();
  }

  async get(index: number, epoch = 0): Promise<[NDArray, Target]> {
    this.checkIndex(index);
    this.got.push([index, epoch]);
    this.running++;
    await new Promise((resolve) => setTimeout(resolve, this.options.delay?.(index) ?? 0));
    this.running--;
    if (this.options.broken?.includes(index)) throw new DataError(`photo ${index}: broken`);
    if (this.options.wrong === index) throw new TypeError('a mistake in the program');
    return [array([index, 10 * index], { dtype: 'float32' }), index];
  }
}

async function labels(loader: DataLoader): Promise<number[][]> {
  const all: number[][] = [];
  for await (const [, t] of loader) all.push([...t.values]);
  return all;
}

test('batches hold samples in order, and the last one the rest', async () => {
  const loader = new DataLoader(new Numbers(5), { batch: 2 });
  const seen: unknown[] = [];
  for await (const [x, t] of loader) seen.push([x.toNested(), x.dtype, t.toNested(), t.dtype, loader.indices]);
  expect(loader.length).toBe(3);
  expect(seen[0]).toEqual([[[0, 0], [1, 10]], 'float32', [0, 1], 'int32', [0, 1]]); // prettier-ignore
  expect(seen[2]).toEqual([[[4, 40]], 'float32', [4], 'int32', [4]]);
});

test('dropLast leaves out a last batch that is not full', async () => {
  const loader = new DataLoader(new Numbers(5), { batch: 2, dropLast: true });
  expect(loader.length).toBe(2);
  expect(await labels(loader)).toEqual([[0, 1], [2, 3]]); // prettier-ignore
});

test('a shuffled epoch has every sample once, in an order that seed and epoch decide', async () => {
  const make = (seed: number) => new DataLoader(new Numbers(40), { batch: 7, shuffle: true, seed });
  const loader = make(3);
  const [first, second] = [(await labels(loader)).flat(), (await labels(loader)).flat()];
  expect(loader.epoch).toBe(2);
  expect([...first].sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i));
  expect(second).not.toEqual(first);
  expect((await labels(make(4))).flat()).not.toEqual(first);
  const resumed = make(3);
  resumed.epoch = 1;
  expect((await labels(resumed)).flat()).toEqual(second);
});

test('a run resumed in the middle of an epoch goes on with the same batches', async () => {
  const make = () => new DataLoader(new Numbers(20), { batch: 3, shuffle: true, seed: 1 });
  const whole = await labels(make());
  const resumed = make();
  resumed.firstBatch = 4;
  expect(await labels(resumed)).toEqual(whole.slice(4));
  expect(await labels(resumed)).toHaveLength(7);
  resumed.firstBatch = 7; // nothing is left of this epoch
  expect(await labels(resumed)).toEqual([]);
  expect(resumed.epoch).toBe(3);
});

test('neither prefetching nor the order of arrival changes what comes', async () => {
  const run = (prefetch: number, delay: (i: number) => number) =>
    labels(new DataLoader(new Numbers(12, { delay }), { batch: 4, shuffle: true, seed: 2, prefetch }));
  const expected = await run(0, () => 0);
  expect(await run(3, (i) => 12 - i)).toEqual(expected);
  expect(await run(9, (i) => (i * 7) % 5)).toEqual(expected);
});

test('the next batches are loading while one is used, and no more than asked for', async () => {
  const set = new Numbers(12);
  const seen: number[] = [];
  for await (const [x] of new DataLoader(set, { batch: 2, prefetch: 2 })) {
    seen.push(set.got.length);
    expect(x.shape).toEqual([2, 2]);
  }
  expect(seen).toEqual([6, 8, 10, 12, 12, 12]);
});

test('samples are told the epoch', async () => {
  const set = new Numbers(2);
  const loader = new DataLoader(set, { batch: 2 });
  await labels(loader);
  await labels(loader);
  expect(set.got).toEqual([[0, 0], [1, 0], [0, 1], [1, 1]]); // prettier-ignore
});

test('leaving the loop early leaves nothing running, keeps the epoch and the batch', async () => {
  const set = new Numbers(20, { delay: (i) => 4 * i, wrong: 5 });
  const loader = new DataLoader(set, { batch: 2, prefetch: 3 });
  let first: NDArray | undefined;
  for await (const [x] of loader) {
    first = x;
    break;
  }
  expect(set.running).toBe(0); // and the error of sample 5 is nobody's unhandled rejection
  expect(loader.epoch).toBe(0);
  expect(first?.toNested()).toEqual([[0, 0], [1, 10]]); // prettier-ignore
});

test('a batch is freed when the next is asked for, unless it is kept', async () => {
  const batches: NDArray[] = [];
  for await (const [x] of new DataLoader(new Numbers(6), { batch: 2 })) {
    if (batches.length === 1) keep(x);
    batches.push(x);
  }
  const [first, second, third] = batches;
  expect(() => first?.values).toThrow(/freed/);
  expect(second?.toNested()).toEqual([[2, 20], [3, 30]]); // prettier-ignore
  expect(() => third?.values).toThrow(/freed/);
});

test('a sample that cannot be read is named once and left out', async () => {
  const notices: string[] = [];
  const set = new Numbers(6, { broken: [1, 4, 5] });
  const loader = new DataLoader(set, { batch: 2, notice: (line) => notices.push(line) });
  expect(await labels(loader)).toEqual([[0], [2, 3]]);
  expect(await labels(loader)).toEqual([[0], [2, 3]]);
  expect(notices).toEqual(['photo 1: broken (left out)', 'photo 4: broken (left out)', 'photo 5: broken (left out)']);
});

test('a set of which nothing can be read is an error, and so is any other mistake', async () => {
  const silent = { batch: 2, notice: () => undefined };
  await expect(labels(new DataLoader(new Numbers(2, { broken: [0, 1] }), silent))).rejects.toThrow(
    /none of the 2 samples can be read: photo 0: broken/,
  );
  await expect(labels(new DataLoader(new Numbers(6, { wrong: 4 }), silent))).rejects.toThrow(
    'a mistake in the program',
  );
});

test('a batch that does not fit the set, and samples that do not fit each other, are refused', async () => {
  expect(() => new DataLoader(new Numbers(48), { batch: 64 })).toThrow(
    'DataLoader: batch 64 is larger than the set of 48; choose a batch of 48 or less',
  );
  expect(() => new DataLoader(new Numbers(0), { batch: 1 })).toThrow(DataError);
  expect(() => new DataLoader(new Numbers(0), { batch: 1 })).toThrow('DataLoader: the set has no samples');
  expect(() => new DataLoader(new Numbers(48), { batch: 0 })).toThrow(/batch must be a whole number from 1 on, not 0/);
  expect(() => new DataLoader(new Numbers(48), { batch: 4, prefetch: -1 })).toThrow(/prefetch must be/);
  class Ragged extends Numbers {
    override get = async (i: number): Promise<[NDArray, Target]> => [array(Array.from({ length: i + 1 }, () => 0)), 0];
  }
  await expect(labels(new DataLoader(new Ragged(2), { batch: 2 }))).rejects.toThrow(
    /\(1,\) and \(2,\).*one shape; for photos/,
  );
});

test('targets that are arrays are stacked', async () => {
  class Pairs extends Dataset {
    readonly length = 2;
    get = async (i: number): Promise<[NDArray, Target]> => [array([i]), array([i, -i])];
  }
  for await (const [x, t] of new DataLoader(new Pairs(), { batch: 2 })) {
    expect([x.shape, t.toNested()]).toEqual([[2, 1], [[0, -0], [1, -1]]]); // prettier-ignore
  }
});

test('a Subset gives some samples of another set in its own order', async () => {
  const set = new Numbers(10);
  const some = new Subset(set, [7, 2, 5]);
  expect(some.length).toBe(3);
  expect((await some.get(0, 4))[1]).toBe(7);
  expect(set.got).toEqual([[7, 4]]);
  expect(await labels(new DataLoader(some, { batch: 3 }))).toEqual([[7, 2, 5]]);
  expect(() => new Subset(set, [3, 10])).toThrow('Subset: there is no sample 10 in a set of 10');
  await expect(some.get(3)).rejects.toThrow('get(3): there are 3 samples, numbered from 0 to 2');
});
