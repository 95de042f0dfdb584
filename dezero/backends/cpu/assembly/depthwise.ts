/**
 * Depthwise convolution: every plane is convolved by itself, so that there is no matrix product to make of it. The forward pass and the
 * gradient of the pictures are one kernel, `convolvePlanes`; as in products, tables of int32 byte offsets say where planes and
 * taps lie. Pictures have frames of zeros, so that every tap is inside. A piece is some planes, or some filters.
 */

import { Lanes } from './lanes';

@unmanaged
export class Planes {
  kind: i32;
  pieces: i32;
  next: i32; // prettier-ignore
  /** Planes of y, and planes in a piece. */
  planes: i32;
  share: i32; // prettier-ignore
  /** Size of a plane of y, and how many taps each element of it adds up. */
  rows: i32;
  columns: i32;
  taps: i32; // prettier-ignore
  /** Where each plane's x begins, a table of byte offsets, and where its taps lie; then elements between rows and between columns. */
  x: usize;
  xPlanes: usize;
  xTaps: usize;
  xRow: i32;
  xColumn: i32; // prettier-ignore
  w: usize;
  wPlanes: usize;
  wTaps: usize; // prettier-ignore
  y: usize;
  yPlanes: usize;
  yRow: i32;
  yColumn: i32; // prettier-ignore
  /** One number a plane, or address 0. */
  bias: usize;
  biasPlanes: usize;
  relu: i32; // prettier-ignore
}

/** y(plane, h, w) = Σ over the taps of w(plane, tap) · x(plane, h, w, tap), plus the bias, then relu if asked. @since 47 */
export function convolvePlanes(job: Planes, piece: i32): void {
  const last = min(job.planes, (piece + 1) * job.share);
  const wide = min(4, job.columns);
  for (let plane = piece * job.share; plane < last; plane++) {
    for (let row = 0; row < job.rows; row += 4) {
      // Of columns the last four are computed again if four do not go into their number.
      for (let column = 0; column < job.columns; column += 4) {
        const from = min(column, job.columns - wide);
        if (wide == 4 && job.xColumn == 1) Rows.four(job, plane, row, from, 4, 1);
        else Rows.four(job, plane, row, from, wide, job.xColumn);
      }
    }
  }
}

/** Inlined, so that no branch is left in the loop where columns are neighbours. */
class Rows {
  /** Four rows and four columns at a time, so that a weight is read for 16 products; rows beyond the last are the last once more. */
  @inline
  static four(job: Planes, plane: i32, row: i32, column: i32, wide: i32, step: i32): void {
    const at = (<usize>plane) << 2;
    const end = job.rows - 1;
    const x = job.x + load<i32>(job.xPlanes + at) + ((<usize>(column * step)) << 2);
    const x0 = x + ((<usize>(row * job.xRow)) << 2);
    const x1 = x + ((<usize>(min(row + 1, end) * job.xRow)) << 2);
    const x2 = x + ((<usize>(min(row + 2, end) * job.xRow)) << 2);
    const x3 = x + ((<usize>(min(row + 3, end) * job.xRow)) << 2);
    const w = job.w + load<i32>(job.wPlanes + at);
    let y0 = f32x4.splat(job.bias ? load<f32>(job.bias + load<i32>(job.biasPlanes + at)) : 0);
    let y1 = y0;
    let y2 = y0;
    let y3 = y0;
    let xTap = job.xTaps;
    let wTap = job.wTaps;
    for (const last = xTap + ((<usize>job.taps) << 2); xTap < last; xTap += 4, wTap += 4) {
      const weight = v128.load32_splat(w + load<i32>(wTap));
      const from = <usize>load<i32>(xTap);
      y0 = Lanes.addProduct(weight, Lanes.read(x0 + from, step, wide), y0);
      y1 = Lanes.addProduct(weight, Lanes.read(x1 + from, step, wide), y1);
      y2 = Lanes.addProduct(weight, Lanes.read(x2 + from, step, wide), y2);
      y3 = Lanes.addProduct(weight, Lanes.read(x3 + from, step, wide), y3);
    }
    const y = job.y + load<i32>(job.yPlanes + at) + ((<usize>(column * job.yColumn)) << 2);
    put(job, y + ((<usize>(row * job.yRow)) << 2), y0, wide);
    put(job, y + ((<usize>(min(row + 1, end) * job.yRow)) << 2), y1, wide);
    put(job, y + ((<usize>(min(row + 2, end) * job.yRow)) << 2), y2, wide);
    put(job, y + ((<usize>(min(row + 3, end) * job.yRow)) << 2), y3, wide);
  }
}

function put(job: Planes, at: usize, values: v128, wide: i32): void {
  if (job.relu) values = f32x4.pmax(f32x4.splat(0), values); // NaN → 0
  if (wide == 4 && job.yColumn == 1) return v128.store(at, values);
  const step = (<usize>job.yColumn) << 2;
  v128.store32_lane(at, values, 0);
  if (wide > 1) v128.store32_lane(at + step, values, 1);
  if (wide > 2) v128.store32_lane(at + 2 * step, values, 2);
  if (wide > 3) v128.store32_lane(at + 3 * step, values, 3);
}

