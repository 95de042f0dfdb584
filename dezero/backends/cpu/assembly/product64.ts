/**
 * The matrix product of float64: the job and the blocks of `product.ts`, with tables of offsets of 8-byte elements, and tiles of 4 × 4.
 */

import { Product } from './product';

const DEPTH: i32 = 128;
const ROWS: i32 = 128;
const COLUMNS: i32 = 256;
const TILE: usize = 4 * 4 * 8;

/** Bytes of scratch memory that a piece needs. @since 28 */
export function product64Scratch(): usize {
  return TILE + ((DEPTH * (ROWS + COLUMNS)) << 3);
}

/** One piece of the product that `job` describes. @since 28 */
export function product64(job: Product, piece: i32, scratch: usize): void {
  const across = (job.n + job.pieceColumns - 1) / job.pieceColumns;
  const top = (piece / across) * job.pieceRows;
  const left = (piece % across) * job.pieceColumns;
  const bottom = min(job.m, top + job.pieceRows);
  const right = min(job.n, left + job.pieceColumns);
  const packedA = scratch + TILE;
  const packedB = packedA + ((DEPTH * ROWS) << 3);
  for (let j0 = left; j0 < right; j0 += COLUMNS) {
    const columns = min(COLUMNS, right - j0);
    let k0 = 0;
    do {
      const depth = min(DEPTH, job.k - k0);
      pack(job.b, job.bColumns + ((<usize>j0) << 2), columns, job.bRows + ((<usize>k0) << 2), depth, packedB);
      for (let i0 = top; i0 < bottom; i0 += ROWS) {
        const rows = min(ROWS, bottom - i0);
        pack(job.a, job.aRows + ((<usize>i0) << 2), rows, job.aColumns + ((<usize>k0) << 2), depth, packedA);
        for (let i = 0; i < rows; i += 4) {
          for (let j = 0; j < columns; j += 4) {
            tile64(packedA + ((<usize>(i * depth)) << 3), packedB + ((<usize>(j * depth)) << 3), depth, scratch);
            finish(job, i0 + i, j0 + j, min(4, rows - i), min(4, columns - j), k0 == 0, k0 + DEPTH >= job.k, scratch);
          }
        }
      }
      k0 += DEPTH;
    } while (k0 < job.k);
  }
}

/** Lays `lanes` rows (or columns) out in strips of four, `depth` deep; in the last strip the last one is repeated. */
function pack(from: usize, lanes: usize, count: i32, depths: usize, depth: i32, to: usize): void {
  const end = depths + ((<usize>depth) << 2);
  for (let i = 0; i < count; i += 4, lanes += 16) {
    const left = count - i;
    const p0 = from + load<i32>(lanes);
    const p1 = left > 1 ? from + load<i32>(lanes, 4) : p0;
    const p2 = left > 2 ? from + load<i32>(lanes, 8) : p1;
    const p3 = left > 3 ? from + load<i32>(lanes, 12) : p2;
    for (let at = depths; at < end; at += 4, to += 32) {
      const offset = load<i32>(at);
      store<f64>(to, load<f64>(p0 + offset));
      store<f64>(to, load<f64>(p1 + offset), 8);
      store<f64>(to, load<f64>(p2 + offset), 16);
      store<f64>(to, load<f64>(p3 + offset), 24);
    }
  }
}

/** Writes to `to` the 4 × 4 product of two packed strips. @since 28 */
export function tile64(a: usize, b: usize, depth: i32, to: usize): void {
  let c00 = f64x2.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  for (const end = a + ((<usize>depth) << 5); a < end; a += 32, b += 32) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const a0 = v128.load64_splat(a);
    c00 = f64x2.add(c00, f64x2.mul(a0, b0));
    c01 = f64x2.add(c01, f64x2.mul(a0, b1));
    const a1 = v128.load64_splat(a, 8);
    c10 = f64x2.add(c10, f64x2.mul(a1, b0));
    c11 = f64x2.add(c11, f64x2.mul(a1, b1));
    const a2 = v128.load64_splat(a, 16);
    c20 = f64x2.add(c20, f64x2.mul(a2, b0));
    c21 = f64x2.add(c21, f64x2.mul(a2, b1));
    const a3 = v128.load64_splat(a, 24);
    c30 = f64x2.add(c30, f64x2.mul(a3, b0));
    c31 = f64x2.add(c31, f64x2.mul(a3, b1));
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

/** Moves a tile into C from (row i, column j) on, with the bias or what C holds, then relu. */
function finish(job: Product, i: i32, j: i32, rows: i32, columns: i32, first: bool, last: bool, scratch: usize): void {
  for (let row = 0; row < rows; row++) {
    const c = job.c + load<i32>(job.cRows + ((<usize>(i + row)) << 2));
    for (let column = 0; column < columns; column++) {
      const to = c + load<i32>(job.cColumns + ((<usize>(j + column)) << 2));
      let value = load<f64>(scratch + ((<usize>(row * 4 + column)) << 3));
      if (!first || job.accumulate) value += load<f64>(to);
      else if (job.biasAxis != 0)
        value += load<f64>(job.bias + ((<usize>(job.biasAxis == 1 ? i + row : j + column)) << 3));
      if (last && job.relu && !(value > 0)) value = 0;
      store<f64>(to, value);
    }
  }
}
