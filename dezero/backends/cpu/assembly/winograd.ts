/** The forward pass of convolution by tiles: `winogradFilters` makes the matrices of the filters, once; `winograd` those of some tiles, and their products. */

import { gemm } from './blas';
import { Lanes } from './lanes';
import { tile } from './product';
import { APART, ELEMENTS, findPlaces, IN_Y, Inputs, MATRICES, ROOM_AT, SIZE, Tiles } from './tiles';

@unmanaged
export class WinogradFilters {
  kind: i32;
  pieces: i32;
  next: i32; // prettier-ignore
  /** How many there are, how many in a piece, a multiple of 4, and their channels. */
  filters: i32;
  share: i32;
  channels: i32; // prettier-ignore
  /** The first kernel's first tap, and bytes between filters, channels, rows and columns of taps. */
  at: usize;
  filterStep: i32;
  channelStep: i32;
  rowStep: i32;
  columnStep: i32; // prettier-ignore
  /** Where they go, and bytes from strip to strip of four filters, from channel to channel and from matrix to matrix. */
  to: usize;
  strip: i32;
  row: i32;
  matrix: i32; // prettier-ignore
}

/** G g Gᵀ of some filters. What a strip has beyond the last filter is that filter once more. @since 47 */
export function winogradFilters(job: WinogradFilters, piece: i32): void {
  const last = min(job.filters, (piece + 1) * job.share);
  for (let filter = piece * job.share; filter < last; filter += 4) {
    const from = job.at + filter * job.filterStep;
    const step1 = min(1, job.filters - 1 - filter) * job.filterStep;
    const step2 = min(2, job.filters - 1 - filter) * job.filterStep;
    const step3 = min(3, job.filters - 1 - filter) * job.filterStep;
    for (let channel = 0; channel < job.channels; channel++) {
      const kernel = from + channel * job.channelStep;
      const to = job.to + (filter >> 2) * job.strip + channel * job.row;
      // Columns of G g, then each row of that times Gᵀ.
      for (let row = 0; row < 4; row++) {
        const r0 = Taps.row(job, kernel, step1, step2, step3, 0, row);
        const r1 = Taps.row(job, kernel, step1, step2, step3, 1, row);
        const r2 = Taps.row(job, kernel, step1, step2, step3, 2, row);
        const half = f32x4.splat(0.5);
        const outer = f32x4.mul(half, f32x4.add(r0, r2));
        const inner = f32x4.mul(half, r1);
        const at = to + row * 4 * job.matrix;
        v128.store(at, r0);
        v128.store(at + job.matrix, f32x4.add(outer, inner));
        v128.store(at + 2 * job.matrix, f32x4.sub(outer, inner));
        v128.store(at + 3 * job.matrix, r2);
      }
    }
  }
}

class Taps {
  /** An element of G g, of four filters: its `row`, in a column of taps. */
  @inline
  static row(job: WinogradFilters, kernel: usize, step1: i32, step2: i32, step3: i32, column: i32, row: i32): v128 {
    const top = kernel + column * job.columnStep;
    const first = Lanes.gather(top, step1, step2, step3);
    if (row == 0) return first;
    const third = Lanes.gather(top + 2 * job.rowStep, step1, step2, step3);
    if (row == 3) return third;
    const second = Lanes.gather(top + job.rowStep, step1, step2, step3);
    const outer = f32x4.add(first, third);
    return f32x4.mul(f32x4.splat(0.5), row == 1 ? f32x4.add(outer, second) : f32x4.sub(outer, second));
  }
}

@unmanaged
export class Winograd extends Tiles {
  /** What `winogradFilters` made, and bytes from matrix to matrix. */
  w: usize;
  wMatrix: i32; // prettier-ignore
  /** One number a filter, or address 0. */
  bias: usize;
  relu: i32; // prettier-ignore
}

