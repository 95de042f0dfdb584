import { existsSync } from 'node:fs';
import { array, Generator } from 'dezero';
import { Compose, Normalize, Spiral, spiral, type Transform } from 'dezero/data';
import { expect, test } from 'vitest';
import { everything, learn, main, Measured, normalizeFor, RandomTurn } from '../steps/step39';
import { captured } from './captured';

const few = new Spiral({ n: 6 });
const values = async (set: Measured, index: number, epoch?: number) => [...(await set.get(index, epoch))[0].values];
const turned = new Measured(few, new Compose([new RandomTurn(0.2)], { seed: 1 }));

test('a data set says how many samples it has, gives each by number, and refuses other numbers', async () => {
  const set = new Spiral({ n: 10 });
  expect(set.length).toBe(30);
  const [x, t] = await set.get(29);
  expect([x.shape, x.dtype, t]).toEqual([[2], 'float32', set.points.t[29]]);
  expect(x, 'sample 29 is point 29').toBeAllClose(set.points.x[29] ?? [], { rtol: 1e-6 });
  await expect(set.get(30)).rejects.toThrow('get(30): there are 30 samples, numbered from 0 to 29');
  await expect(new Measured(set).get(-1)).rejects.toThrow('get(-1)');
});

test('training and test points have nothing in common', () => {
  const [train, other] = [new Spiral(), new Spiral({ split: 'test' })].map((set) => new Set(set.points.x.map(String)));
  expect(other?.size).toBeGreaterThan(290);
  expect([...(other ?? [])].filter((point) => point !== '0,0' && train?.has(point)), 'a test point was learned from').toEqual([]); // prettier-ignore
  expect(new Spiral({ n: 5 }).points, 'Spiral wraps the plain arrays of step 38').toEqual(spiral({ n: 5 }));
});

test('Normalize brings what is measured in any unit to mean 0 and standard deviation 1', async () => {
  const raw = new Measured(few);
  const { x } = await everything(new Measured(few, await normalizeFor(raw)));
  const columns = [0, 1].map((c) => [...x.values].filter((_, i) => i % 2 === c));
  for (const column of columns) {
    const mean = column.reduce((sum, value) => sum + value, 0) / column.length;
    const variance = column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / column.length;
    expect(Math.abs(mean), 'Normalize subtracts the mean of each channel').toBeLessThan(1e-3);
    expect(Math.sqrt(variance), 'and then divides by its standard deviation').toBeCloseTo(1, 3);
  }
  expect(new Normalize([10, 20], [2, 5]).apply(array([14, 15]))).toBeAllClose([2, -1]);
});

test('Compose applies its transforms from the first to the last', async () => {
  const add: Transform = { apply: (x) => Number(x) + 1 };
  const double: Transform = { apply: (x) => Promise.resolve(Number(x) * 2) };
  const order = 'the first transform comes first, and the next gets what it gave';
  expect(await new Compose([add, double]).apply(3, new Generator(0)), order).toBe(8);
  expect(await new Compose([double, add]).apply(3, new Generator(0)), order).toBe(7);
});

test('a random transform depends on seed, epoch and sample, and on nothing else', async () => {
  const first = await values(turned, 7, 1);
  await values(turned, 3, 5); // whatever was asked for in between
  expect(await values(turned, 7, 1), 'the same sample of the same epoch must be the same').toEqual(first);
  const others = [
    values(turned, 7, 2),
    values(new Measured(few, new Compose([new RandomTurn(0.2)], { seed: 2 })), 7, 1),
  ];
  for (const other of await Promise.all(others)) {
    expect(other, 'another epoch, or another seed, must draw anew').not.toEqual(first);
  }
});

test('a turn keeps the distance from 0', async () => {
  const distance = (x: readonly number[]) => Math.hypot(...x);
  const [plain, after] = [await values(new Measured(few), 2), await values(turned, 2)];
  expect(distance(after) / distance(plain)).toBeCloseTo(1, 5);
});

test('one loop learns from any data set; normalised it learns more', async () => {
  const raw = new Measured(new Spiral({ n: 30 }));
  const normalize = await normalizeFor(raw);
  const normal = new Measured(new Spiral({ n: 30 }), normalize);
  const right = await learn(normal, normal, 60);
  expect(right, 'numbers of one size are learned from').toBeGreaterThan(0.6);
  expect(await learn(raw, raw, 60), 'thousands beside thousandths are not').toBeLessThan(right - 0.1);
  expect(await learn(normal, normal, 60), 'and the same again').toBe(right);
});

test('the step prints the samples before and after, and draws them', async () => {
  const lines = await captured(() => main({ epochs: 3 }));
  expect(lines.filter((line) => line.includes(', epoch 1: ')).length).toBe(2);
  expect(new Set(lines.filter((line) => line.includes(', epoch 1: '))).size, 'epoch 1 twice is the same').toBe(1);
  expect(lines.filter((line) => / \d+\.\d %$/.test(line))).toHaveLength(4);
  expect(lines).toContain('  out/step39/samples.svg');
  expect(existsSync('out/step39/samples.svg')).toBe(true);
});
