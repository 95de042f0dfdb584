/** Channels of dense float32 (N, C, places): sums over each, and one linear map for all elements of each. */

@unmanaged
export class ChannelSums {
  kind: i32;
  pieces: i32;
  next: i32; // prettier-ignore
  N: i32;
  C: i32;
  places: i32;
  /** Channels in a piece. */
  share: i32;
  u: usize;
  v: usize;
  /** For each channel Σ u and Σ u·v, float64. */
  sums: usize;
}

/** One piece. Products of two float32 are exact in float64, so that a variance can be told from Σ x². @since 48 */
export function channelSums(job: ChannelSums, piece: i32): void {
  const last = min(job.C, (piece + 1) * job.share);
  const bytes = (<usize>job.places) << 2;
  for (let c = piece * job.share; c < last; c++) {
    let sum = f64x2.splat(0);
    let product = sum;
    let rest: f64 = 0;
    let restProduct: f64 = 0;
    for (let n = 0; n < job.N; n++) {
      const from = <usize>(n * job.C + c) * bytes;
      let u = job.u + from;
      let v = job.v + from;
      const end = u + bytes;
      for (const fours = u + (bytes & ~15); u < fours; u += 16, v += 16) {
        const a = v128.load(u);
        const b = v128.load(v);
        const low = f64x2.promote_low_f32x4(a);
        const high = Channels.upper(a);
        sum = f64x2.add(sum, f64x2.add(low, high));
        product = f64x2.add(product, f64x2.mul(low, f64x2.promote_low_f32x4(b)));
        product = f64x2.add(product, f64x2.mul(high, Channels.upper(b)));
      }
      for (; u < end; u += 4, v += 4) {
        const a: f64 = load<f32>(u);
        rest += a;
        restProduct += a * load<f32>(v);
      }
    }
    const to = job.sums + ((<usize>c) << 4);
    store<f64>(to, f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1) + rest);
    store<f64>(to, f64x2.extract_lane(product, 0) + f64x2.extract_lane(product, 1) + restProduct, 8);
  }
}

@unmanaged
export class ChannelMap {
  kind: i32;
  pieces: i32;
  next: i32; // prettier-ignore
  /** Elements in all and in a piece. */
  count: i32;
  share: i32;
  C: i32;
  places: i32;
  /** u may be nothing: then p is not used. */
  u: usize;
  v: usize;
  y: usize;
  /** One number a channel each, float32. */
  p: usize;
  q: usize;
  center: usize;
  r: usize;
}

/** One piece of y = p·u + q·(v − center) + r. @since 48 */
export function channelMap(job: ChannelMap, piece: i32): void {
  const last = min(job.count, (piece + 1) * job.share);
  const alone = job.places == 1; // neighbours are of different channels
  for (let i = piece * job.share; i < last;) {
    const plane = i / job.places;
    const c = plane % job.C;
    const left = min(alone ? job.C - c : (plane + 1) * job.places - i, last - i);
    if (alone) Channels.map(job, i, left, c, true);
    else Channels.map(job, i, left, c, false);
    i += left;
  }
}

class Channels {
  @inline
  static upper(v: v128): v128 {
    return f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 1));
  }

  /** Some neighbours, of one channel or each of the next. A last one by itself takes the first lane of four. */
  @inline
  static map(job: ChannelMap, i: i32, left: i32, c: i32, alone: bool): void {
    const from = (<usize>i) << 2;
    const both = job.u != 0;
    let u = job.u + from;
    let v = job.v + from;
    let y = job.y + from;
    let at = (<usize>c) << 2;
    let p = v128.load32_splat(job.p + at);
    let q = v128.load32_splat(job.q + at);
    let center = v128.load32_splat(job.center + at);
    let r = v128.load32_splat(job.r + at);
    for (; left >= 4; left -= 4, u += 16, v += 16, y += 16) {
      if (alone) {
        p = v128.load(job.p + at);
        q = v128.load(job.q + at);
        center = v128.load(job.center + at);
        r = v128.load(job.r + at);
        at += 16;
      }
      const z = f32x4.add(f32x4.mul(q, f32x4.sub(v128.load(v), center)), r);
      v128.store(y, both ? f32x4.add(f32x4.mul(p, v128.load(u)), z) : z);
    }
    for (; left > 0; left--, u += 4, v += 4, y += 4) {
      if (alone) {
        p = v128.load32_zero(job.p + at);
        q = v128.load32_zero(job.q + at);
        center = v128.load32_zero(job.center + at);
        r = v128.load32_zero(job.r + at);
        at += 4;
      }
      const z = f32x4.add(f32x4.mul(q, f32x4.sub(v128.load32_zero(v), center)), r);
      v128.store_lane<f32>(y, both ? f32x4.add(f32x4.mul(p, v128.load32_zero(u)), z) : z, 0);
    }
  }
}
