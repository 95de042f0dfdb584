/** The gradient of the kernels of a convolution by tiles. */

import { gemm } from './blas';
import { Lanes } from './lanes';
import { tile } from './product';
import { APART, ELEMENTS, findPlaces, IN_Y, Inputs, MATRICES, ROOM_AT, SIZE, Tiles } from './tiles';

@unmanaged
export class WinogradWeights extends Tiles {
  /** Filters and channels of a piece, in fours and in eights. */
  pieceFilters: i32;
  pieceChannels: i32; // prettier-ignore
  /** The gradient of the kernels, and bytes between filters, channels, rows and columns of taps. */
  w: usize;
  filterStep: i32;
  channelStep: i32;
  rowStep: i32;
  columnStep: i32; // prettier-ignore
  /** Add to what is there. */
  accumulate: i32;
}

/**
 * The gradient of the kernels, Gᵀ[Σ over tiles of (A g Aᵀ) ⊙ (Bᵀ d B)]G with g the gradient of a tile: 16 products, filters × tiles by tiles ×
 * channels. A piece is some filters and some channels, of all tiles. Vectors hold four filters, or four channels.
 * @since 47
 */
export function winogradWeights(job: WinogradWeights, piece: i32, scratch: usize): void {
  const across = (job.channels + job.pieceChannels - 1) / job.pieceChannels;
  const filter = (piece / across) * job.pieceFilters;
  const channel = (piece % across) * job.pieceChannels;
  const filters = (min(job.pieceFilters, job.filters - filter) + 3) & ~3;
  const channels = (min(job.pieceChannels, job.channels - channel) + 7) & ~7;
  const whole = job.blas != 0;
  const room = scratch + ROOM_AT;
  const z = scratch + MATRICES;
  const zRow = whole ? filters << 2 : 16;
  const zMatrix = ((filters * job.share) << 2) + APART;
  const v = z + ELEMENTS * zMatrix;
  const vRow = whole ? channels << 2 : 32;
  const vMatrix = ((channels * job.share) << 2) + APART;
  const m = v + ELEMENTS * vMatrix;
  const mMatrix = ((filters * channels) << 2) + APART;
  memory.fill(m, 0, ELEMENTS * mMatrix);
  for (let first = 0; first < job.tiles; first += job.share) {
    const count = min(job.share, job.tiles - first);
    findPlaces(job, first, count, count, scratch);
    for (let i = 0; i < filters; i += 4) {
      const to = z + ((whole ? i : i * count) << 2);
      readGradients(job, filter + i, count, scratch, to, zRow, zMatrix);
    }
    for (let j = 0; j < channels; j += 4) {
      const to = v + (whole ? j << 2 : (((j >> 3) * count) << 5) + ((j & 4) << 2));
      readChannels(job, channel + j, count, scratch, to, vRow, vMatrix);
    }
    for (let e = 0; e < ELEMENTS; e++) {
      addProduct(whole, filters, channels, count, z + e * zMatrix, v + e * vMatrix, m + e * mMatrix, room);
    }
  }
  const bottom = min(filters, job.filters - filter);
  const right = min(channels, job.channels - channel);
  for (let i = 0; i < bottom; i++) {
    const row = m + (whole ? (i * channels) << 2 : (((i >> 2) * channels) << 4) + ((i & 3) << 5));
    for (let j = 0; j < right; j += 4) {
      const at = row + (whole ? j << 2 : ((j >> 3) << 7) + ((j & 4) << 2));
      writeKernels(job, filter + i, channel + j, min(4, right - j), at, mMatrix, room);
    }
  }
}

/** A g Aᵀ of four filters, tile by tile; what lies outside is 0. */
function readGradients(job: Tiles, filter: i32, count: i32, places: usize, to: usize, row: i32, matrix: i32): void {
  const from = job.y + filter * job.yFilter;
  const left = job.filters - 1 - filter;
  const step1 = min(1, left) * job.yFilter;
  const step2 = min(2, left) * job.yFilter;
  const step3 = min(3, left) * job.yFilter;
  for (const end = places + (count << 2); places < end; places += 4, to += row) {
    const at = from + load<i32>(places, IN_Y);
    const size = load<i32>(places, SIZE);
    const zero = f32x4.splat(0);
    const below = size >= 6;
    const right = size % 3 == 2;
    const g00 = Lanes.gather(at, step1, step2, step3);
    const g01 = right ? Lanes.gather(at + 4, step1, step2, step3) : zero;
    const g10 = below ? Lanes.gather(at + job.yRow, step1, step2, step3) : zero;
    const g11 = right && below ? Lanes.gather(at + job.yRow + 4, step1, step2, step3) : zero;
    Gradients.row(g00, g01, to, matrix);
    Gradients.row(f32x4.add(g00, g10), f32x4.add(g01, g11), to + 4 * matrix, matrix);
    Gradients.row(f32x4.sub(g00, g10), f32x4.sub(g01, g11), to + 8 * matrix, matrix);
    Gradients.row(f32x4.neg(g10), f32x4.neg(g11), to + 12 * matrix, matrix);
  }
}

