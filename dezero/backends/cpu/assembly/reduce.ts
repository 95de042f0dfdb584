/**
 * Sums and extremes along axes of float32, sums kept in float64.
 *
 * The result's elements are found at the byte offsets of the table `bases`; each gathers what lies at the offsets of the table `depths` from
 * there. Beside that one axis of `length` neighbours is either gathered too (`inner`), or kept, so that a base stands for `length` elements of the result.
 */

const SUM = 0, MAX = 1; // prettier-ignore

@unmanaged
export class Reduction {
  kind: i32;
  pieces: i32;
  next: i32; // prettier-ignore
  operation: i32;
  x: usize;
  y: usize;
  bases: usize;
  baseCount: i32;
  depths: usize;
  depthCount: i32;
  length: i32;
  /** Bases in a piece; where neighbours are kept, blocks of 16 of them. */
  share: i32;
  inner: i32;
}

/** One piece. @since 28 */
export function reduce(job: Reduction, piece: i32): void {
  if (job.inner != 0) {
    const to = min(job.baseCount, (piece + 1) * job.share);
    for (let i = piece * job.share; i < to; i++) {
      const x = job.x + load<i32>(job.bases + ((<usize>i) << 2));
      const y = job.y + ((<usize>i) << 2);
      if (job.operation == SUM) store<f32>(y, <f32>sumOf(job, x));
      else store<f32>(y, job.operation == MAX ? Fold.extremeOf(job, x, true) : Fold.extremeOf(job, x, false));
    }
    return;
  }
  const blocks = (job.length + 15) >> 4;
  const to = min(job.baseCount * blocks, (piece + 1) * job.share);
  for (let i = piece * job.share; i < to; i++) {
    const base = i / blocks;
    const column = (i - base * blocks) << 4;
    const x = job.x + load<i32>(job.bases + ((<usize>base) << 2)) + ((<usize>column) << 2);
    const y = job.y + ((<usize>(base * job.length + column)) << 2);
    const lanes = min(16, job.length - column);
    let lane = 0;
    if (job.operation == SUM) {
      for (; lane + 4 <= lanes; lane += 4) sumColumns(job, x + (lane << 2), y + (lane << 2));
      for (; lane < lanes; lane++) store<f32>(y + (lane << 2), <f32>sumColumn(job, x + (lane << 2)));
    } else {
      for (; lane + 4 <= lanes; lane += 4) extremeColumns(job, x + (lane << 2), y + (lane << 2));
      for (; lane < lanes; lane++) extremeColumn(job, x + (lane << 2), y + (lane << 2));
    }
  }
}

/** Parts of a reduction. */
class Fold {
  @inline
  static high(v: v128): v128 {
    return f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 1));
  }

  @inline
  static further(most: bool, a: v128, b: v128): v128 {
    return most ? f32x4.max(a, b) : f32x4.min(a, b); // NaN wins in both
  }

  @inline
  static extremeOf(job: Reduction, x: usize, most: bool): f32 {
    let found = v128.load32_splat(x + load<i32>(job.depths));
    for (let k = 0; k < job.depthCount; k++) {
      let at = x + load<i32>(job.depths + ((<usize>k) << 2));
      let left = job.length;
      for (; left >= 4; left -= 4, at += 16) found = Fold.further(most, found, v128.load(at));
      for (; left > 0; left--, at += 4) found = Fold.further(most, found, v128.load32_splat(at));
    }
    found = Fold.further(most, found, v128.shuffle<i32>(found, found, 2, 3, 0, 1));
    found = Fold.further(most, found, v128.shuffle<i32>(found, found, 1, 0, 3, 2));
    return f32x4.extract_lane(found, 0);
  }
}

function sumOf(job: Reduction, x: usize): f64 {
  let sum = f64x2.splat(0);
  let other = sum;
  let rest: f64 = 0;
  for (let k = 0; k < job.depthCount; k++) {
    let at = x + load<i32>(job.depths + ((<usize>k) << 2));
    let left = job.length;
    for (; left >= 4; left -= 4, at += 16) {
      const v = v128.load(at);
      sum = f64x2.add(sum, f64x2.promote_low_f32x4(v));
      other = f64x2.add(other, Fold.high(v));
    }
    for (; left > 0; left--, at += 4) rest += load<f32>(at);
  }
  sum = f64x2.add(sum, other);
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1) + rest;
}

function sumColumns(job: Reduction, x: usize, y: usize): void {
  let low = f64x2.splat(0);
  let top = low;
  for (let k = 0; k < job.depthCount; k++) {
    const v = v128.load(x + load<i32>(job.depths + ((<usize>k) << 2)));
    low = f64x2.add(low, f64x2.promote_low_f32x4(v));
    top = f64x2.add(top, Fold.high(v));
  }
  v128.store(y, v128.shuffle<i64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(top), 0, 2));
}

function sumColumn(job: Reduction, x: usize): f64 {
  let sum: f64 = 0;
  for (let k = 0; k < job.depthCount; k++) sum += load<f32>(x + load<i32>(job.depths + ((<usize>k) << 2)));
  return sum;
}

function extremeColumns(job: Reduction, x: usize, y: usize): void {
  let found = v128.load(x + load<i32>(job.depths));
  const most = job.operation == MAX;
  for (let k = 1; k < job.depthCount; k++) {
    found = Fold.further(most, found, v128.load(x + load<i32>(job.depths + ((<usize>k) << 2))));
  }
  v128.store(y, found);
}

function extremeColumn(job: Reduction, x: usize, y: usize): void {
  let found = v128.load32_splat(x + load<i32>(job.depths));
  const most = job.operation == MAX;
  for (let k = 1; k < job.depthCount; k++) {
    found = Fold.further(most, found, v128.load32_splat(x + load<i32>(job.depths + ((<usize>k) << 2))));
  }
  v128.store_lane<f32>(y, found, 0);
}
