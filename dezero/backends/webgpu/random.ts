/** Random numbers: Philox 4x32-10 (see `../philox.ts`), each invocation a block of four words. */
import type { Distribution, View } from '../backend';
import { countOf } from './layout';
import type { Queue } from './queue';
import { each, groupsFor, SIN_COS } from './wgsl';

const PHILOX = `
fn multiply_high(a: u32, b: u32) -> u32 {
  let a0 = a & 0xffffu; let a1 = a >> 16u;
  let b0 = b & 0xffffu; let b1 = b >> 16u;
  let middle = a1 * b0 + ((a0 * b0) >> 16u);
  let middle2 = a0 * b1 + (middle & 0xffffu);
  return a1 * b1 + (middle >> 16u) + (middle2 >> 16u);
}
fn philox(counter: vec4<u32>, first_key: vec2<u32>) -> vec4<u32> {
  var c = counter;
  var key = first_key;
  for (var round = 0; round < 10; round++) {
    c = vec4(
      multiply_high(0xcd9e8d57u, c.z) ^ c.y ^ key.x, 0xcd9e8d57u * c.z,
      multiply_high(0xd2511f53u, c.x) ^ c.w ^ key.y, 0xd2511f53u * c.x,
    );
    key += vec2(0x9e3779b9u, 0xbb67ae85u);
  }
  return c;
}
/** The upper 24 bits as a number in [0, 1). */
fn uniform_of(word: u32) -> f32 { return f32(word >> 8u) * 0x1p-24; }
`;

/** Box and Muller, 1958: √(−2 ln(1 − u)) · cos 2πv, within rounding also where ln is near 0. */
const NORMAL = `${SIN_COS}
fn minus_log(u: f32) -> f32 { // −ln(1 − u)
  if (u >= 0.5) { return -log(1.0 - u); }
  let s = u / (2.0 - u); // ln((1 + s)/(1 − s)) = 2 (s + s³/3 + …)
  let s2 = s * s;
  return 2.0 * s * (1.0 + s2 * (0.33333333 + s2 * (0.2 + s2 * (0.14285714 + s2 * (0.11111111 + s2 * (0.09090909 + s2 * 0.07692308))))));
}
fn normal_of(u: f32, v: f32) -> f32 {
  let quarters = round(4.0 * v); // a turn is 1 here, so that taking off quarters loses nothing
  return sqrt(2.0 * minus_log(u)) * sin_cos_near(6.2831853 * (v - 0.25 * quarters), i32(quarters)).y;
}
`;

/** Fills out from block `counter` of the stream `key` on. @since 48 */
export function random(
  queue: Queue,
  distribution: Distribution,
  key: readonly [number, number],
  counter: number,
  out: View,
): void {
  const length = countOf(out);
  if (length === 0) return;
  const numbers =
    distribution === 'uniform'
      ? ['x', 'y', 'z', 'w'].map((word) => `uniform_of(words.${word})`)
      : ['x', 'z'].map((word, i) => `normal_of(uniform_of(words.${word}), uniform_of(words.${'yw'[i]}))`);
  const size = numbers.length;
  const body = `let block = bitcast<u32>(n.low) + u32(i);
  let high = bitcast<u32>(n.high) + select(0u, 1u, block < bitcast<u32>(n.low));
  let words = philox(vec4(block, high, 0u, 0u), vec2(bitcast<u32>(n.key0), bitcast<u32>(n.key1)));
  let first = i * ${size};
  ${numbers.map((number, i) => `if (first + ${i} < n.length) { out[n.out_at + first + ${i}] = ${number}; }`).join('\n  ')}`;
  const count = Math.ceil(length / size);
  queue.run({
    name: 'random',
    key: distribution,
    body: () => each(body, PHILOX + (distribution === 'normal' ? NORMAL : '')),
    reads: {},
    writes: { out },
    whole: {
      count,
      length,
      out_at: out.offset,
      low: counter | 0,
      high: Math.floor(counter / 4294967296) | 0,
      key0: key[0] | 0,
      key1: key[1] | 0,
    },
    groups: groupsFor(count),
  });
}
