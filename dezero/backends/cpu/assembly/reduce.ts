/**
 * Sums and extremes along axes. Sums are kept in float64; those of float64 are made in the order of the elements, as the course's digits are.
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
export function reduce<T>(job: Reduction, piece: i32): void {
  const most = job.operation == MAX;
  if (job.inner != 0) {
    const to = min(job.baseCount, (piece + 1) * job.share);
    for (let i = piece * job.share; i < to; i++) {
      const x = job.x + load<i32>(job.bases + ((<usize>i) << 2));
      const y = job.y + <usize>i * sizeof<T>();
      if (job.operation == SUM) store<T>(y, <T>(sizeof<T>() == 4 ? sumOf(job, x) : sumInOrder(job, x)));
      else store<T>(y, most ? Fold.extremeOf<T>(job, x, true) : Fold.extremeOf<T>(job, x, false));
    }
    return;
  }
  const blocks = (job.length + 15) >> 4;
  const wide: i32 = 16 / sizeof<T>();
  const to = min(job.baseCount * blocks, (piece + 1) * job.share);
  for (let i = piece * job.share; i < to; i++) {
    const base = i / blocks;
    const column = (i - base * blocks) << 4;
    let x = job.x + load<i32>(job.bases + ((<usize>base) << 2)) + <usize>column * sizeof<T>();
    let y = job.y + <usize>(base * job.length + column) * sizeof<T>();
    let left = min(16, job.length - column);
    for (; left >= wide; left -= wide, x += 16, y += 16) {
      if (job.operation == SUM) sumColumns<T>(job, x, y);
      else v128.store(y, most ? Fold.columns<T>(job, x, true) : Fold.columns<T>(job, x, false));
    }
    for (; left > 0; left--, x += sizeof<T>(), y += sizeof<T>()) {
      if (job.operation == SUM) store<T>(y, <T>sumColumn<T>(job, x));
      else store<T>(y, most ? Fold.column<T>(job, x, true) : Fold.column<T>(job, x, false));
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
  static further<T>(most: bool, a: v128, b: v128): v128 {
    return most ? v128.max<T>(a, b) : v128.min<T>(a, b); // NaN wins in both
  }

  @inline
  static extremeOf<T>(job: Reduction, x: usize, most: bool): T {
    const wide: i32 = 16 / sizeof<T>();
    let found = v128.splat<T>(load<T>(x + load<i32>(job.depths)));
    for (let k = 0; k < job.depthCount; k++) {
      let at = x + load<i32>(job.depths + ((<usize>k) << 2));
      let left = job.length;
      for (; left >= wide; left -= wide, at += 16) found = Fold.further<T>(most, found, v128.load(at));
      for (; left > 0; left--, at += sizeof<T>()) found = Fold.further<T>(most, found, v128.splat<T>(load<T>(at)));
    }
    found = Fold.further<T>(most, found, v128.shuffle<i32>(found, found, 2, 3, 0, 1));
    if (sizeof<T>() == 4) found = Fold.further<T>(most, found, v128.shuffle<i32>(found, found, 1, 0, 3, 2));
    return v128.extract_lane<T>(found, 0);
  }

  /** Of as many columns as go into a vector. */
  @inline
  static columns<T>(job: Reduction, x: usize, most: bool): v128 {
    let found = v128.load(x + load<i32>(job.depths));
    for (let k = 1; k < job.depthCount; k++) {
      found = Fold.further<T>(most, found, v128.load(x + load<i32>(job.depths + ((<usize>k) << 2))));
    }
    return found;
  }

  @inline
  static column<T>(job: Reduction, x: usize, most: bool): T {
    let found = v128.splat<T>(load<T>(x + load<i32>(job.depths)));
    for (let k = 1; k < job.depthCount; k++) {
      const next = v128.splat<T>(load<T>(x + load<i32>(job.depths + ((<usize>k) << 2))));
      found = Fold.further<T>(most, found, next);
    }
    return v128.extract_lane<T>(found, 0);
  }
}

/** Of float32. */
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

/** Of float64, one after another. */
function sumInOrder(job: Reduction, x: usize): f64 {
  let sum: f64 = 0;
  for (let k = 0; k < job.depthCount; k++) {
    let at = x + load<i32>(job.depths + ((<usize>k) << 2));
    for (const end = at + ((<usize>job.length) << 3); at < end; at += 8) sum += load<f64>(at);
  }
  return sum;
}

/** Of as many columns as go into a vector. */
function sumColumns<T>(job: Reduction, x: usize, y: usize): void {
  let low = f64x2.splat(0);
  let top = low;
  for (let k = 0; k < job.depthCount; k++) {
    const v = v128.load(x + load<i32>(job.depths + ((<usize>k) << 2)));
    if (sizeof<T>() == 8) low = f64x2.add(low, v);
    else {
      low = f64x2.add(low, f64x2.promote_low_f32x4(v));
      top = f64x2.add(top, Fold.high(v));
    }
  }
  if (sizeof<T>() == 8) v128.store(y, low);
  else v128.store(y, v128.shuffle<i64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(top), 0, 2));
}

function sumColumn<T>(job: Reduction, x: usize): f64 {
  let sum: f64 = 0;
  for (let k = 0; k < job.depthCount; k++) sum += <f64>load<T>(x + load<i32>(job.depths + ((<usize>k) << 2)));
  return sum;
}
