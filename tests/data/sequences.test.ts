import { expect, test } from 'vitest';
import { DataLoader, Letters, SeqDataLoader, SinCurve, Spiral, spiral } from '../../dezero/data';

test('the spiral: equal arms, within a disc, in random order, and the same for the same seed', () => {
  const { x, t } = spiral({ n: 50, seed: 3 });
  expect([0, 1, 2].map((arm) => t.filter((label) => label === arm).length)).toEqual([50, 50, 50]);
  expect(Math.max(...x.map(([a, b]) => Math.hypot(a, b)))).toBeLessThan(1);
  expect(t.slice(0, 20)).not.toEqual([...t.slice(0, 20)].sort());
  expect(spiral({ n: 50, seed: 3 })).toEqual({ x, t });
  expect(spiral({ n: 50, seed: 4 }).x).not.toEqual(x);
  expect(() => spiral({ n: 0 })).toThrow('spiral: n');
});

test('arms are wound: the same radius lies at another angle on each', () => {
  const { x, t } = spiral({ n: 100, seed: 0 });
  const nearest = [0, 1, 2].map((arm) => {
    const own = x.filter((_, i) => t[i] === arm);
    return own.reduce((a, b) => (Math.abs(Math.hypot(...b) - 0.5) < Math.abs(Math.hypot(...a) - 0.5) ? b : a));
  });
  const [a, b, c] = nearest.map(([u, v]) => Math.atan2(v, u));
  for (const [p, q] of [[a, b], [b, c], [c, a]] as const) expect(Math.abs(Math.sin(((p ?? 0) - (q ?? 0)) / 2))).toBeGreaterThan(0.3); // prettier-ignore
});

test('Spiral gives the points as samples; training and test points differ', async () => {
  const train = new Spiral({ n: 10 });
  const [x, t] = await train.get(4);
  expect(x.shape).toEqual([2]);
  expect(x.dtype).toBe('float32');
  expect([x.values[0], t]).toEqual([Math.fround(train.points.x[4]?.[0] ?? 0), train.points.t[4]]);
  expect(new Spiral({ n: 10, split: 'test' }).points.x).not.toEqual(train.points.x);
});

test('SinCurve: the target is the next point; the test curve has no noise', async () => {
  const curve = new SinCurve({ n: 50, period: 10 });
  expect(curve.length).toBe(49);
  const [, next] = await curve.get(6);
  const [x] = await curve.get(7);
  expect(next.values).toEqual(x.values);
  const clean = new SinCurve({ split: 'test', n: 50, period: 10 });
  clean.points.forEach((y, i) => expect(y).toBeCloseTo(Math.cos((2 * Math.PI * i) / 10), 12));
  expect(() => new SinCurve({ period: 0 })).toThrow('period must be above 0');
});

test('SeqDataLoader reads the pieces of a sequence side by side', async () => {
  const text = 'abcdefghijklmnopqrstuvw'; // 22 pairs: 3 pieces of 7, one left over
  const letters = new Letters(text);
  const loader = new SeqDataLoader(letters, { batch: 3 });
  expect(loader.length).toBe(7);
  const steps: string[] = [];
  const nexts: string[] = [];
  for await (const [x, t] of loader) {
    expect(x.shape).toEqual([3]);
    expect(x.dtype).toBe('int32');
    steps.push(letters.decode(x.values));
    nexts.push(letters.decode(t.values));
  }
  expect(steps).toEqual(['aho', 'bip', 'cjq', 'dkr', 'els', 'fmt', 'gnu']);
  expect(nexts).toEqual(['bip', 'cjq', 'dkr', 'els', 'fmt', 'gnu', 'hov']);
  expect(() => new SeqDataLoader(letters, { batch: 30 })).toThrow('batch 30 is larger than the set of 22');
});

test('targets that are arrays come as arrays', async () => {
  for await (const [x, t] of new SeqDataLoader(new SinCurve({ n: 21 }), { batch: 4 })) {
    expect([x.shape, t.shape]).toEqual([[4, 1], [4, 1]]); // prettier-ignore
  }
});

test('letters become numbers and numbers letters again; a strange one is named', () => {
  const letters = new Letters('hello');
  expect(letters.alphabet).toEqual(['e', 'h', 'l', 'o']);
  expect(letters.decode(letters.encode('hole'))).toBe('hole');
  expect(() => letters.encode('hey')).toThrow("'y' does not occur");
  expect(() => new Letters('a')).toThrow('at least two letters');
});

test('the verses that come along are enough to learn from', async () => {
  const letters = new Letters();
  expect(letters.length).toBeGreaterThan(6000);
  expect(letters.alphabet.length).toBeLessThan(70);
  for await (const [x] of new DataLoader(letters, { batch: 16 })) {
    expect(letters.decode(x.values)).toBe("'Twas brillig, a");
    break;
  }
});
