/** Along axes: sums and extremes, in two stages where one would keep too few invocations busy; positions of maxima. */
import type { ReduceOp, View } from '../backend';
import { countOf, merge, rowMajor, seen } from './layout';
import { WGSL, type Queue } from './queue';
import type { Scratch } from './scratch';
import { fill } from './elementwise';
import { coordinates, each, eachGroup, GROUP, groupsFor, IS_NAN, place, placeNumbers, sizeNumbers } from './wgsl';

const SHORT = 64; // elements that one invocation may go through alone
const ENOUGH = 16384; // rows that keep a gpu busy with an invocation each
const SEGMENT = 8 * GROUP; // elements of a row for one workgroup
const PIECE = 256; // elements of a row for one invocation without shared memory

/** What one invocation adds up, and how two such come together. */
const COMBINE: Record<ReduceOp, string> = { sum: 'x + y', max: 'max(x, y)', min: 'min(x, y)' };

function combine(op: ReduceOp, float: boolean): string {
  const type = float ? 'f32' : 'i32';
  if (op === 'sum' || !float) return `fn combine(x: ${type}, y: ${type}) -> ${type} { return ${COMBINE[op]}; }`;
  return `${IS_NAN}
fn combine(x: f32, y: f32) -> f32 {
  if (is_nan(x)) { return x; }
  if (is_nan(y)) { return y; }
  return ${COMBINE[op]};
}`;
}

/** A workgroup's totals become one, in invocation 0: half of them add the other half's, and half of these, … */
const IN_MEMORY = `totals[lane] = total;
  for (var half = ${GROUP / 2}u; half > 0u; half >>= 1u) {
    workgroupBarrier();
    if (lane < half) { totals[lane] = combine(totals[lane], totals[lane + half]); }
  }
  total = totals[lane];`;

/** The same where the 4 to 128 invocations that run in step, a subgroup, see each other's numbers: memory and waiting only between subgroups. */
const IN_SUBGROUPS = `for (var far = 1u; far < subgroup_size; far <<= 1u) { total = combine(total, subgroupShuffleXor(total, far)); }
  if (lane_in_subgroup == 0u) { totals[subgroup] = total; }
  workgroupBarrier();
  if (lane == 0u) {
    total = totals[0];
    for (var k = 1u; k < subgroups; k++) { total = combine(total, totals[k]); }
  }`;
const SUBGROUP = `@builtin(subgroup_size) subgroup_size: u32,
  @builtin(subgroup_invocation_id) lane_in_subgroup: u32,
  @builtin(subgroup_id) subgroup: u32,
  @builtin(num_subgroups) subgroups: u32,`;

/** Rows to be reduced: the axes that stay, and those that go. */
function rowsOf(x: View, axes: readonly number[]) {
  const stay = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const pick = (list: readonly number[], order: readonly number[]) => order.map((axis) => list[axis]);
  const kept = merge(pick(x.shape, stay), [pick(x.strides, stay)]);
  const gone = merge(pick(x.shape, axes), [pick(x.strides, axes)]);
  return { kept, gone, length: axes.reduce((product, axis) => product * x.shape[axis], 1) };
}

