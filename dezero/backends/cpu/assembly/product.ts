/**
 * The matrix product: one kernel for matmul, convolution and both of its adjoints, float32.
 *
 * C[cRows[i] + cColumns[j]] = Σₖ A[aRows[i] + aColumns[k]] · B[bRows[k] + bColumns[j]]
 *
 * Every operand is read and written through offset tables, so a transpose, a stride, a broadcast axis or the windows of a
 * convolution cost nothing here. Blocks of A and B that fit the caches are packed into strips of 4 rows and 8 columns,
 * after Goto & van de Geijn 2008; `tile` multiplies two strips. Nothing is kept between calls and scratch memory is the thread's own.
 * A piece is a rectangle of C: each element is computed in one piece, in the same order whoever computes it.
 */

import { Lanes } from './lanes';
import { isRun, packRows, packStrip, runLength } from './pack';

const DEPTH: i32 = 256; // of A's columns at a time: a strip of B stays in the first-level cache
const ROWS: i32 = 128; // of A at a time: with B's block in the second-level cache
const COLUMNS: i32 = 384; // of B at a time
const TILE: usize = 4 * 8 * 4;

/** What to multiply, as the caller writes it into memory: addresses in bytes, tables of int32 byte offsets. @since 28 */
@unmanaged
export class Product {
  kind: i32;
  pieces: i32;
  next: i32; // prettier-ignore
  m: i32;
  n: i32;
  k: i32; // prettier-ignore
  a: usize;
  aRows: usize;
  aColumns: usize; // prettier-ignore
  b: usize;
  bRows: usize;
  bColumns: usize; // prettier-ignore
  c: usize;
  cRows: usize;
  cColumns: usize; // prettier-ignore
  bias: usize;
  /** 0: no bias, 1: one a row, 2: one a column. */
  biasAxis: i32;
  /** Add to what C holds. */
  accumulate: i32;
  relu: i32;
  /** Rows and columns of C in a piece. */
  pieceRows: i32;
  pieceColumns: i32; // prettier-ignore
  /** Of A's columns at a time, where BLAS multiplies. */
  depth: i32;
}

/** Bytes of scratch memory that a piece needs. @since 28 */
export function productScratch(): usize {
  return TILE + ((DEPTH * ROWS + (DEPTH + 1) * COLUMNS) << 2);
}

/** One piece of the product that `job` describes. @since 28 */
export function product(job: Product, piece: i32, scratch: usize): void {
  const across = (job.n + job.pieceColumns - 1) / job.pieceColumns;
  const top = (piece / across) * job.pieceRows;
  const left = (piece % across) * job.pieceColumns;
  const bottom = min(job.m, top + job.pieceRows);
  const right = min(job.n, left + job.pieceColumns);
  const blocks = max(1, (job.k + DEPTH - 1) / DEPTH);
  const most = (job.k + blocks - 1) / blocks; // equal blocks
  const packedA = scratch + TILE;
  const packedB = packedA + ((DEPTH * ROWS) << 2);
  for (let j0 = left; j0 < right; j0 += COLUMNS) {
    const columns = min(COLUMNS, right - j0);
    for (let block = 0; block < blocks; block++) {
      const k0 = block * most;
      const depth = min(most, job.k - k0);
      const pitch = (depth | 1) << 5; // bytes from strip to strip of B: odd, so that they share no cache set
      packB(job, k0, depth, j0, columns, packedB, pitch);
      for (let i0 = top; i0 < bottom; i0 += ROWS) {
        const rows = min(ROWS, bottom - i0);
        packA(job, k0, depth, i0, rows, packedA);
        for (let i = 0; i < rows; i += 4) {
          for (let j = 0; j < columns; j += 8) {
            tile(packedA + ((i * depth) << 2), packedB + (j >> 3) * pitch, depth, scratch);
            finish(
              job,
              i0 + i,
              j0 + j,
              min(4, rows - i),
              min(8, columns - j),
              block == 0,
              block == blocks - 1,
              scratch,
            );
          }
        }
      }
    }
  }
}

function packA(job: Product, k0: i32, depth: i32, i0: i32, rows: i32, to: usize): void {
  const depths = job.aColumns + (k0 << 2);
  for (let i = 0; i < rows; i += 4) {
    packStrip(job.a, job.aRows + ((i0 + i) << 2), rows - i, depths, depth, to + ((i * depth) << 2), 16);
  }
}