@unmanaged
export class Filters {
  kind: i32;
  pieces: i32;
  next: i32; // prettier-ignore
  /** Filters, filters in a piece, and of how many pictures. */
  filters: i32;
  share: i32;
  pictures: i32; // prettier-ignore
  /** Size of a plane of gy, and taps of a filter. */
  rows: i32;
  columns: i32;
  taps: i32; // prettier-ignore
  /** Where the planes of each filter lie, picture by picture, and the taps; then elements between rows and between columns. */
  x: usize;
  xPlanes: usize;
  xTaps: usize;
  xRow: i32;
  xColumn: i32; // prettier-ignore
  gy: usize;
  gyPlanes: usize;
  gyRow: i32;
  gyColumn: i32; // prettier-ignore
  gw: usize;
  gwFilters: usize;
  gwTaps: usize; // prettier-ignore
  /** Add to what gw holds. */
  accumulate: i32;
}

const TAPS: i32 = 5; // at a time: as many sums as keep the adders busy

/** gw(filter, tap) = Σ gy(picture, filter, h, w) · x(picture, filter, h, w, tap). @since 47 */
export function correlatePlanes(job: Filters, piece: i32): void {
  const last = min(job.filters, (piece + 1) * job.share);
  for (let filter = piece * job.share; filter < last; filter++) {
    for (let tap = 0; tap < job.taps; tap += TAPS) {
      if (job.xColumn == 1 && job.gyColumn == 1) Taps.five(job, filter, tap, 1, 1);
      else Taps.five(job, filter, tap, job.xColumn, job.gyColumn);
    }
  }
}

/** Inlined, as Rows is, and for its reason. */
class Taps {
  /** A filter's taps from `tap` on; beyond the last, that one is added up once more, and not stored. */
  @inline
  static five(job: Filters, filter: i32, tap: i32, xStep: i32, gyStep: i32): void {
    const end = job.taps - 1;
    const t0 = <usize>load<i32>(job.xTaps + ((<usize>tap) << 2));
    const t1 = <usize>load<i32>(job.xTaps + ((<usize>min(tap + 1, end)) << 2));
    const t2 = <usize>load<i32>(job.xTaps + ((<usize>min(tap + 2, end)) << 2));
    const t3 = <usize>load<i32>(job.xTaps + ((<usize>min(tap + 3, end)) << 2));
    const t4 = <usize>load<i32>(job.xTaps + ((<usize>min(tap + 4, end)) << 2));
    const gw = job.gw + load<i32>(job.gwFilters + ((<usize>filter) << 2));
    for (let picture = 0; picture < job.pictures; picture++) {
      const at = (<usize>(filter * job.pictures + picture)) << 2;
      const first = picture == 0 && !job.accumulate;
      let s0 = f32x4.splat(0);
      let s1 = s0;
      let s2 = s0;
      let s3 = s0;
      let s4 = s0;
      for (let row = 0; row < job.rows; row++) {
        let x = job.x + load<i32>(job.xPlanes + at) + ((<usize>(row * job.xRow)) << 2);
        let gy = job.gy + load<i32>(job.gyPlanes + at) + ((<usize>(row * job.gyRow)) << 2);
        let left = job.columns;
        for (; left >= 4; left -= 4, x += (<usize>xStep) << 4, gy += (<usize>gyStep) << 4) {
          const g = Lanes.read(gy, gyStep, 4);
          s0 = Lanes.addProduct(g, Lanes.read(x + t0, xStep, 4), s0);
          s1 = Lanes.addProduct(g, Lanes.read(x + t1, xStep, 4), s1);
          s2 = Lanes.addProduct(g, Lanes.read(x + t2, xStep, 4), s2);
          s3 = Lanes.addProduct(g, Lanes.read(x + t3, xStep, 4), s3);
          s4 = Lanes.addProduct(g, Lanes.read(x + t4, xStep, 4), s4);
        }
        if (left > 0) {
          const g = Lanes.read(gy, gyStep, left);
          s0 = Lanes.addProduct(g, Lanes.read(x + t0, xStep, left), s0);
          s1 = Lanes.addProduct(g, Lanes.read(x + t1, xStep, left), s1);
          s2 = Lanes.addProduct(g, Lanes.read(x + t2, xStep, left), s2);
          s3 = Lanes.addProduct(g, Lanes.read(x + t3, xStep, left), s3);
          s4 = Lanes.addProduct(g, Lanes.read(x + t4, xStep, left), s4);
        }
      }
      keep(job, gw, tap, s0, first);
      keep(job, gw, tap + 1, s1, first);
      keep(job, gw, tap + 2, s2, first);
      keep(job, gw, tap + 3, s3, first);
      keep(job, gw, tap + 4, s4, first);
    }
  }
}

/** One picture's share of a tap. */
function keep(job: Filters, gw: usize, tap: i32, sums: v128, first: bool): void {
  if (tap >= job.taps) return;
  const at = gw + load<i32>(job.gwTaps + ((<usize>tap) << 2));
  const pairs = f32x4.add(sums, v128.shuffle<f32>(sums, sums, 2, 3, 0, 1));
  const sum = f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
  store<f32>(at, first ? sum : load<f32>(at) + sum);
}
