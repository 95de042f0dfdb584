/** Softmax, the loss of rows of scores, and its gradient. A row is one workgroup's, or one invocation's where that is quicker. */
import type { View } from '../backend';
import { fill } from './elementwise';
import { countOf, seen } from './layout';
import type { Queue } from './queue';
import { reduce } from './reduce';
import type { Scratch } from './scratch';
import { each, eachGroup, GROUP, groupsFor, IS_NAN } from './wgsl';

const SHORT = 64; // elements that one invocation may go through alone

/** NaN is the largest, so that it is not passed over. */
const LARGER = `${IS_NAN}
fn larger(x: f32, y: f32) -> f32 {
  if (is_nan(x)) { return x; }
  if (is_nan(y)) { return y; }
  return max(x, y);
}`;

/** Folds one value of each invocation of a workgroup into one that all of them get. */
const fold = (name: string, two: string) => `
fn ${name}(lane: u32, own: f32) -> f32 {
  lanes[lane] = own;
  for (var half = ${GROUP / 2}u; half > 0u; half >>= 1u) {
    workgroupBarrier();
    if (lane < half) { let x = lanes[lane]; let y = lanes[lane + half]; lanes[lane] = ${two}; }
  }
  workgroupBarrier();
  let all = lanes[0];
  workgroupBarrier();
  return all;
}`;

/** What becomes of row r, in WGSL: of its element `score`, the k-th, or of the row as a whole; `most` is its largest, `total` is Σ exp(score − most). */
interface Result {
  readonly name: string;
  readonly setup?: string;
  readonly element?: string;
  readonly row?: string;
}

/** Goes through the rows of x along an axis; x and out are dense. */
function rows(
  queue: Queue,
  { name, setup = '', element = '', row = '' }: Result,
  x: View,
  axis: number,
  out: View,
  others: Readonly<Record<string, View>> = {},
  real: Readonly<Record<string, number>> = {},
): void {
  const length = x.shape[axis];
  const count = countOf(x) / (length || 1);
  if (count === 0) return;
  const together = queue.sharesMemory && length > SHORT;
  const [first, step] = together ? ['i32(lane)', GROUP] : ['0', 1];
  const joined = (how: string, own: string) => (together ? `${own} = ${how}(lane, ${own});` : '');
  const body = `let start = n.x_at + r / n.inner * (n.length * n.inner) + r % n.inner;
  let into = n.out_at + start - n.x_at;
  ${setup}
  var most = x[start + min(${first}, n.length - 1) * n.inner];
  for (var k = ${first} + ${step}; k < n.length; k += ${step}) { most = larger(most, x[start + k * n.inner]); }
  ${joined('largest', 'most')}
  var total = 0.0;
  for (var k = ${first}; k < n.length; k += ${step}) { total += exp(x[start + k * n.inner] - most); }
  ${joined('sum', 'total')}
  if (is_nan(most)) { total = most; } // exp of NaN may be anything`;
  const results = element
    ? `for (var k = ${first}; k < n.length; k += ${step}) {
    let score = x[start + k * n.inner];
    out[into + k * n.inner] = ${element};
  }`
    : `${together ? 'if (lane == 0u) ' : ''}{ out[n.out_at + r] = ${row}; }`;
  const inGroups = `${LARGER}
var<workgroup> lanes: array<f32, ${GROUP}>;
${fold('largest', 'larger(x, y)')}
${fold('sum', 'x + y')}`;
  const byGroup = `let r = min(group_number, n.count - 1);
  ${body}
  if (r == group_number) { ${results} }`;
  const reads = { x, ...others };
  const whole: Record<string, number> = { count, length, inner: countOf({ shape: x.shape.slice(axis + 1) }) };
  for (const [key, { offset }] of Object.entries({ ...reads, out })) whole[`${key}_at`] = offset;
  queue.run({
    name,
    key: `${together}|${element}${row}`,
    body: () => (together ? eachGroup(byGroup, inGroups) : each(`let r = i;\n  ${body}\n  ${results}`, LARGER)),
    reads,
    writes: { out },
    whole,
    real,
    groups: together ? count : groupsFor(count),
  });
}

/** out = softmax of x along an axis, or its logarithm. @since 48 */
export function softmax(queue: Queue, scratch: Scratch, x: View, axis: number, log: boolean, out: View): void {
  const result = log
    ? { name: 'softmax', element: 'score - most - log(total)' }
    : { name: 'softmax', element: 'exp(score - most) / total' };
  scratch.dense(x, (x) => rows(queue, result, x, axis, out));
}

/** out = −mean of ln softmax(x) at the labels: each row's part, then their sum. @since 48 */
export function crossEntropy(queue: Queue, scratch: Scratch, x: View, labels: View, out: View): void {
  const [N] = x.shape;
  if (N === 0) return fill(queue, NaN, out);
  const right = 'x[start + labels[n.labels_at + r]]';
  const result = { name: 'crossEntropy', row: `(log(total) - (${right} - most)) * n.share` };
  scratch.denseBoth(x, labels, (x, labels) =>
    scratch.use('float32', N, (losses) => {
      rows(queue, result, x, 1, losses, { labels }, { share: 1 / N });
      reduce(queue, scratch, 'sum', losses, [0], seen(out, [1], [1]));
    }),
  );
}

/** out = gy · (softmax(x) − 1 at the label) / N. @since 48 */
export function crossEntropyInput(queue: Queue, scratch: Scratch, x: View, labels: View, gy: View, out: View): void {
  const result = {
    name: 'crossEntropyInput',
    setup: 'let label = labels[n.labels_at + r]; let scale = gy[n.gy_at] * n.share;',
    element: '(exp(score - most) / total - f32(k == label)) * scale',
  };
  scratch.denseBoth(x, labels, (x, labels) =>
    rows(queue, result, x, 1, out, { labels, gy }, { share: 1 / x.shape[0] }),
  );
}
