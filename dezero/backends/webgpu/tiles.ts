/**
 * The kernels of matrix products, and of convolutions as products without a buffer of windows. What a factor's element (row, depth) is, and where a result
 * goes, is all that distinguishes the one from the other.
 *
 * Tiled: a workgroup of 16 × 16 invocations makes a tile of out, at most 64 × 64. It goes along the inner axis in steps of 16: all load a piece
 * of each factor into shared memory, then each invocation adds up its own 4 × 4 products in registers.
 *
 * Direct: each invocation reads its 8 rows and 8 columns itself. Real gpus would wait for their memory, but one made of software, whose
 * shared memory is no nearer and whose invocations take turns on a few processor cores, is five times as fast, and built in a tenth of the time.
 */
import type { Narrowing } from './queue';

/** One factor in WGSL. @since 48 */
export interface Factor {
  /** `struct NAME_line`, what is known of a row (of a column, for the second factor) however deep. @since 48 */
  readonly line: string;
  /** Body of `fn NAME_lineOf(batch: i32, at: i32) -> NAME_line`. @since 48 */
  readonly lineOf: string;
  /** `struct NAME_depth`, what is known of a place along the inner axis whatever the row. @since 48 */
  readonly depth: string;
  /** Body of `fn NAME_depthOf(k: i32) -> NAME_depth`. @since 48 */
  readonly depthOf: string;
  /** Body of `fn NAME_read(line: NAME_line, depth: NAME_depth) -> f32`. @since 48 */
  readonly read: string;
  /** True if neighbours in memory are neighbours along the inner axis: then so should be the invocations that load them. @since 48 */
  readonly alongDepth: boolean;
}

/** How products are made: see above. @since 48 */
export type ProductKind = 'tiled' | 'direct';

/** What a product's kernel is made of. @since 48 */
export interface ProductKernel {
  readonly a: Factor;
  readonly b: Factor;
  /** WGSL: where in out the first row of a column lies; left out: row by row, batch by batch. @since 48 */
  readonly columnAt?: string;
  /** WGSL: how far apart its rows are. @since 48 */
  readonly rowStep?: string;
  /** WGSL: what is added to a sum, by row or by column; AT stands for which. @since 48 */
  readonly bias?: { readonly by: 'row' | 'column'; readonly value: string } | null;
  /** Whether results below 0 become 0. @since 48 */
  readonly relu?: boolean;
  /** WGSL: functions that the factors call. @since 48 */
  readonly helpers?: string;
}

/**
 * What elements are made of. In mixed precision (Micikevicius et al., "Mixed precision training", 2018) factors are multiplied as numbers of 16
 * bits, and what comes of it is added up in 32.
 * @since 48
 */
export interface Elements {
  /** In memory, and of sums. @since 48 */
  readonly type: string;
  /** In tiles. @since 48 */
  readonly inTile: string;
  /** From memory into a tile. @since 48 */
  readonly narrow: (x: string) => string;
  /** WGSL: a function that `narrow` calls. @since 48 */
  readonly helper?: string;
}

/** The elements of products of a type. @since 48 */
export function elementsOf(type: string, narrowing: Narrowing | null): Elements {
  if (narrowing === 'f16') return { type, inTile: 'f16', narrow: (x) => `f16(${x})` };
  if (narrowing === 'rounding') return { type, inTile: type, narrow: (x) => `rounded(${x})`, helper: ROUNDED };
  return { type, inTile: type, narrow: (x) => x };
}

/** The nearest number of 16 bits, the even one of two. WGSL's own quantizeToF16 may round towards 0, and does so on some devices. */
const ROUNDED = `
fn rounded(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  if (abs(x) < 6.103515625e-05) { return round(x * 16777216.0) / 16777216.0; } // below 2⁻¹⁴ in steps of 2⁻²⁴
  if (abs(x) >= 65520.0) { return bitcast<f32>((bits & 0x80000000u) | 0x7f800000u); }
  return bitcast<f32>((bits + 0xfffu + ((bits >> 13u) & 1u)) & 0xffffe000u);
}`;

/** Invocations along each side of a workgroup, and depth of a step. @since 48 */
export const SIDE = 16;
const LANES = 4; // invocations of a direct workgroup
const DIRECT_ROWS = 8; // of each of them
const DIRECT_COLUMNS = 8;

