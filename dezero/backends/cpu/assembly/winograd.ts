/**
 * Convolution with kernels of 3×3 at stride 1, in 4 multiplications for each 9 of its definition: F(2×2, 3×3) of Winograd 1980, applied
 * to convolutions by Lavin & Gray 2015. A 2×2 tile of the result is
 *
 * Y = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A with Bᵀ = (1 0 −1 0; 0 1 1 0; 0 −1 1 0; 0 1 0 −1), G = (1 0 0; ½ ½ ½; ½ −½ ½; 0 0 1), Aᵀ = (1 1 1 0; 0 1 −1 −1)
 *
 * where d is the 4×4 values that it sees and g the kernel. Added up over channels, each of the 16 elements of ⊙ is a matrix product:
 * filters × channels by channels × tiles. `winogradFilters` makes the 16 left matrices, once; each piece of `winograd` makes the right ones
 * of its tiles, multiplies, and makes tiles of the products. Vectors hold four filters, or four tiles.
 *
 * A matrix lies in strips, four filters or eight tiles wide, as `tile` of the product reads them; or whole, as BLAS does.
 */

import { gemm } from './blas';
import { tile } from './product';

const ELEMENTS: i32 = 16; // of a transformed tile
const MOST: usize = 2 ** 23; // bytes of matrices that a piece makes: who cuts the work sees to it that there are no more
const APART: i32 = 64; // bytes between matrices, so that they share no cache set
// What a piece keeps of up to 512 tiles: lists of int32 numbers of where each is in x, where in y, and its size.
const TO: usize = 2 ** 11;
const SIZE: usize = 2 ** 12;
const TILE: usize = 64; // four tiles of the result
const PLACES: usize = 3 * 2 ** 11 + TILE;

/** Bytes of scratch memory that a piece needs. @since 47 */
export function winogradScratch(): usize {
  return PLACES + MOST + 2 * ELEMENTS * APART;
}

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
    const first = Taps.four(top, step1, step2, step3);
    if (row == 0) return first;
    const third = Taps.four(top + 2 * job.rowStep, step1, step2, step3);
    if (row == 3) return third;
    const second = Taps.four(top + job.rowStep, step1, step2, step3);
    const outer = f32x4.add(first, third);
    return f32x4.mul(f32x4.splat(0.5), row == 1 ? f32x4.add(outer, second) : f32x4.sub(outer, second));
  }

  @inline
  static four(at: usize, step1: i32, step2: i32, step3: i32): v128 {
    return f32x4(load<f32>(at), load<f32>(at + step1), load<f32>(at + step2), load<f32>(at + step3));
  }
}

@unmanaged
export class Winograd {
  kind: i32;
  pieces: i32;
  next: i32; // prettier-ignore
  /** Tiles of all pictures, those of a piece, of a picture, and of a row of it. */
  tiles: i32;
  share: i32;
  tilesOfPicture: i32;
  tilesOfRow: i32; // prettier-ignore
  filters: i32;
  channels: i32; // prettier-ignore
  /** Pictures, framed so that each tile finds its 4×4 values, and bytes between pictures, channels and rows. */
  x: usize;
  xPicture: i32;
  xChannel: i32;
  xRow: i32; // prettier-ignore
  /** What `winogradFilters` made, and bytes from matrix to matrix. */
  w: usize;
  wMatrix: i32; // prettier-ignore
  y: usize;
  yPicture: i32;
  yFilter: i32;
  yRow: i32; // prettier-ignore
  /** Size of a picture of the result. */
  rows: i32;
  columns: i32; // prettier-ignore
  /** One number a filter, or address 0. */
  bias: usize;
  relu: i32;
  /** Whether BLAS multiplies. */
  blas: i32; // prettier-ignore
}

/** The tiles of one piece. @since 47 */
export function winograd(job: Winograd, piece: i32, scratch: usize): void {
  const first = piece * job.share;
  const count = min(job.share, job.tiles - first);
  const wide = (count + 7) & ~7;
  const filters = (job.filters + 3) & ~3;
  const whole = job.blas != 0;
  const v = scratch + PLACES;
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
      writeTiles(job, filter, at, mMatrix, scratch + (t << 2), scratch + PLACES - TILE);
    }
  }
}

/** Lists where each tile is in x and in y, and its rows and columns there, as 3·rows + columns; those beyond the last have 0 of both. */
function findPlaces(job: Winograd, first: i32, count: i32, wide: i32, places: usize): void {
  for (let t = 0; t < wide; t++, places += 4) {
    const tile = first + min(t, count - 1);
    const picture = tile / job.tilesOfPicture;
    const place = tile % job.tilesOfPicture;
    const row = 2 * (place / job.tilesOfRow);
    const column = 2 * (place % job.tilesOfRow);
    store<i32>(places, picture * job.xPicture + row * job.xRow + (column << 2));
    store<i32>(places, picture * job.yPicture + row * job.yRow + (column << 2), TO);
    store<i32>(places, t < count ? 3 * min(2, job.rows - row) + min(2, job.columns - column) : 0, SIZE);
  }
}

/** Bᵀ d B of four tiles, channel by channel. */
function readTiles(job: Winograd, places: usize, to: usize, row: i32, matrix: i32): void {
  let p0 = job.x + load<i32>(places);
  let p1 = job.x + load<i32>(places, 4);
  let p2 = job.x + load<i32>(places, 8);
  let p3 = job.x + load<i32>(places, 12);
  for (const end = to + job.channels * row; to < end; to += row) {
    Read.row(p0, p1, p2, p3, job.xRow, 0, to, matrix);
    Read.row(p0, p1, p2, p3, job.xRow, 1, to + 4 * matrix, matrix);
    Read.row(p0, p1, p2, p3, job.xRow, 2, to + 8 * matrix, matrix);
    Read.row(p0, p1, p2, p3, job.xRow, 3, to + 12 * matrix, matrix);
    p0 += job.xChannel;
    p1 += job.xChannel;
    p2 += job.xChannel;
    p3 += job.xChannel;
  }
}

class Read {
  /** One row of Bᵀ d B, of four tiles. */
  @inline
  static row(p0: usize, p1: usize, p2: usize, p3: usize, step: i32, row: i32, to: usize, matrix: i32): void {
    const r0 = Read.column(p0, step, row);
    const r1 = Read.column(p1, step, row);
    const r2 = Read.column(p2, step, row);
    const r3 = Read.column(p3, step, row);
    // Four tiles of four columns each: a 4×4 transpose.
    const s0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
    const s1 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
    const s2 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
    const s3 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
    const c0 = v128.shuffle<i64>(s0, s1, 0, 2);
    const c1 = v128.shuffle<i64>(s0, s1, 1, 3);
    const c2 = v128.shuffle<i64>(s2, s3, 0, 2);
    const c3 = v128.shuffle<i64>(s2, s3, 1, 3);
    v128.store(to, f32x4.sub(c0, c2));
    v128.store(to + matrix, f32x4.add(c1, c2));
    v128.store(to + 2 * matrix, f32x4.sub(c2, c1));
    v128.store(to + 3 * matrix, f32x4.sub(c1, c3));
  }

  /** One row of Bᵀ d, of a tile. */
  @inline
  static column(d: usize, step: i32, row: i32): v128 {
    const first = row == 0 ? d : row == 2 ? d + 2 * step : d + step;
    const second = row == 2 ? d + step : row == 3 ? d + 3 * step : d + 2 * step;
    const other = v128.load(second);
    return row == 1 ? f32x4.add(v128.load(first), other) : f32x4.sub(v128.load(first), other);
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
    const to = y + load<i32>(places, TO);
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
