import { expect, test } from 'vitest';
import { philox, PhiloxStream } from '../../dezero/backends/philox';
import {
  defaultGenerator,
  empty,
  Generator,
  rand,
  randn,
  setSeed,
  ValueError,
  withoutDrawing,
  zeros,
} from '../../dezero/ndarray';

const words = (hex: string) => Uint32Array.from(hex.split(' '), (word) => parseInt(word, 16));

// kat_vectors of Random123, the library of the paper: counter, key, result.
test.each([
  ['00000000 00000000 00000000 00000000', '00000000 00000000', '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
  ['ffffffff ffffffff ffffffff ffffffff', 'ffffffff ffffffff', '408f276d 41c83b0e a20bc7c6 6d5451fd'],
  ['243f6a88 85a308d3 13198a2e 03707344', 'a4093822 299f31d0', 'd16cfe09 94fdcceb 5001e420 24126ea1'],
])('Philox turns counter %s with key %s into the published words', (counter, key, result) => {
  const block = words(counter);
  const [key0 = 0, key1 = 0] = words(key);
  philox(block, key0, key1);
  expect(block).toEqual(words(result));
});

test('a stream goes on from block to block, and its counter reaches past 32 bits', () => {
  const stream = new PhiloxStream([7, 9], 2 ** 32 * 5 + 3);
  const block = Uint32Array.of(3, 5, 0, 0);
  philox(block, 7, 9);
  expect(Array.from({ length: 4 }, () => stream.word())).toEqual([...block]);
  const next = Uint32Array.of(4, 5, 0, 0);
  philox(next, 7, 9);
  expect(stream.word()).toBe(next[0]);
});

test('the same seed repeats, another seed or stream differs', () => {
  const draw = (seed: number, stream?: number) => {
    const generator = new Generator(seed, stream);
    return [generator.next(), generator.integer(1000), generator.normal(), ...generator.permutation(5)];
  };
  expect(draw(3)).toEqual(draw(3, 0));
  expect(draw(3)).not.toEqual(draw(4));
  expect(draw(3)).not.toEqual(draw(3, 1));
  expect(draw(2 ** 40)).not.toEqual(draw(2 ** 41));
  expect(randn([4], { seed: 1 })).toBeAllClose(randn([4], { seed: 1 }), { rtol: 0, atol: 0 });
  expect(randn([4], { seed: 1 })).not.toBeAllClose(randn([4], { seed: 2 }));
});

test('arrays and single numbers of one generator never share a part of its stream', () => {
  const generator = new Generator(0);
  const first = generator.fill('uniform', empty([50], 'float64')).values;
  const second = generator.fill('uniform', empty([50], 'float64')).values;
  const singles = Array.from({ length: 50 }, () => generator.next());
  expect(new Set([...first, ...second, ...singles]).size).toBe(150);
});

test('a generator goes on from its position as if it had not stopped', () => {
  const generator = new Generator(5);
  for (let i = 0; i < 3; i++) generator.next();
  generator.fill('normal', empty([3], 'float32'));
  const position = generator.position;
  const draw = (from: Generator) => [from.next(), from.normal(), ...from.fill('normal', empty([5], 'float32')).values];
  const expected = draw(generator);
  expect(draw(new Generator(5).restore(position))).toEqual(expected);
  expect(new Generator(5).position).toEqual([0, 0]);
});

test.each(['float32', 'float64'] as const)(
  'uniform %s numbers lie in [0, 1) with mean 1/2 and variance 1/12',
  (dtype) => {
    const values = Array.from(rand([20000], { seed: 0, dtype }).values);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    const mean = values.reduce((a, b) => a + b) / values.length;
    const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.01); // five standard errors
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(0.003);
  },
);

test.each(['float32', 'float64'] as const)('normal %s numbers have the moments of the normal distribution', (dtype) => {
  const values = Array.from(randn([20000], { seed: 1, dtype }).values);
  const moment = (k: number) => values.reduce((a, b) => a + b ** k, 0) / values.length;
  expect(Math.abs(moment(1))).toBeLessThan(0.035);
  expect(Math.abs(moment(2) - 1)).toBeLessThan(0.05);
  expect(Math.abs(moment(3))).toBeLessThan(0.14);
  expect(Math.abs(moment(4) - 3)).toBeLessThan(0.35);
});

test('a permutation holds each number once, and each is as likely in each place', () => {
  const generator = new Generator(2);
  const counts = new Float64Array(16);
  for (let i = 0; i < 4000; i++) {
    const order = generator.permutation(4);
    expect([...order].sort()).toEqual([0, 1, 2, 3]);
    order.forEach((value, place) => (counts[place * 4 + value] = (counts[place * 4 + value] ?? 0) + 1));
  }
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(140);
});

test('setSeed makes the default generator repeat', () => {
  setSeed(11);
  const first = defaultGenerator().next();
  setSeed(11);
  expect(defaultGenerator().next()).toBe(first);
  setSeed(11, 1);
  expect(defaultGenerator().next()).not.toBe(first);
});

test.each([-1, 0.5, NaN, 2 ** 60])('the seed %s is refused', (seed) => {
  expect(() => new Generator(seed)).toThrow(ValueError);
  expect(() => new Generator(seed)).toThrow(`seed must be a whole number from 0 on, not ${seed}`);
});

test('a stand-in draws what the generator would draw next, and does not move it', () => {
  const generator = new Generator(3);
  generator.integer(10);
  generator.fill('normal', zeros([3]));
  const draw = (from: Generator) => [from.next(), ...from.fill('uniform', zeros([3])).values];
  const { position } = generator;
  const drawn = draw(generator.standIn());
  expect(generator.position).toEqual(position);
  expect(drawn).toEqual(draw(generator));
});

test('what is drawn within withoutDrawing is drawn again afterwards', () => {
  setSeed(2);
  const inside = withoutDrawing(() => defaultGenerator().next());
  expect(() => withoutDrawing(() => { throw new Error('stop'); })).toThrow('stop'); // prettier-ignore
  expect(defaultGenerator().next()).toBe(inside);
});
