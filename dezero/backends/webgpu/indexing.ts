/** Elements taken at positions, and added at positions. Positions that do not exist give NaN: a kernel cannot stop with an error. */
import type { View } from '../backend';
import { countOf } from './layout';
import { WGSL, type Queue } from './queue';
import type { Scratch } from './scratch';
import { each, groupsFor } from './wgsl';

/** Sizes before, at and after an axis: the array as (outer, size, inner). */
function around(shape: readonly number[], axis: number) {
  const product = (list: readonly number[]) => list.reduce((a, b) => a * b, 1);
  return { size: shape[axis], inner: product(shape.slice(axis + 1)), outer: product(shape.slice(0, axis)) };
}

/** out = x at `indices` along an axis; negative ones count from the end. @since 48 */
export function gather(queue: Queue, scratch: Scratch, x: View, axis: number, indices: View, out: View): void {
  const count = countOf(out);
  if (count === 0) return;
  const { size, inner } = around(x.shape, axis);
  const type = WGSL[x.dtype];
  const body = `let along = i / n.inner;
  var index = indices[n.indices_at + along % n.taken];
  if (index < 0) { index += n.size; }
  var value = ${x.dtype === 'float32' ? 'bitcast<f32>(0x7fc00000u | u32(n.count - n.count))' : `${type}(0)`};
  if (index >= 0 && index < n.size) { value = x[n.x_at + (along / n.taken * n.size + index) * n.inner + i % n.inner]; }
  out[n.out_at + i] = value;`;
  scratch.denseBoth(x, indices, (x, indices) =>
    queue.run({
      name: 'gather',
      key: '',
      body: () => each(body),
      reads: { x, indices },
      writes: { out },
      whole: {
        count,
        size,
        inner,
        taken: countOf(indices),
        x_at: x.offset,
        indices_at: indices.offset,
        out_at: out.offset,
      },
      groups: groupsFor(count),
    }),
  );
}

/**
 * out += x at `indices` along an axis, repeated ones too. Each element of out is added to by one invocation, in the order of the indices, so
 * that sums come out the same each time: with few places in out one for each of them; with many, one for the first index that names it.
 * @since 48
 */
export function scatterAdd(queue: Queue, scratch: Scratch, x: View, axis: number, indices: View, out: View): void {
  const { size, inner, outer } = around(out.shape, axis);
  const taken = countOf(indices);
  const fewPlaces = size <= taken;
  const count = outer * inner * (fewPlaces ? size : taken);
  if (count === 0 || taken === 0) return;
  const indexAt = (k: string) => `wrapped(indices[n.indices_at + ${k}])`;
  const sum = `var total = ${WGSL[x.dtype]}(0);
  for (var k = first; k < n.taken; k++) {
    if (${indexAt('k')} == place) { total += x[n.x_at + (before * n.taken + k) * n.inner + within]; }
  }
  out[n.out_at + (before * n.size + place) * n.inner + within] += total;`;
  const body = `let within = i % n.inner;
  let before = i / n.inner / n.each;
  ${
    fewPlaces
      ? 'let place = i / n.inner % n.each; let first = 0;'
      : `let first = i / n.inner % n.each;
  let place = ${indexAt('first')};
  if (place < 0 || place >= n.size) { return; }
  for (var k = 0; k < first; k++) { if (${indexAt('k')} == place) { return; } }`
  }
  ${sum}`;
  scratch.denseBoth(x, indices, (x, indices) =>
    queue.run({
      name: 'scatterAdd',
      key: `${fewPlaces}`,
      body: () => each(body, 'fn wrapped(index: i32) -> i32 { return select(index, index + n.size, index < 0); }'),
      reads: { x, indices },
      writes: { out },
      whole: {
        count,
        size,
        inner,
        taken,
        each: fewPlaces ? size : taken,
        x_at: x.offset,
        indices_at: indices.offset,
        out_at: out.offset,
      },
      groups: groupsFor(count),
    }),
  );
}
