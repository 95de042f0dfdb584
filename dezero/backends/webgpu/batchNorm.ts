/** Batch normalisation, channel by channel of x (N, C, …). A sum over a channel is one workgroup's, or several share it and another run adds up what they found. */
import type { RunningMoments, Statistics, View } from '../backend';
import { countOf } from './layout';
import type { Queue } from './queue';
import type { Scratch } from './scratch';
import { each, eachGroup, GROUP, groupsFor } from './wgsl';

const SEGMENT = 8 * GROUP; // elements of a channel for one workgroup
const PIECE = 256; // for one invocation without shared memory
const ENOUGH = 4096; // of these keep a gpu busy

/** Sums over channels, in WGSL, where `at` is a place in x and c its channel. Their state is a vec3: how many elements, and two numbers. */
interface ChannelSums {
  readonly name: string;
  /** What an invocation begins with, at the first of its elements. */
  readonly begin: string;
  /** What an element adds to a and b. */
  readonly add: string;
  /** The state after `count` elements. */
  readonly state: string;
  /** The states s and t as one. */
  readonly join: string;
  /** What becomes of the state s of a whole channel. */
  readonly finish: string;
}

type Views = Readonly<Record<string, View>>;
type Numbers = Readonly<Record<string, number>>;

/** The sizes that all kernels here go by, and where each operand begins. */
function numbersOf({ shape: [N, C, ...places] }: View, operands: Views): Numbers {
  const area = countOf({ shape: places });
  const numbers: Record<string, number> = { channels: C, area, size: N * area };
  for (const [key, { offset }] of Object.entries(operands)) numbers[`${key}_at`] = offset;
  return numbers;
}

function sumChannels(
  queue: Queue,
  scratch: Scratch,
  { name, begin, add, state, join, finish }: ChannelSums,
  reads: Views & { readonly x: View },
  writes: Views,
  real: Numbers,
): void {
  const { sharesMemory } = queue;
  const sizes = numbersOf(reads.x, { ...reads, ...writes });
  const { channels, size } = sizes;
  const wanted = Math.ceil(size / (sharesMemory ? SEGMENT : PIECE));
  const parts = Math.max(1, Math.min(wanted, Math.ceil(ENOUGH / channels)));
  const segment = Math.ceil(size / parts);
  const [first, step] = sharesMemory ? ['i32(lane)', GROUP] : ['0', 1];
  const helpers = `
fn place(c: i32, k: i32) -> i32 { return (k / n.area * n.channels + c) * n.area + k % n.area; }
fn join(s: vec3<f32>, t: vec3<f32>) -> vec3<f32> { ${join} }`;
  const collect = `let c = r / n.parts;
  let start = r % n.parts * n.segment;
  let end = min(start + n.segment, n.size);
  var at = place(c, min(start + ${first}, n.size - 1));
  ${begin}
  var a = 0.0; var b = 0.0; var count = 0.0;
  for (var k = start + ${first}; k < end; k += ${step}) {
    at = place(c, k);
    ${add}
    count += 1.0;
  }
  var s = ${state};`;
  const inGroups = `${helpers}\nvar<workgroup> states: array<vec3<f32>, ${GROUP}>;`;
  const together = (result: string) => `let r = min(group_number, n.count - 1);
  ${collect}
  states[lane] = s;
  for (var half = ${GROUP / 2}u; half > 0u; half >>= 1u) {
    workgroupBarrier();
    if (lane < half) { states[lane] = join(states[lane], states[lane + half]); }
  }
  s = states[0];
  if (lane == 0u && r == group_number) { ${result} }`;
  const run = (result: string, into: Views) =>
    queue.run({
      name,
      key: `${sharesMemory}|${parts === 1}`,
      body: () =>
        sharesMemory ? eachGroup(together(result), inGroups) : each(`let r = i;\n  ${collect}\n  ${result}`, helpers),
      reads,
      writes: into,
      whole: { ...sizes, count: channels * parts, parts, segment, ...numbersOf(reads.x, into) },
      real,
      groups: sharesMemory ? channels * parts : groupsFor(channels * parts),
    });
  if (parts === 1) return run(finish, writes);
  scratch.use('float32', channels * parts * 3, (partial) => {
    run('partial[3 * r] = s.x; partial[3 * r + 1] = s.y; partial[3 * r + 2] = s.z;', { partial });
    const body = `let c = i;
  var s = vec3(0.0);
  for (var k = 3 * c * n.parts; k < 3 * (c + 1) * n.parts; k += 3) {
    s = join(s, vec3(partial[k], partial[k + 1], partial[k + 2]));
  }
  ${finish}`;
    queue.run({
      name,
      key: 'finish',
      body: () => each(body, helpers),
      reads: { ...reads, partial },
      writes,
      whole: { ...sizes, count: channels, parts },
      real,
      groups: groupsFor(channels),
    });
  });
}