function packB(job: Product, k0: i32, depth: i32, j0: i32, columns: i32, to: usize, pitch: i32): void {
  const lanes = job.bColumns + (j0 << 2);
  const depths = job.bRows + (k0 << 2);
  const straight = runLength(lanes, columns) & ~7;
  if (straight) packRows(job.b + load<i32>(lanes), straight, depths, depth, to, pitch);
  for (let j = straight; j < columns; j += 4) {
    packStrip(job.b, lanes + (j << 2), columns - j, depths, depth, to + (j >> 3) * pitch + ((j & 4) << 2), 32);
  }
}

/** Writes to `to` the 4×8 product of a packed strip of A (depth × 4) and one of B (depth × 8). @since 28 */
export function tile(a: usize, b: usize, depth: i32, to: usize): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  for (const end = a + ((<usize>depth) << 4); a < end; a += 16, b += 32) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const a0 = v128.load32_splat(a);
    c00 = Lanes.addProduct(a0, b0, c00);
    c01 = Lanes.addProduct(a0, b1, c01);
    const a1 = v128.load32_splat(a, 4);
    c10 = Lanes.addProduct(a1, b0, c10);
    c11 = Lanes.addProduct(a1, b1, c11);
    const a2 = v128.load32_splat(a, 8);
    c20 = Lanes.addProduct(a2, b0, c20);
    c21 = Lanes.addProduct(a2, b1, c21);
    const a3 = v128.load32_splat(a, 12);
    c30 = Lanes.addProduct(a3, b0, c30);
    c31 = Lanes.addProduct(a3, b1, c31);
  }
  v128.store(to, c00);
  v128.store(to, c01, 16);
  v128.store(to, c10, 32);
  v128.store(to, c11, 48);
  v128.store(to, c20, 64);
  v128.store(to, c21, 80);
  v128.store(to, c30, 96);
  v128.store(to, c31, 112);
}

/** Moves a tile into C from (row i, column j) on: the bias or what C holds is added, then relu. @since 28 */
function finish(job: Product, i: i32, j: i32, rows: i32, wide: i32, first: bool, last: bool, scratch: usize): void {
  const add = !first || job.accumulate != 0;
  const relu = last && job.relu != 0;
  if (first && job.biasAxis != 0) addBias(job, i, j, scratch);
  for (let half = 0; half < wide; half += 4) {
    const offsets = job.cColumns + ((j + half) << 2);
    let from = scratch + (half << 2);
    let row = job.cRows + (i << 2);
    const end = row + (rows << 2);
    if (wide - half >= 4 && isRun(offsets)) {
      const c = job.c + load<i32>(offsets);
      for (; row < end; row += 4, from += 32) {
        const to = c + load<i32>(row);
        let values = v128.load(from);
        if (add) values = f32x4.add(values, v128.load(to));
        if (relu) values = f32x4.pmax(f32x4.splat(0), values); // NaN → 0, as value > 0 ? value : 0
        v128.store(to, values);
      }
    } else {
      const count = min(4, wide - half);
      for (; row < end; row += 4, from += 32) {
        const c = job.c + load<i32>(row);
        for (let column = 0; column < count; column++) {
          const to = c + load<i32>(offsets + (column << 2));
          let value = load<f32>(from + (column << 2));
          if (add) value += load<f32>(to);
          if (relu && !(value > 0)) value = 0;
          store<f32>(to, value);
        }
      }
    }
  }
}

/**
 * Adds the bias to a tile, which may hang over C's edge: up to three values past a bias of rows and seven past a bias of
 * columns are read, and not used.
 */
function addBias(job: Product, i: i32, j: i32, scratch: usize): void {
  const byRow = job.biasAxis == 1;
  const left = job.bias + ((byRow ? i : j) << 2);
  for (let row = 0, at = scratch; row < 4; row++, at += 32) {
    const own = left + (row << 2);
    v128.store(at, f32x4.add(v128.load(at), byRow ? v128.load32_splat(own) : v128.load(left)));
    v128.store(at, f32x4.add(v128.load(at, 16), byRow ? v128.load32_splat(own) : v128.load(left, 16)), 16);
  }
}
