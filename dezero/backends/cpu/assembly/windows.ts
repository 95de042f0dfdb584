/** Pooling and frames of dense pictures of floats, plane by plane: a piece is some planes. */

import { Lanes } from './lanes';

@unmanaged
export class Pooling {
  kind: i32;
  pieces: i32;
  next: i32; // prettier-ignore
  /** Planes, N·C, and planes in a piece. */
  planes: i32;
  share: i32; // prettier-ignore
  /** Size of a plane of pictures and of a plane of windows. */
  H: i32;
  W: i32;
  OH: i32;
  OW: i32; // prettier-ignore
  KH: i32;
  KW: i32;
  SH: i32;
  SW: i32;
  PH: i32;
  PW: i32; // prettier-ignore
  /** Pictures (N, C, H, W), windows (N, C, OH, OW), and places in the picture, int32, one a window. */
  pictures: usize;
  windows: usize;
  places: usize; // prettier-ignore
}

/** The largest element of each window, the first where they tie or the last NaN, and its place. @since 47 */
export function maxPool<T>(job: Pooling, piece: i32): void {
  const last = min(job.planes, (piece + 1) * job.share);
  const windows = job.OH * job.OW;
  for (let plane = piece * job.share; plane < last; plane++) {
    const x = job.pictures + <usize>(plane * job.H * job.W) * sizeof<T>();
    const first = plane * windows;
    for (let oh = 0; oh < job.OH; oh++) {
      const start = oh * job.SH - job.PH;
      const top = max(0, start);
      const rows = min(job.H, start + job.KH) - top;
      let at = first + oh * job.OW;
      let ow = 0;
      while (ow < job.OW) {
        const begin = ow * job.SW - job.PW;
        const corner = top * job.W + begin;
        if (sizeof<T>() == 4 && begin >= 0 && ow + 4 <= job.OW && begin + 3 * job.SW + job.KW <= job.W) {
          largestOfFour(job, x, corner, rows, at);
          ow += 4;
          at += 4;
        } else {
          const left = max(0, begin);
          largest<T>(job, x, corner + left - begin, rows, min(job.W, begin + job.KW) - left, at);
          ow++;
          at++;
        }
      }
    }
  }
}

/** One window, some rows and columns from place `corner` of a picture on. It never branches on what is in the picture: that cannot be foretold. */
function largest<T>(job: Pooling, x: usize, corner: i32, rows: i32, columns: i32, at: i32): void {
  let best = corner;
  let most = load<T>(x + <usize>corner * sizeof<T>());
  for (const end = corner + rows * job.W; corner < end; corner += job.W) {
    for (let place = corner; place < corner + columns; place++) {
      const value = load<T>(x + <usize>place * sizeof<T>());
      const larger = i32(value > most) | i32(value != value);
      most = select(value, most, larger);
      best = select(place, best, larger);
    }
  }
  store<T>(job.windows + <usize>at * sizeof<T>(), most);
  store<i32>(job.places + ((<usize>at) << 2), best);
}

/** Four whole windows of float32 side by side, the first of them at `corner`. */
function largestOfFour(job: Pooling, x: usize, corner: i32, rows: i32, at: i32): void {
  const aside = i32x4.mul(i32x4(0, 1, 2, 3), i32x4.splat(job.SW));
  let best = i32x4.add(aside, i32x4.splat(corner));
  let most = Lanes.everyOther(x + ((<usize>corner) << 2), job.SW);
  for (const end = corner + rows * job.W; corner < end; corner += job.W) {
    for (let place = corner; place < corner + job.KW; place++) {
      const values = Lanes.everyOther(x + ((<usize>place) << 2), job.SW);
      const larger = v128.or(f32x4.gt(values, most), f32x4.ne(values, values));
      most = v128.bitselect(values, most, larger);
      best = v128.bitselect(i32x4.add(aside, i32x4.splat(place)), best, larger);
    }
  }
  v128.store(job.windows + ((<usize>at) << 2), most);
  v128.store(job.places + ((<usize>at) << 2), best);
}

/** windows = pictures read at the places. @since 47 */
export function poolGather<T>(job: Pooling, piece: i32): void {
  const windows = job.OH * job.OW;
  const last = min(job.planes, (piece + 1) * job.share);
  for (let plane = piece * job.share; plane < last; plane++) {
    const x = job.pictures + <usize>(plane * job.H * job.W) * sizeof<T>();
    for (let i = plane * windows, end = i + windows; i < end; i++) {
      store<T>(job.windows + <usize>i * sizeof<T>(), load<T>(x + placeOf(job, i) * sizeof<T>()));
    }
  }
}