/** out = x reduced along axes; out is dense. @since 48 */
export function reduce(
  queue: Queue,
  scratch: Scratch,
  op: ReduceOp,
  x: View,
  axes: readonly number[],
  out: View,
): void {
  const rows = countOf(out);
  if (rows === 0) return;
  const { kept, gone, length } = rowsOf(x, axes);
  if (length === 0) return fill(queue, 0, out);
  const alone = length <= SHORT || rows >= ENOUGH;
  const { sharesMemory } = queue;
  const segment = alone ? length : sharesMemory ? SEGMENT : PIECE;
  const parts = Math.ceil(length / segment);
  const numbers = {
    count: rows * parts,
    length,
    out_at: out.offset,
    parts,
    segment,
    ...sizeNumbers(kept.sizes, 'kept'),
    ...sizeNumbers(gone.sizes, 'gone'),
    ...placeNumbers('row', x.offset, kept.strides[0]),
    ...placeNumbers('in', 0, gone.strides[0]),
  };
  const [R, K] = [kept.sizes.length, gone.sizes.length];
  const type = WGSL[x.dtype];
  const row = (from: string) => `${coordinates(R, from, 'kept', 'r')}\n  let row = ${place('row', R, 'r')};`;
  const element = `
fn element(row: i32, k: i32) -> ${type} {
  ${coordinates(K, 'k', 'gone', 'k_')}
  return x[row + ${place('in', K, 'k_')}];
}`;
  const helpers = combine(op, x.dtype === 'float32') + element;
  const single = `let r = i / n.parts;
  ${row('r')}
  let first = (i % n.parts) * n.segment;
  var total = element(row, first);
  for (var k = first + 1; k < min(first + n.segment, n.length); k++) { total = combine(total, element(row, k)); }
  out[n.out_at + i] = total;`;
  const inGroups = `${helpers}\nvar<workgroup> totals: array<${type}, ${GROUP}>;`;
  const share = (subgroups: boolean) => `let i = group_number;
  let inside = i < n.count;
  let r = select(0, i / n.parts, inside);
  ${row('r')}
  let first = (i % n.parts) * n.segment;
  let end = min(first + n.segment, n.length);
  // Invocations beyond the end of a short segment have what changes nothing: 0 for a sum, else an element that another has too.
  var total = element(row, min(first + i32(lane), end - 1));
  ${op === 'sum' ? `if (first + i32(lane) >= end) { total = ${type}(0); }` : ''}
  for (var k = first + i32(lane) + ${GROUP}; k < end; k += ${GROUP}) { total = combine(total, element(row, k)); }
  ${subgroups ? IN_SUBGROUPS : IN_MEMORY}
  if (lane == 0u && inside) { out[n.out_at + i] = total; }`;
  const bySegment = (subgroups: boolean) => eachGroup(share(subgroups), inGroups, subgroups ? SUBGROUP : '');
  const byGroup = sharesMemory && !alone;
  const subgroups = byGroup && queue.subgroups;
  const run = (into: View) =>
    queue.run({
      name: op,
      key: `${byGroup}|${subgroups}|${R}|${K}`,
      enable: subgroups ? ['subgroups'] : [],
      body: () => (byGroup ? bySegment(subgroups) : each(single, helpers)),
      reads: { x },
      writes: { out: into },
      whole: { ...numbers, out_at: into.offset },
      groups: byGroup ? rows * parts : groupsFor(rows * parts),
    });
  if (parts === 1) return run(out);
  // A row has several segments: a second stage reduces what they came to.
  scratch.use(x.dtype, rows * parts, (partial) => {
    run(partial);
    reduce(
      queue,
      scratch,
      op,
      seen(partial, [rows, parts], rowMajor([rows, parts])),
      [1],
      seen(out, [rows, 1], [1, 1]),
    );
  });
}

/** Position of the first largest element along an axis; a NaN counts as the largest. @since 48 */
export function argMax(queue: Queue, x: View, axis: number, out: View): void {
  const rows = countOf(out);
  if (rows === 0) return;
  const { kept, length } = rowsOf(x, [axis]);
  const R = kept.sizes.length;
  const type = WGSL[x.dtype];
  const nan = x.dtype === 'float32' ? 'is_nan' : 'never';
  const body = `${coordinates(R, 'i', 'kept', 'r')}
  let row = ${place('row', R, 'r')};
  var best = 0;
  var most = x[row];
  for (var k = 1; k < n.length && !${nan}(most); k++) {
    let value = x[row + k * n.step];
    if (value > most || ${nan}(value)) { best = k; most = value; }
  }
  out[n.out_at + i] = best;`;
  queue.run({
    name: 'argMax',
    key: `${R}`,
    body: () => each(body, x.dtype === 'float32' ? IS_NAN : `fn never(x: ${type}) -> bool { return false; }`),
    reads: { x },
    writes: { out },
    whole: {
      count: rows,
      length,
      step: x.strides[axis],
      out_at: out.offset,
      ...sizeNumbers(kept.sizes, 'kept'),
      ...placeNumbers('row', x.offset, kept.strides[0]),
    },
    groups: groupsFor(rows),
  });
}