/** How out is cut into tiles, one for each workgroup. @since 48 */
export interface Tiling {
  readonly rows: number;
  readonly columns: number;
  /** Rows and columns of a tile. @since 48 */
  readonly height: number;
  readonly width: number;
}

/** The tiles of an M × N product: no larger than it needs. @since 48 */
export function tilingOf(kind: ProductKind, M: number, N: number): Tiling {
  if (kind === 'direct') {
    const rows = Math.min(DIRECT_ROWS, M);
    return { rows, columns: DIRECT_COLUMNS, height: rows, width: LANES * DIRECT_COLUMNS };
  }
  const perInvocation = (n: number): number => (n <= SIDE ? 1 : n <= 2 * SIDE ? 2 : 4);
  const [rows, columns] = [perInvocation(M), perInvocation(N)];
  return { rows, columns, height: SIDE * rows, width: SIDE * columns };
}

function factor(name: string, { line, lineOf, depth, depthOf, read }: Factor, type: string): string {
  return `
struct ${name}_line { ${line} }
struct ${name}_depth { ${depth} }
fn ${name}_lineOf(batch: i32, at: i32) -> ${name}_line { ${lineOf} }
fn ${name}_depthOf(k: i32) -> ${name}_depth { ${depthOf} }
fn ${name}_read(line: ${name}_line, depth: ${name}_depth) -> ${type} { ${read} }
`;
}

const each = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n    ');

/** How the workgroup loads a tile of one factor: 16 deep, `count` lines an invocation. */
function loading(name: string, { alongDepth }: Factor, count: number, first: string, { inTile, narrow }: Elements) {
  const width = SIDE * count;
  if (alongDepth) {
    // Neighbouring invocations go along the depth: each has one depth and several lines.
    return {
      before: each(count, (i) => `let ${name}${i} = ${name}_lineOf(batch, ${first} + down_lane + ${SIDE * i});`),
      load: `let ${name}_k = ${name}_depthOf(k + lane_across);
    ${each(count, (i) => `${name}_tile[lane_across * ${width} + down_lane + ${SIDE * i}] = ${inTile}(0);`)}
    if (k + lane_across < end) {
    ${each(count, (i) => `if (${first} + down_lane + ${SIDE * i} < n.${name === 'a' ? 'M' : 'N'}) { ${name}_tile[lane_across * ${width} + down_lane + ${SIDE * i}] = ${narrow(`${name}_read(${name}${i}, ${name}_k)`)}; }`)}
    }`,
    };
  }
  // Neighbouring invocations go along the lines: each has one line and several depths.
  const step = (SIDE * SIDE) / width;
  return {
    before: `let ${name}_at = lane % ${width}; let ${name}_down = lane / ${width};
  let ${name}0 = ${name}_lineOf(batch, ${first} + ${name}_at);`,
    load: each(
      count,
      (i) => `{
      let depth = ${name}_down + ${i * step};
      var value = ${inTile}(0);
      if (k + depth < end && ${first} + ${name}_at < n.${name === 'a' ? 'M' : 'N'}) { value = ${narrow(`${name}_read(${name}0, ${name}_depthOf(k + depth))`)}; }
      ${name}_tile[depth * ${width} + ${name}_at] = value;
    }`,
    ),
  };
}

/** The WGSL of a product. @since 48 */
export function source(job: ProductKernel, kind: ProductKind, tiling: Tiling, elements: Elements): string {
  const { a, b, helpers = '' } = job;
  const { height, width } = tiling;
  const { type, inTile, helper = '' } = elements;
  return `${helpers}${helper}
${factor('a', a, type)}${factor('b', b, type)}
${kind === 'direct' ? '' : `var<workgroup> a_tile: array<${inTile}, ${SIDE * height}>;\nvar<workgroup> b_tile: array<${inTile}, ${SIDE * width}>;`}
@compute @workgroup_size(${kind === 'direct' ? LANES : SIDE * SIDE})
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) index: u32,
) {
  let lane = i32(index);
  let tile = i32(group.y * groups.x + group.x);
  let left = (tile % n.across) * ${width};
  let top = (tile / n.across % n.down) * ${height};
  let layer = tile / (n.across * n.down);
  let part = layer / n.batches;
  let batch = layer % n.batches;
  let end = min(n.K, (part + 1) * n.share);
  ${kind === 'direct' ? directBody(job, tiling, elements) : tiledBody(job, tiling, elements)}
}`;
}

