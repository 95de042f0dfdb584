/** Pooling and frames of dense float32 pictures, plane by plane: a piece is some planes. */

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
export function maxPool(job: Pooling, piece: i32): void {
  const last = min(job.planes, (piece + 1) * job.share);
  const windows = job.OH * job.OW;
  for (let plane = piece * job.share; plane < last; plane++) {
    const x = job.pictures + ((<usize>(plane * job.H * job.W)) << 2);
    const first = (<usize>(plane * windows)) << 2;
    for (let oh = 0; oh < job.OH; oh++) {
      const start = oh * job.SH - job.PH;
      const top = max(0, start);
      const rows = min(job.H, start + job.KH) - top;
      let at = first + ((<usize>(oh * job.OW)) << 2);
      let ow = 0;
      while (ow < job.OW) {
        const begin = ow * job.SW - job.PW;
        const corner = top * job.W + begin;
        if (begin >= 0 && ow + 4 <= job.OW && begin + 3 * job.SW + job.KW <= job.W) {
          largestOfFour(job, x, corner, rows, at);
          ow += 4;
          at += 16;
        } else {
          const left = max(0, begin);
          largest(job, x, corner + left - begin, rows, min(job.W, begin + job.KW) - left, at);
          ow++;
          at += 4;
        }
      }
    }
  }
}

/** One window, some rows and columns from place `corner` of a picture on. It never branches on what is in the picture: that cannot be foretold. */
function largest(job: Pooling, x: usize, corner: i32, rows: i32, columns: i32, at: usize): void {
  let best = corner;
  let most = load<f32>(x + ((<usize>corner) << 2));
  for (const end = corner + rows * job.W; corner < end; corner += job.W) {
    for (let place = corner; place < corner + columns; place++) {
      const value = load<f32>(x + ((<usize>place) << 2));
      const larger = i32(value > most) | i32(value != value);
      most = select(value, most, larger);
      best = select(place, best, larger);
    }
  }
  store<f32>(job.windows + at, most);
  store<i32>(job.places + at, best);
}

/** Four whole windows side by side, the first of them at `corner`. */
function largestOfFour(job: Pooling, x: usize, corner: i32, rows: i32, at: usize): void {
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
  v128.store(job.windows + at, most);
  v128.store(job.places + at, best);
}

/** windows = pictures read at the places. @since 47 */
export function poolGather(job: Pooling, piece: i32): void {
  const windows = job.OH * job.OW;
  const last = min(job.planes, (piece + 1) * job.share);
  for (let plane = piece * job.share; plane < last; plane++) {
    const x = job.pictures + ((<usize>(plane * job.H * job.W)) << 2);
    const start = (<usize>(plane * windows)) << 2;
    for (let i = start, end = start + ((<usize>windows) << 2); i < end; i += 4) {
      store<f32>(job.windows + i, load<f32>(x + ((<usize>load<i32>(job.places + i)) << 2)));
    }
  }
}

/** pictures = zeros, and windows added at the places. @since 47 */
export function poolScatter(job: Pooling, piece: i32): void {
  const windows = job.OH * job.OW;
  const last = min(job.planes, (piece + 1) * job.share);
  for (let plane = piece * job.share; plane < last; plane++) {
    const bytes = (<usize>(job.H * job.W)) << 2;
    const x = job.pictures + <usize>plane * bytes;
    memory.fill(x, 0, bytes);
    const start = (<usize>(plane * windows)) << 2;
    for (let i = start, end = start + ((<usize>windows) << 2); i < end; i += 4) {
      const at = x + ((<usize>load<i32>(job.places + i)) << 2);
      store<f32>(at, load<f32>(at) + load<f32>(job.windows + i));
    }
  }
}

/** The mean of each window, padding counted as zeros. @since 47 */
export function averagePool(job: Pooling, piece: i32): void {
  Planes.eachWindow(job, piece, false);
}

/** pictures = zeros, and each window's value spread evenly over it. @since 47 */
export function averagePoolInput(job: Pooling, piece: i32): void {
  Planes.eachWindow(job, piece, true);
}

/** What averagePool and its adjoint share. */
class Planes {
  @inline
  static eachWindow(job: Pooling, piece: i32, spread: bool): void {
    const last = min(job.planes, (piece + 1) * job.share);
    const taps = <f32>(job.KH * job.KW);
    const bytes = (<usize>(job.H * job.W)) << 2;
    for (let plane = piece * job.share; plane < last; plane++) {
      const x = job.pictures + <usize>plane * bytes;
      let y = job.windows + ((<usize>(plane * job.OH * job.OW)) << 2);
      if (spread) memory.fill(x, 0, bytes);
      for (let oh = 0; oh < job.OH; oh++) {
        const start = oh * job.SH - job.PH;
        const top = max(0, start);
        const bottom = min(job.H, start + job.KH);
        for (let ow = 0; ow < job.OW; ow++, y += 4) {
          const begin = ow * job.SW - job.PW;
          const left = max(0, begin);
          const right = min(job.W, begin + job.KW);
          const share: f32 = spread ? load<f32>(y) / taps : 0;
          let total: f32 = 0;
          for (let h = top; h < bottom; h++) {
            let at = x + ((<usize>(h * job.W + left)) << 2);
            for (const end = at + ((<usize>(right - left)) << 2); at < end; at += 4) {
              if (spread) store<f32>(at, load<f32>(at) + share);
              else total += load<f32>(at);
            }
          }
          if (!spread) store<f32>(y, total / taps);
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
export function frame(job: Framing, piece: i32): void {
  const last = min(job.planes, (piece + 1) * job.share);
  const framedRow = (<usize>job.framedW) << 2;
  const bytes = framedRow * job.framedH;
  for (let plane = piece * job.share; plane < last; plane++) {
    const start = job.to + <usize>plane * bytes;
    memory.fill(start, 0, bytes);
    let source = job.from + load<i32>(job.starts + ((<usize>plane) << 2));
    let target = start + framedRow * job.top + ((<usize>job.left) << 2);
    for (let h = 0; h < job.H; h++, source += job.rowStep, target += framedRow) {
      let w = 0;
      if (job.columnStep == 4) {
        for (; w + 4 <= job.W; w += 4) v128.store(target + ((<usize>w) << 2), v128.load(source + ((<usize>w) << 2)));
      }
      for (; w < job.W; w++) store<f32>(target + ((<usize>w) << 2), load<f32>(source + w * job.columnStep));
    }
  }
}
