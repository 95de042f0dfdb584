/** Products through the system's BLAS: what does not lie as a plain matrix is laid out as one, a part that stays in the cache at a time. */
import type { Engine, Matrix, Product } from './engine';
import { countOf, type Axis } from './tables';

/** cblas_sgemm or cblas_dgemm: order, transposed a, transposed b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc. @since 28 */
export type Gemm = (
  order: number, turnA: number, turnB: number, m: number, n: number, k: number, alpha: number,
  a: number, lda: number, b: number, ldb: number, beta: number, c: number, ldc: number,
) => void; // prettier-ignore

/** A library, and at which address of the process the kernels' memory begins. @since 28 */
export interface Blas {
  readonly name: string;
  readonly start: number;
  /** By bytes of an element. @since 28 */
  readonly gemm: Readonly<Record<4 | 8, Gemm>>;
}

const ROW_MAJOR = 101;
const AS_IT_IS = 111;
const TURNED = 112;
const LEAST = 2 ** 15; // multiplications: the call itself takes a microsecond or two
const BLOCK = 2 ** 18; // elements of b to lay out at a time

/** A matrix that BLAS can read: where, how far from row to row (of the turned one from column to column), and whether it is turned. */
interface Plain {
  readonly at: number;
  readonly step: number;
  readonly turned: boolean;
}

/** Runs a product if it pays; false if the kernels are to do it. @since 28 */
export function viaBlas(
  blas: Blas,
  engine: Engine,
  product: Product,
  alloc: (bytes: number) => number,
  least = LEAST,
): boolean {
  const { a, b, c, bias = null, accumulate = false, relu = false, bytes = 4 } = product;
  const [m, n, k] = [countOf(c.rows), countOf(c.columns), countOf(a.columns)];
  if (m * n * k < least) return false;
  const [plainA, plainB, plainC] = [plain(a), plain(b), plain(c)];
  const whole = plainA && plainB && plainC && !plainC.turned && !bias && !relu;
  if (!whole && bytes === 8) return false;
  const gemm = blas.gemm[bytes];
  const multiply = (left: Plain, right: Plain, rows: number, columns: number, depth: number, at: number, step: number, add: boolean) =>
    gemm(
      ROW_MAJOR, left.turned ? TURNED : AS_IT_IS, right.turned ? TURNED : AS_IT_IS, rows, columns, depth, 1,
      blas.start + left.at, left.step, blas.start + right.at, right.step, Number(add), blas.start + at, step,
    ); // prettier-ignore
  if (whole) {
    multiply(plainA, plainB, m, n, k, c.at, plainC.step, accumulate);
    return true;
  }
  const left = plainA ?? layOut(engine, a, alloc);
  const direct = plainC && !plainC.turned && !bias && !relu ? plainC : null;
  // b in parts: some columns where neighbours lie along its rows, else some of its depth, turned.
  const along = plainB || run(b.columns) >= run(b.rows) ? 'columns' : 'rows';
  const wide = along === 'columns' ? n : k;
  const deep = along === 'columns' ? k : n;
  const unit = plainB ? 1 : run(b[along]);
  const part = plainB && direct ? wide : Math.max(unit, Math.floor(BLOCK / deep / unit) * unit);
  const packed = plainB ? 0 : alloc(Math.min(part, wide) * deep * 4);
  const layOutPart = (from: number, count: number): Plain => {
    if (plainB) return { ...plainB, at: plainB.at + from * (plainB.turned ? plainB.step : 1) * 4 };
    const other = along === 'columns' ? b.rows : b.columns;
    engine.move('gather', b.at, { rows: other, columns: b[along], from, count, unit }, packed);
    return { at: packed, step: count, turned: along === 'rows' };
  };
  const result = direct ? 0 : alloc(m * (along === 'columns' ? Math.min(part, n) : n) * 4);
  for (let from = 0; from < wide; from += part) {
    const count = Math.min(part, wide - from);
    const right = layOutPart(from, count);
    if (along === 'columns') {
      if (direct) multiply(left, right, m, count, k, direct.at + from * 4, direct.step, accumulate);
      else {
        multiply(left, right, m, count, k, result, count, false);
        engine.move('scatter', c.at, { ...c, from, count, unit: 1 }, result, { bias, accumulate, relu });
      }
    } else {
      const deeper = { ...left, at: left.at + from * (left.turned ? left.step : 1) * 4 };
      if (direct) multiply(deeper, right, m, n, count, direct.at, direct.step, accumulate || from > 0);
      else multiply(deeper, right, m, n, count, result, n, from > 0);
    }
  }
  if (along === 'rows' && !direct) {
    engine.move('scatter', c.at, { ...c, from: 0, count: n, unit: 1 }, result, { bias, accumulate, relu });
  }
  return true;
}

/** True if the library multiplies as the kernels do: old ones are known to be wrong on newer processors. @since 28 */
export function isRight(blas: Blas, engine: Engine): boolean {
  const n = 67;
  let right = true;
  engine.scratch((alloc) => {
    const [a, b, ours, theirs] = Array.from({ length: 4 }, () => alloc(n * n * 4));
    for (const [seed, at] of [a, b].entries()) {
      for (let i = 0; i < n * n; i++) engine.floats[at / 4 + i] = Math.sin(seed + i * i);
    }
    const square = (at: number): Matrix => ({ at, rows: [[n, n]], columns: [[n, 1]] });
    const turned = (at: number): Matrix => ({ at, rows: [[n, 1]], columns: [[n, n]] });
    for (const [left, other] of [[square(a), square(b)], [turned(a), square(b)], [square(a), turned(b)]]) {
      engine.kernelProduct({ a: left, b: other, c: square(ours) });
      viaBlas(blas, engine, { a: left, b: other, c: square(theirs) }, alloc);
      for (let i = 0; i < n * n; i++) {
        right &&= Math.abs(engine.floats[ours / 4 + i] - engine.floats[theirs / 4 + i]) < 1e-3;
      }
    } // prettier-ignore
  });
  return right;
}

/** A matrix whose rows and columns are one axis each, one of them of neighbours, as BLAS takes it. */
function plain({ at, rows, columns }: Matrix): Plain | null {
  const [down, right] = [stepOf(rows), stepOf(columns)];
  if (down === null || right === null) return null;
  const [m, n] = [countOf(rows), countOf(columns)];
  if (right === 1 && down >= n) return { at, step: down, turned: false };
  if (down === 1 && right >= m) return { at, step: right, turned: true };
  return null;
}

/** The step of axes that go on from one another, or null. */
function stepOf(along: readonly Axis[]): number | null {
  const real = along.filter(([size]) => size > 1);
  const goesOn = real.every(([, stride], i) => i + 1 === real.length || stride === real[i + 1][0] * real[i + 1][1]);
  return goesOn ? (real.at(-1)?.[1] ?? null) : null;
}

/** How many neighbours there are in a row along axes: the largest number that all runs are made of. */
function run(along: readonly Axis[]): number {
  let length = 1;
  for (const [size, stride] of along.toReversed()) {
    if (size === 1) continue;
    if (stride !== length) break;
    length *= size;
  }
  return length;
}

/** A copy of a matrix, row by row. */
function layOut(engine: Engine, { at, rows, columns }: Matrix, alloc: (bytes: number) => number): Plain {
  const count = countOf(columns);
  const to = alloc(countOf(rows) * count * 4);
  engine.move('gather', at, { rows, columns, from: 0, count, unit: run(columns) }, to);
  return { at: to, step: count, turned: false };
}
