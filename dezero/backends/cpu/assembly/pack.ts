/**
 * Packing: the operands of a product, laid out so that the innermost loop reads memory straight on.
 * Offset tables hold int32 byte offsets.
 */

/** True if the four offsets at `table` are neighbouring floats: 0, 4, 8, 12 bytes after the first. @since 28 */
export function isRun(table: usize): bool {
  const offsets = v128.load(table);
  return i32x4.all_true(i32x4.eq(i32x4.sub(offsets, v128.load32_splat(table)), i32x4(0, 4, 8, 12)));
}

/** How many of the offsets at `table`, counted in fours, go on from neighbour to neighbour. @since 28 */
export function runLength(table: usize, count: i32): i32 {
  const first = load<i32>(table);
  let j = 0;
  while (j + 4 <= count && load<i32>(table + (j << 2)) == first + (j << 2) && isRun(table + (j << 2))) j += 4;
  return j;
}

/**
 * Copies `count` neighbouring lanes, a multiple of 8, into strips of 8 that lie `pitch` bytes apart. It reads along the lanes, as
 * memory is quickest to read.
 * @since 28
 */
export function packRows(from: usize, count: i32, depths: usize, depth: i32, to: usize, pitch: i32): void {
  for (const end = to + (depth << 5); to < end; to += 32, depths += 4) {
    let source = from + load<i32>(depths);
    let target = to;
    for (const last = source + (count << 2); source < last; source += 32, target += pitch) {
      v128.store(target, v128.load(source));
      v128.store(target, v128.load(source, 16), 16);
    }
  }
}

/**
 * Copies four lanes of a matrix, `depth` deep: to[k·step + lane] = from[lanes[lane] + depths[k]].
 * If only `count` < 4 lanes are left, the last one is repeated.
 * @since 28
 */
export function packStrip(
  from: usize,
  lanes: usize,
  count: i32,
  depths: usize,
  depth: i32,
  to: usize,
  step: usize,
): void {
  const p0 = from + load<i32>(lanes);
  const p1 = count > 1 ? from + load<i32>(lanes, 4) : p0;
  const p2 = count > 2 ? from + load<i32>(lanes, 8) : p1;
  const p3 = count > 3 ? from + load<i32>(lanes, 12) : p2;
  const end = depths + ((<usize>depth) << 2);
  if (p1 - p0 == 4 && p2 - p0 == 8 && p3 - p0 == 12) {
    for (; depths < end; depths += 4, to += step) v128.store(to, v128.load(p0 + load<i32>(depths)));
    return;
  }
  for (; depths + 16 <= end; depths += 16, to += step << 2) {
    if (isRun(depths)) {
      // Four lanes of four neighbours each: a 4×4 transpose.
      const at = load<i32>(depths);
      const r0 = v128.load(p0 + at);
      const r1 = v128.load(p1 + at);
      const r2 = v128.load(p2 + at);
      const r3 = v128.load(p3 + at);
      const s0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
      const s1 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
      const s2 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
      const s3 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
      v128.store(to, v128.shuffle<i64>(s0, s1, 0, 2));
      v128.store(to + step, v128.shuffle<i64>(s0, s1, 1, 3));
      v128.store(to + step * 2, v128.shuffle<i64>(s2, s3, 0, 2));
      v128.store(to + step * 3, v128.shuffle<i64>(s2, s3, 1, 3));
    } else {
      gatherFour(p0, p1, p2, p3, load<i32>(depths), to);
      gatherFour(p0, p1, p2, p3, load<i32>(depths, 4), to + step);
      gatherFour(p0, p1, p2, p3, load<i32>(depths, 8), to + step * 2);
      gatherFour(p0, p1, p2, p3, load<i32>(depths, 12), to + step * 3);
    }
  }
  for (; depths < end; depths += 4, to += step) gatherFour(p0, p1, p2, p3, load<i32>(depths), to);
}

function gatherFour(p0: usize, p1: usize, p2: usize, p3: usize, at: i32, to: usize): void {
  store<f32>(to, load<f32>(p0 + at));
  store<f32>(to, load<f32>(p1 + at), 4);
  store<f32>(to, load<f32>(p2 + at), 8);
  store<f32>(to, load<f32>(p3 + at), 12);
}

@unmanaged
export class Move {
  kind: i32;
  pieces: i32;
  next: i32; // prettier-ignore
  /** Rows in all, rows in a piece, columns, how many columns at a time are neighbours, and words of 4 bytes in these. */
  rowCount: i32;
  share: i32;
  columnCount: i32;
  unit: i32;
  words: i32; // prettier-ignore
  /** A matrix reached through tables, and one that lies row by row. */
  at: usize;
  rows: usize;
  columns: usize;
  plain: usize; // prettier-ignore
}

/** Lays a matrix out row by row. @since 28 */
export function gather(job: Move, piece: i32): void {
  const last = min(job.rowCount, (piece + 1) * job.share);
  const rowWords = (job.columnCount / job.unit) * job.words;
  for (let row = piece * job.share; row < last; row++) {
    const from = job.at + load<i32>(job.rows + ((<usize>row) << 2));
    let to = job.plain + ((<usize>(row * rowWords)) << 2);
    let table = job.columns;
    for (const end = table + ((<usize>job.columnCount) << 2); table < end; table += (<usize>job.unit) << 2) {
      let source = from + load<i32>(table);
      let left = job.words;
      for (; left >= 4; left -= 4, source += 16, to += 16) v128.store(to, v128.load(source));
      for (; left > 0; left--, source += 4, to += 4) store<f32>(to, load<f32>(source));
    }
  }
}