/** pictures = zeros, and windows added at the places. @since 47 */
export function poolScatter<T>(job: Pooling, piece: i32): void {
  const windows = job.OH * job.OW;
  const last = min(job.planes, (piece + 1) * job.share);
  for (let plane = piece * job.share; plane < last; plane++) {
    const bytes = <usize>(job.H * job.W) * sizeof<T>();
    const x = job.pictures + <usize>plane * bytes;
    memory.fill(x, 0, bytes);
    for (let i = plane * windows, end = i + windows; i < end; i++) {
      const at = x + placeOf(job, i) * sizeof<T>();
      store<T>(at, load<T>(at) + load<T>(job.windows + <usize>i * sizeof<T>()));
    }
  }
}

function placeOf(job: Pooling, window: i32): usize {
  return <usize>load<i32>(job.places + ((<usize>window) << 2));
}

/** The mean of each window, padding counted as zeros. @since 47 */
export function averagePool<T>(job: Pooling, piece: i32): void {
  Planes.eachWindow<T>(job, piece, false);
}

/** pictures = zeros, and each window's value spread evenly over it. @since 47 */
export function averagePoolInput<T>(job: Pooling, piece: i32): void {
  Planes.eachWindow<T>(job, piece, true);
}

/** What averagePool and its adjoint share. */
class Planes {
  @inline
  static eachWindow<T>(job: Pooling, piece: i32, spread: bool): void {
    const last = min(job.planes, (piece + 1) * job.share);
    const taps = <T>(job.KH * job.KW);
    const bytes = <usize>(job.H * job.W) * sizeof<T>();
    for (let plane = piece * job.share; plane < last; plane++) {
      const x = job.pictures + <usize>plane * bytes;
      let y = job.windows + <usize>(plane * job.OH * job.OW) * sizeof<T>();
      if (spread) memory.fill(x, 0, bytes);
      for (let oh = 0; oh < job.OH; oh++) {
        const start = oh * job.SH - job.PH;
        const top = max(0, start);
        const bottom = min(job.H, start + job.KH);
        for (let ow = 0; ow < job.OW; ow++, y += sizeof<T>()) {
          const begin = ow * job.SW - job.PW;
          const left = max(0, begin);
          const right = min(job.W, begin + job.KW);
          const share: T = spread ? load<T>(y) / taps : <T>0;
          let total: T = <T>0;
          for (let h = top; h < bottom; h++) {
            let at = x + <usize>(h * job.W + left) * sizeof<T>();
            for (const end = at + <usize>(right - left) * sizeof<T>(); at < end; at += sizeof<T>()) {
              if (spread) store<T>(at, load<T>(at) + share);
              else total += load<T>(at);
            }
          }
          if (!spread) store<T>(y, total / taps);
        }
      }
    }
  }
}

@unmanaged
export class Framing {
  kind: i32;
  pieces: i32;
  next: i32; // prettier-ignore
  planes: i32;
  share: i32; // prettier-ignore
  /** Where each plane begins: a table of byte offsets from `from`; then bytes between rows and between columns. */
  from: usize;
  starts: usize;
  rowStep: i32;
  columnStep: i32; // prettier-ignore
  H: i32;
  W: i32; // prettier-ignore
  to: usize;
  framedH: i32;
  framedW: i32;
  top: i32;
  left: i32; // prettier-ignore
}

/** Copies planes into a frame of zeros, `top` and `left` elements from its corner. @since 47 */
export function frame<T>(job: Framing, piece: i32): void {
  const last = min(job.planes, (piece + 1) * job.share);
  const framedRow = <usize>job.framedW * sizeof<T>();
  const bytes = framedRow * job.framedH;
  for (let plane = piece * job.share; plane < last; plane++) {
    const start = job.to + <usize>plane * bytes;
    memory.fill(start, 0, bytes);
    let source = job.from + load<i32>(job.starts + ((<usize>plane) << 2));
    let target = start + framedRow * job.top + <usize>job.left * sizeof<T>();
    for (let h = 0; h < job.H; h++, source += job.rowStep, target += framedRow) {
      let to = target;
      let from = source;
      const end = target + <usize>job.W * sizeof<T>();
      if (job.columnStep == sizeof<T>()) {
        for (; to + 16 <= end; to += 16, from += 16) v128.store(to, v128.load(from));
      }
      for (; to < end; to += sizeof<T>(), from += job.columnStep) store<T>(to, load<T>(from));
    }
  }
}