/** The tiles of one piece. @since 47 */
export function winograd(job: Winograd, piece: i32, scratch: usize): void {
  const first = piece * job.share;
  const count = min(job.share, job.tiles - first);
  const wide = (count + 7) & ~7;
  const filters = (job.filters + 3) & ~3;
  const whole = job.blas != 0;
  const v = scratch + MATRICES;
  const vMatrix = ((job.channels * wide) << 2) + APART;
  const vStrip = whole ? 32 : job.channels << 5;
  const vRow = whole ? wide << 2 : 32;
  const m = v + ELEMENTS * vMatrix;
  const mMatrix = ((filters * wide) << 2) + APART;
  findPlaces(job, first, count, wide, scratch);
  for (let t = 0; t < wide; t += 4) {
    readTiles(job, scratch + (t << 2), v + (t >> 3) * vStrip + ((t & 4) << 2), vRow, vMatrix);
  }
  for (let element = 0; element < ELEMENTS; element++) {
    multiply(job, filters, wide, job.w + element * job.wMatrix, v + element * vMatrix, m + element * mMatrix);
  }
  for (let filter = 0; filter < job.filters; filter++) {
    const row = m + (whole ? (filter * wide) << 2 : (((filter >> 2) * wide) << 4) + ((filter & 3) << 5));
    for (let t = 0; t < wide; t += 4) {
      const at = row + (whole ? t << 2 : ((t >> 3) << 7) + ((t & 4) << 2));
      writeTiles(job, filter, at, mMatrix, scratch + (t << 2), scratch + ROOM_AT);
    }
  }
}

/** Bᵀ d B of four tiles, channel by channel. */
function readTiles(job: Winograd, places: usize, to: usize, row: i32, matrix: i32): void {
  let p0 = job.x + load<i32>(places);
  let p1 = job.x + load<i32>(places, 4);
  let p2 = job.x + load<i32>(places, 8);
  let p3 = job.x + load<i32>(places, 12);
  for (const end = to + job.channels * row; to < end; to += row) {
    Inputs.four(p0, p1, p2, p3, job.xRow, to, matrix);
    p0 += job.xChannel;
    p1 += job.xChannel;
    p2 += job.xChannel;
    p3 += job.xChannel;
  }
}

/** m = w·v, one of the 16 products. */
function multiply(job: Winograd, filters: i32, wide: i32, w: usize, v: usize, m: usize): void {
  const channels = job.channels;
  if (job.blas) {
    gemm(4, filters, wide, channels, w, filters, 1, v, wide, 0, m, wide, 0);
    return;
  }
  for (let i = 0; i < filters; i += 4, w += channels << 4) {
    for (let j = 0; j < wide; j += 8, m += 128) tile(w, v + ((j * channels) << 2), channels, m);
  }
}

/** Aᵀ m A of a filter's four tiles, with bias and relu; `four` is room for them. */
function writeTiles(job: Winograd, filter: i32, m: usize, matrix: i32, places: usize, four: usize): void {
  const bias = job.bias ? v128.load32_splat(job.bias + (filter << 2)) : f32x4.splat(0);
  Write.row(m, matrix, 0, bias, job.relu, four);
  Write.row(m, matrix, 1, bias, job.relu, four + 32);
  const y = job.y + filter * job.yFilter;
  for (const end = places + 16; places < end; places += 4, four += 8) {
    const to = y + load<i32>(places, IN_Y);
    const size = load<i32>(places, SIZE);
    if (size == 3 * 2 + 2) {
      store<u64>(to, load<u64>(four));
      store<u64>(to + job.yRow, load<u64>(four, 32));
    } else if (size != 0) {
      store<f32>(to, load<f32>(four));
      if (size % 3 == 2) store<f32>(to, load<f32>(four, 4), 4);
      if (size >= 6) store<f32>(to + job.yRow, load<f32>(four, 32));
    }
  }
}

class Write {
  /** One row of four tiles: pairs of neighbours. */
  @inline
  static row(m: usize, matrix: i32, row: i32, bias: v128, relu: i32, to: usize): void {
    const s0 = Write.column(m, matrix, row);
    const s1 = Write.column(m + matrix, matrix, row);
    const s2 = Write.column(m + 2 * matrix, matrix, row);
    const s3 = Write.column(m + 3 * matrix, matrix, row);
    let left = f32x4.add(f32x4.add(f32x4.add(s0, s1), s2), bias);
    let right = f32x4.add(f32x4.sub(f32x4.sub(s1, s2), s3), bias);
    if (relu) {
      left = f32x4.pmax(f32x4.splat(0), left); // NaN → 0, as value > 0 ? value : 0
      right = f32x4.pmax(f32x4.splat(0), right);
    }
    v128.store(to, v128.shuffle<f32>(left, right, 0, 4, 1, 5));
    v128.store(to, v128.shuffle<f32>(left, right, 2, 6, 3, 7), 16);
  }

  /** An element of Aᵀ m, of four tiles. */
  @inline
  static column(m: usize, matrix: i32, row: i32): v128 {
    const second = v128.load(m + 4 * matrix);
    const third = v128.load(m + 8 * matrix);
    return row == 0
      ? f32x4.add(f32x4.add(v128.load(m), second), third)
      : f32x4.sub(f32x4.sub(second, third), v128.load(m + 12 * matrix));
  }
}