function tiledBody(job: ProductKernel, { rows, columns, height, width }: Tiling, elements: Elements): string {
  const { type, inTile } = elements;
  const loadA = loading('a', job.a, rows, 'top', elements);
  const loadB = loading('b', job.b, columns, 'left', elements);
  const wide = (x: string) => (inTile === type ? x : `${type}(${x})`);
  const vector = columns === 1 ? type : `vec${columns}<${type}>`;
  const column = (j: number) => wide(`b_tile[depth * ${width} + lane_across + ${SIDE * j}]`);
  return `let lane_across = lane % ${SIDE};
  let down_lane = lane / ${SIDE};
  ${loadA.before}
  ${loadB.before}
  ${each(rows, (i) => `var sum${i} = ${vector}();`)}
  for (var k = part * n.share; k < end; k += ${SIDE}) {
    ${loadA.load}
    ${loadB.load}
    workgroupBarrier();
    for (var depth = 0; depth < ${SIDE}; depth++) {
      let b_row = ${vector}(${Array.from({ length: columns }, (_, j) => column(j)).join(', ')});
      ${each(rows, (i) => `sum${i} += ${wide(`a_tile[depth * ${height} + down_lane + ${SIDE * i}]`)} * b_row;`)}
    }
    workgroupBarrier();
  }
  ${storing(job, rows, columns, {
    row: (i) => `top + down_lane + ${SIDE * i}`,
    column: (j) => `left + lane_across + ${SIDE * j}`,
    sum: (i, j) => (columns === 1 ? `sum${i}` : `sum${i}[${j}]`),
  })}`;
}

/** Rows and columns beyond the edge are those at the edge once more, and are not stored. */
function directBody(job: ProductKernel, { rows, columns }: Tiling, { type, narrow }: Elements): string {
  const all = (line: (i: number, j: number) => string) => each(rows, (i) => each(columns, (j) => line(i, j)));
  const [row, column] = [(i: number) => `top + ${i}`, (j: number) => `left + lane + ${LANES * j}`];
  return `${each(rows, (i) => `let a${i} = a_lineOf(batch, min(${row(i)}, n.M - 1));`)}
  ${each(columns, (j) => `let b${j} = b_lineOf(batch, min(${column(j)}, n.N - 1));`)}
  ${all((i, j) => `var sum${i}_${j} = ${type}(0);`)}
  for (var k = part * n.share; k < end; k++) {
    let a_k = a_depthOf(k);
    let b_k = b_depthOf(k);
    ${each(rows, (i) => `let row${i} = ${narrow(`a_read(a${i}, a_k)`)};`)}
    ${each(columns, (j) => `let column${j} = ${narrow(`b_read(b${j}, b_k)`)};`)}
    ${all((i, j) => `sum${i}_${j} += row${i} * column${j};`)}
  }
  ${storing(job, rows, columns, { row, column, sum: (i, j) => `sum${i}_${j}` })}`;
}

/** Writes an invocation's sums where they belong: columns outside, rows inside, so that each place is worked out once. */
function storing(
  { columnAt = 'batch * n.M * n.N + column', rowStep = 'n.N', bias, relu = false }: ProductKernel,
  rows: number,
  columns: number,
  names: { row: (i: number) => string; column: (j: number) => string; sum: (i: number, j: number) => string },
): string {
  const value = (i: number, j: number) => {
    const sum = bias ? `${names.sum(i, j)} + ${bias.by === 'row' ? `bias${i}` : 'bias_here'}` : names.sum(i, j);
    return relu ? `select(0, ${sum}, ${sum} > 0)` : sum; // NaN becomes 0
  };
  return `if (part >= n.parts) { return; }
  ${each(rows, (i) => `let at${i} = (${names.row(i)}) * ${rowStep};`)}
  ${bias?.by === 'row' ? each(rows, (i) => `let bias${i} = ${bias.value.replace('AT', `min(${names.row(i)}, n.M - 1)`)};`) : ''}
  ${each(
    columns,
    (j) => `{
      let column = ${names.column(j)};
      if (column < n.N) {
        let at = n.out_at + part * n.part_size + ${columnAt};
        ${bias?.by === 'column' ? `let bias_here = ${bias.value.replace('AT', 'column')};` : ''}
        ${each(rows, (i) => `if (${names.row(i)} < n.M) { out[at + at${i}] = ${value(i, j)}; }`)}
      }
    }`,
  )}`;
}
