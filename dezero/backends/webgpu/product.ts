/** Matrix products with any strides: how many workgroups they take, and what these are told. */
import type { View } from '../backend';
import { countOf } from './layout';
import { WGSL, type Queue } from './queue';
import { reduce } from './reduce';
import type { Scratch } from './scratch';
import { elementsOf, SIDE, source, tilingOf, type Factor, type ProductKernel } from './tiles';

/** A product to be run. @since 48 */
export interface Product extends ProductKernel {
  readonly name: string;
  readonly key: string;
  readonly batches: number;
  readonly M: number;
  readonly N: number;
  readonly K: number;
  readonly reads: Readonly<Record<string, View>>;
  readonly out: View;
  readonly whole: Readonly<Record<string, number>>;
}

const FEW_TILES = 128; // with fewer, a long inner axis is shared among workgroups
const LEAST_DEPTH = 512; // of one share
const MANY_ROWS = 32; // for which a factor is laid out
const kindOf = (queue: Queue) => (queue.sharesMemory ? 'tiled' : 'direct');

/** Runs a product; one with few tiles and a long inner axis in parts that are added up afterwards. @since 48 */
export function product(queue: Queue, scratch: Scratch, job: Product, splits = false): void {
  const { batches, M, N, K, out } = job;
  if (batches * M * N === 0) return;
  const { height, width } = tilingOf(kindOf(queue), M, N);
  const tiles = batches * Math.ceil(M / height) * Math.ceil(N / width);
  const parts = splits ? Math.max(1, Math.min(Math.ceil((4 * FEW_TILES) / tiles), Math.floor(K / LEAST_DEPTH))) : 1;
  if (tiles >= FEW_TILES || parts === 1) return run(queue, job, 1, out);
  const length = batches * M * N;
  scratch.use(out.dtype, parts * length, (partial) => {
    run(queue, job, parts, partial);
    const shaped = (x: View, first: number): View => ({ ...strip(x), shape: [first, length], strides: [length, 1] });
    reduce(queue, scratch, 'sum', shaped(partial, parts), [0], shaped(out, 1));
  });
}

const strip = ({ storage, dtype, offset }: View) => ({ storage, dtype, offset });

function run(queue: Queue, job: Product, parts: number, out: View): void {
  const { name, key, batches, M, N, K, reads, whole } = job;
  const kind = kindOf(queue);
  const tiling = tilingOf(kind, M, N);
  // Without tiles there is no memory of f16, and a compiler may leave out a conversion there and back; some do.
  const wanted = queue.narrowing && kind === 'direct' ? 'rounding' : queue.narrowing;
  const narrowing = out.dtype === 'float32' ? wanted : null;
  const across = Math.ceil(N / tiling.width);
  const down = Math.ceil(M / tiling.height);
  queue.run({
    name,
    key: `${key}|${kind}|${narrowing}|${tiling.rows}×${tiling.columns}`,
    enable: narrowing === 'f16' ? ['f16'] : [],
    body: () => source(job, kind, tiling, elementsOf(WGSL[out.dtype], narrowing)),
    reads,
    writes: { out },
    whole: {
      M,
      N,
      K,
      batches,
      across,
      down,
      // How deep each part goes: whole steps.
      share: Math.ceil(Math.ceil(K / parts) / SIDE) * SIDE,
      part_size: batches * M * N,
      parts,
      out_at: out.offset,
      ...whole,
    },
    groups: across * down * batches * parts,
  });
}

/** A factor with a stride along its lines and one along the inner axis. @since 48 */
function strided(name: string, alongDepth: boolean): Factor {
  return {
    line: 'at: i32',
    lineOf: `return ${name}_line(n.${name}_at + ${name}_batch(batch) + at * n.${name}_line_step);`,
    depth: 'at: i32',
    depthOf: `return ${name}_depth(k * n.${name}_depth_step);`,
    read: `return ${name}[line.at + depth.at];`,
    alongDepth,
  };
}

/** What may be done to the sums of a product before they are stored. @since 48 */
export interface Finish {
  /** Whether a bias is one number a column (default) or one a row; one that is longer serves matrices in turn. @since 48 */
  readonly by?: 'row' | 'column';
  /** Whether results below 0 become 0; default no. @since 48 */
  readonly relu?: boolean;
}

/** out = a·b (+ bias) for each pair of matrices, with any strides. @since 48 */
export function matmul(
  queue: Queue,
  scratch: Scratch,
  a: View,
  b: View,
  bias: View | null,
  out: View,
  { by = 'column', relu = false }: Finish = {},
): void {
  const rank = out.shape.length;
  const lead = out.shape.slice(0, -2);
  const [M, N] = out.shape.slice(-2);
  // Invocations side by side read columns side by side: if these are not so in memory, and are read often, they are laid out first.
  const apart = b.strides[rank - 1] !== 1 && lead.every((size, axis) => size === 1 || b.strides[axis] !== 0);
  if (kindOf(queue) === 'direct' && M >= MANY_ROWS && N > 1 && apart) {
    return scratch.dense(b, (b) => matmul(queue, scratch, a, b, bias, out, { by, relu }));
  }
  const K = a.shape[rank - 1];
  const biased = by === 'row' ? M : N;
  const whole: Record<string, number> = {
    a_at: a.offset,
    b_at: b.offset,
    a_line_step: a.strides[rank - 2],
    a_depth_step: a.strides[rank - 1],
    b_line_step: b.strides[rank - 1],
    b_depth_step: b.strides[rank - 2],
    bias_at: bias?.offset ?? 0,
    bias_step: bias?.strides[0] ?? 0,
    biases: bias ? bias.shape[0] / biased : 1,
  };
  lead.forEach((size, axis) => {
    whole[`lead${axis}`] = size;
    whole[`a_lead${axis}`] = a.strides[axis];
    whole[`b_lead${axis}`] = b.strides[axis];
  });
  // Where a batch begins in each factor: its number taken apart along the leading axes.
  const batchOf = (name: string) => `
fn ${name}_batch(batch: i32) -> i32 {
  var rest = batch;
  var at = 0;
  ${lead.map((_, i) => lead.length - 1 - i).map((axis) => `at += rest % n.lead${axis} * n.${name}_lead${axis}; rest /= n.lead${axis};`).join(' ')}
  return at;
}`; // prettier-ignore
  const along = (x: View, depth: number, line: number) => Math.abs(x.strides[depth]) < Math.abs(x.strides[line]);
  const [aAlong, bAlong] = [along(a, rank - 1, rank - 2), along(b, rank - 2, rank - 1)];
  const job: Product = {
    name: 'matmul',
    key: `${lead.length}|${aAlong}|${bAlong}|${bias && by}|${relu}`,
    batches: countOf({ shape: lead }),
    M,
    N,
    K,
    a: strided('a', aAlong),
    b: strided('b', bAlong),
    bias: bias && {
      by,
      value: `bias[n.bias_at + (batch % n.biases * n.${by === 'row' ? 'M' : 'N'} + AT) * n.bias_step]`,
    },
    relu,
    helpers: batchOf('a') + batchOf('b'),
    reads: { a, b, ...(bias ? { bias } : {}) },
    out,
    whole,
  };
  product(queue, scratch, job, bias === null && !relu);
}