class Gradients {
  /** A row of A g Aᵀ, from one of A g. */
  @inline
  static row(left: v128, right: v128, to: usize, matrix: i32): void {
    v128.store(to, left);
    v128.store(to + matrix, f32x4.add(left, right));
    v128.store(to + 2 * matrix, f32x4.sub(left, right));
    v128.store(to + 3 * matrix, f32x4.neg(right));
  }
}

/** Bᵀ d B of four channels, tile by tile; beyond the last channel it is that one once more. */
function readChannels(job: Tiles, channel: i32, count: i32, places: usize, to: usize, row: i32, matrix: i32): void {
  const left = job.channels - 1 - channel;
  const p0 = job.x + (channel + min(0, left)) * job.xChannel;
  const p1 = job.x + (channel + min(1, left)) * job.xChannel;
  const p2 = job.x + (channel + min(2, left)) * job.xChannel;
  const p3 = job.x + (channel + min(3, left)) * job.xChannel;
  for (const end = places + (count << 2); places < end; places += 4, to += row) {
    const at = load<i32>(places);
    Inputs.four(p0 + at, p1 + at, p2 + at, p3 + at, job.xRow, to, matrix);
  }
}

/** m += z·v, one of the 16 products. */
function addProduct(
  whole: bool,
  filters: i32,
  channels: i32,
  count: i32,
  z: usize,
  v: usize,
  m: usize,
  room: usize,
): void {
  if (whole) {
    gemm(4, filters, channels, count, z, filters, 1, v, channels, 0, m, channels, 1);
    return;
  }
  for (let i = 0; i < filters; i += 4, z += count << 4) {
    for (let j = 0; j < channels; j += 8, m += 128) {
      tile(z, v + ((j * count) << 2), count, room);
      for (let at = 0; at < 128; at += 16) v128.store(m + at, f32x4.add(v128.load(m + at), v128.load(room + at)));
    }
  }
}

/** Gᵀ m G of a filter and up to four channels; `room` is room for them. */
function writeKernels(
  job: WinogradWeights,
  filter: i32,
  channel: i32,
  count: i32,
  m: usize,
  matrix: i32,
  room: usize,
): void {
  Sums.row(m, matrix, 0, room);
  Sums.row(m, matrix, 1, room + 48);
  Sums.row(m, matrix, 2, room + 96);
  let to = job.w + filter * job.filterStep + channel * job.channelStep;
  for (const end = room + (count << 2); room < end; room += 4, to += job.channelStep) {
    for (let row = 0; row < 3; row++) {
      for (let column = 0; column < 3; column++) {
        const at = to + row * job.rowStep + column * job.columnStep;
        const value = load<f32>(room + ((row * 3 + column) << 4));
        store<f32>(at, job.accumulate ? value + load<f32>(at) : value);
      }
    }
  }
}

class Sums {
  /** A row of Gᵀ m G. */
  @inline
  static row(m: usize, matrix: i32, row: i32, to: usize): void {
    const half = f32x4.splat(0.5);
    const s0 = Sums.column(m, matrix, row);
    const s1 = f32x4.mul(half, Sums.column(m + matrix, matrix, row));
    const s2 = f32x4.mul(half, Sums.column(m + 2 * matrix, matrix, row));
    const s3 = Sums.column(m + 3 * matrix, matrix, row);
    v128.store(to, f32x4.add(s0, f32x4.add(s1, s2)));
    v128.store(to, f32x4.sub(s1, s2), 16);
    v128.store(to, f32x4.add(f32x4.add(s1, s2), s3), 32);
  }

  /** An element of Gᵀ m, of four channels. */
  @inline
  static column(m: usize, matrix: i32, row: i32): v128 {
    const half = f32x4.splat(0.5);
    const second = f32x4.mul(half, v128.load(m + 4 * matrix));
    const third = f32x4.mul(half, v128.load(m + 8 * matrix));
    if (row == 1) return f32x4.sub(second, third);
    const outer = v128.load(row == 0 ? m : m + 12 * matrix);
    return f32x4.add(outer, f32x4.add(second, third));
  }
}
