/**
 * Softmax of float32 along an axis, its logarithm, the loss of rows of scores and that loss's gradient. What is dense is seen as (outer, length,
 * inner), and a row is what differs only in the middle. Rows of neighbours are done one by one, others four side by side.
 */

import { Four } from './math';

// In the order of `MODES` in ../fusedKernels.ts.
const LOG = 1, LOSS = 2, GRADIENT = 3; // prettier-ignore

@unmanaged
export class Softmax {
  kind: i32;
  pieces: i32;
  next: i32; // prettier-ignore
  mode: i32;
  /** Rows in all and in a piece, elements of a row, rows side by side. */
  rows: i32;
  share: i32;
  length: i32;
  inner: i32; // prettier-ignore
  x: usize;
  /** What is made: as much as x, or of a loss one number a row. */
  y: usize;
  /** The right class of each row, int32, for a loss and its gradient. */
  labels: usize;
  /** What the gradient is multiplied by. */
  scale: f64;
}

/** One piece. @since 48 */
export function softmax(job: Softmax, piece: i32): void {
  const last = min(job.rows, (piece + 1) * job.share);
  const step = (<usize>job.inner) << 2;
  const bytes = <usize>job.length * step;
  for (let i = piece * job.share; i < last;) {
    const outer = i / job.inner;
    const place = i - outer * job.inner;
    const from = <usize>outer * bytes + ((<usize>place) << 2);
    if (job.inner == 1) {
      Rows.neighbours(job, i, job.x + from, bytes);
      i++;
    } else if (min(job.inner - place, last - i) >= 4) {
      Rows.aside(job, job.x + from, bytes, step, true);
      i += 4;
    } else {
      Rows.aside(job, job.x + from, bytes, step, false);
      i++;
    }
  }
}

class Rows {
  /** One row whose elements are neighbours, four of them at a time; sums in float64. */
  @inline
  static neighbours(job: Softmax, i: i32, x: usize, bytes: usize): void {
    const fours = x + (bytes & ~15);
    const end = x + bytes;
    let most = v128.load32_splat(x);
    let at = x;
    for (; at < fours; at += 16) most = f32x4.max(most, v128.load(at));
    for (; at < end; at += 4) most = f32x4.max(most, v128.load32_splat(at));
    most = f32x4.max(most, v128.shuffle<i32>(most, most, 2, 3, 0, 1));
    most = f32x4.max(most, v128.shuffle<i32>(most, most, 1, 0, 3, 2));

    let low = f64x2.splat(0);
    let high = low;
    for (at = x; at < fours; at += 16) {
      const e = Four.exp(f32x4.sub(v128.load(at), most));
      low = f64x2.add(low, f64x2.promote_low_f32x4(e));
      high = f64x2.add(high, Rows.upper(e));
    }
    low = f64x2.add(low, high);
    let rest: f64 = 0;
    for (; at < end; at += 4) {
      rest += f32x4.extract_lane(Four.exp(f32x4.sub(v128.load32_splat(at), most)), 0);
    }
    const total = f32x4.splat(<f32>(f64x2.extract_lane(low, 0) + f64x2.extract_lane(low, 1) + rest));

    const log = Four.log(total);
    const label = job.labels != 0 ? (<usize>load<i32>(job.labels + ((<usize>i) << 2))) << 2 : 0;
    if (job.mode == LOSS) {
      const loss = f32x4.sub(log, f32x4.sub(v128.load32_splat(x + label), most));
      return v128.store_lane<f32>(job.y + ((<usize>i) << 2), loss, 0);
    }
    let y = job.y + (x - job.x);
    const right = y + label;
    for (at = x; at < fours; at += 16, y += 16) {
      v128.store(y, Rows.result(job, f32x4.sub(v128.load(at), most), log, total));
    }
    for (; at < end; at += 4, y += 4) {
      v128.store_lane<f32>(y, Rows.result(job, f32x4.sub(v128.load32_splat(at), most), log, total), 0);
    }
    if (job.mode != GRADIENT) return;
    const chosen = f32x4.div(Four.exp(f32x4.sub(v128.load32_splat(x + label), most)), total);
    store<f32>(right, (f32x4.extract_lane(chosen, 0) - 1) * <f32>job.scale);
  }

  /** Four rows side by side, or one alone. */
  @inline
  static aside(job: Softmax, x: usize, bytes: usize, step: usize, four: bool): void {
    let most = Rows.load(x, four);
    for (let at: usize = step; at < bytes; at += step) most = f32x4.max(most, Rows.load(x + at, four));
    let low = f64x2.splat(0);
    let high = low;
    for (let at: usize = 0; at < bytes; at += step) {
      const e = Four.exp(f32x4.sub(Rows.load(x + at, four), most));
      low = f64x2.add(low, f64x2.promote_low_f32x4(e));
      high = f64x2.add(high, Rows.upper(e));
    }
    const total = v128.shuffle<i64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
    const log = Four.log(total);
    const y = job.y + (x - job.x);
    for (let at: usize = 0; at < bytes; at += step) {
      const v = Rows.result(job, f32x4.sub(Rows.load(x + at, four), most), log, total);
      if (four) v128.store(y + at, v);
      else v128.store_lane<f32>(y + at, v, 0);
    }
  }

  @inline
  static load(at: usize, four: bool): v128 {
    return four ? v128.load(at) : v128.load32_splat(at);
  }

  @inline
  static upper(v: v128): v128 {
    return f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 1));
  }

  /** Of scores less the largest. */
  @inline
  static result(job: Softmax, x: v128, log: v128, total: v128): v128 {
    if (job.mode == LOG) return f32x4.sub(x, log);
    const p = f32x4.div(Four.exp(x), total);
    return job.mode == GRADIENT ? f32x4.mul(p, f32x4.splat(<f32>job.scale)) : p;
  }
}