/** Mean and variance of each channel; running ones are moved. Deviations are summed from an element nearby, so that a large mean costs no digits. @since 48 */
export function moments(
  queue: Queue,
  scratch: Scratch,
  x: View,
  mean: View,
  variance: View,
  running: RunningMoments | null,
): void {
  if (countOf(mean) === 0) return;
  const moved = running && { running_mean: running.mean, running_variance: running.variance };
  const move = `running_mean[n.running_mean_at + c] = n.decay * running_mean[n.running_mean_at + c] + n.rest * s.y;
  running_variance[n.running_variance_at + c] = n.decay * running_variance[n.running_variance_at + c] + n.rest * s.z / (s.x - 1.0);`;
  const sums = {
    name: 'moments',
    begin: 'let near = x[n.x_at + at];',
    add: 'let d = x[n.x_at + at] - near; a += d; b += d * d;',
    state: 'vec3(count, near + a / max(count, 1.0), b - a * a / max(count, 1.0))',
    join: `let count = s.x + t.x;
  let share = t.x / max(count, 1.0);
  let d = t.y - s.y;
  return vec3(count, s.y + d * share, s.z + t.z + d * d * s.x * share);`, // Chan, Golub, LeVeque (1979)
    finish: `mean[n.mean_at + c] = s.y;
  variance[n.variance_at + c] = s.z / s.x;
  ${running ? move : ''}`,
  };
  const real: Numbers = running ? { decay: running.decay, rest: 1 - running.decay } : {};
  scratch.dense(x, (x) => sumChannels(queue, scratch, sums, { x }, { mean, variance, ...moved }, real));
}

/** WGSL that declares n.channels' numbers for element i. */
const ofChannel = `let c = i / n.area % n.channels;
  let inverse = 1.0 / sqrt(variance[n.variance_at + c] + n.eps);
  let normal = (x[n.x_at + i] - mean[n.mean_at + c]) * inverse;`;

function map(
  queue: Queue,
  name: string,
  body: string,
  reads: Views & { readonly x: View },
  out: View,
  real: Numbers,
): void {
  const count = countOf(out);
  if (count === 0) return;
  queue.run({
    name,
    key: body,
    body: () => each(body),
    reads,
    writes: { out },
    whole: { count, ...numbersOf(reads.x, { ...reads, out }) },
    real,
    groups: groupsFor(count),
  });
}

/** out = γ·(x − mean) / √(variance + eps) + β. @since 48 */
export function batchNorm(
  queue: Queue,
  scratch: Scratch,
  x: View,
  { mean, variance, eps }: Statistics,
  gamma: View,
  beta: View,
  out: View,
): void {
  const body = `${ofChannel}
  out[n.out_at + i] = gamma[n.gamma_at + c] * normal + beta[n.beta_at + c];`;
  scratch.dense(x, (x) => map(queue, 'batchNorm', body, { x, mean, variance, gamma, beta }, out, { eps }));
}

/** gβ = Σ gy, gγ = Σ gy·n, then gx from these. @since 48 */
export function batchNormGradients(
  queue: Queue,
  scratch: Scratch,
  x: View,
  gy: View,
  { mean, variance, eps, ofBatch }: Statistics,
  gamma: View,
  gx: View,
  ggamma: View,
  gbeta: View,
): void {
  if (countOf(gamma) === 0) return;
  const name = 'batchNormGradients';
  const sums = {
    name,
    begin: 'let center = mean[n.mean_at + c];',
    add: 'let g = gy[n.gy_at + at]; a += g; b += g * (x[n.x_at + at] - center);',
    state: 'vec3(count, a, b)',
    join: 'return s + t;',
    finish: `gbeta[n.gbeta_at + c] = s.y;
  ggamma[n.ggamma_at + c] = s.z / sqrt(variance[n.variance_at + c] + n.eps);`,
  };
  const common = '(gbeta[n.gbeta_at + c] + normal * ggamma[n.ggamma_at + c]) / f32(n.size)';
  const body = `${ofChannel}
  out[n.out_at + i] = gamma[n.gamma_at + c] * inverse * (gy[n.gy_at + i]${ofBatch ? ` - ${common}` : ''});`;
  scratch.denseBoth(x, gy, (x, gy) => {
    const reads = { x, gy, mean, variance };
    sumChannels(queue, scratch, sums, reads, { gbeta, ggamma }, { eps });
    map(queue, name, body, { ...reads, gamma, gbeta, ggamma }, gx, { eps });
  });
}
