/** Products through the system's BLAS. It multiplies blocks on the threads of the kernels: here is what it must offer and how work is cut for it. */
import type { Engine, Matrix, Product } from './engine';
import { countOf, type Axis } from './tables';

/**
 * c(m, n) = a(m, k)·b(k, n), or c += a·b if `add`, of floats of 4 or 8 bytes. A matrix is the address of its first element, and the elements from row to row; turned,
 * those from column to column.
 * @since 28
 */
export type Gemm = (
  bytes: number, m: number, n: number, k: number, a: number, aStep: number, aTurned: number,
  b: number, bStep: number, bTurned: number, c: number, cStep: number, add: number,
) => void; // prettier-ignore

/** A library whose products work on the kernels' memory. @since 28 */
export interface Blas {
  readonly name: string;
  readonly gemm: Gemm;
  /** JavaScript that gives `gemm` to another thread. @since 28 */
  readonly source: string;
}

/** How much of a product is multiplied at a time. @since 28 */
export interface Cut {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
}

/** Multiplications: to share fewer among threads costs more than it saves. @since 28 */
export const LEAST_SHARED = 2 ** 19;

const MOST = 512; // rows, columns or depth of a block: two of these fit the second-level cache
const FEW = 128; // a block of fewer is hardly worth a call

/** Which pieces a product is cut into, so that as many blocks as can be lie as plain matrices. @since 28 */
export function cutForBlas({ a, b, c }: Product): Cut {
  const [m, n, k] = [countOf(c.rows), countOf(c.columns), countOf(a.columns)];
  const straight = isPlain(a) && isPlain(b);
  const columns = fit(n, run(c.columns));
  const rows = columns < n && m <= MOST ? m : fit(m, m); // what is cut one way already, need not be cut the other way too
  const cut = { rows, columns, depth: straight ? k : fit(k, isPlain(a) ? run(b.rows) : run(a.columns)) };
  return m * n * k < LEAST_SHARED ? cut : inTwo(m, n, cut);
}

/** The longer side of an m × n product is halved if it would be a single piece, for two threads. @since 28 */
export function inTwo(m: number, n: number, { rows, columns, depth }: Cut): Cut {
  if (rows < m || columns < n) return { rows, columns, depth };
  return m > n ? { rows: half(m), columns, depth } : { rows, columns: half(n), depth };
}

const half = (n: number): number => Math.ceil(n / 16) * 8;

/** `a`, or a copy where its blocks would have to be laid out for each piece anew. @throws NoRoom. @since 28 */
export function readable(
  a: Matrix,
  depth: number,
  engine: Engine,
  alloc: (bytes: number) => number,
  bytes: 4 | 8,
): Matrix {
  if (isPlain(a) || run(a.columns) >= Math.min(depth, countOf(a.columns))) return a;
  return engine.layOut(a, run(a.columns), alloc, bytes);
}

/** How many of `total` to take at a time: a run of neighbours, an equal part of a long one (if all is one run, an even number of parts), some short ones. */
function fit(total: number, run: number): number {
  if (total <= FEW) return total;
  if (run >= total) return Math.ceil(total / (2 * Math.ceil(total / (2 * MOST))));
  if (run > MOST) return Math.ceil(run / Math.ceil(run / MOST));
  return run >= FEW ? run : run * Math.floor(MOST / run);
}

/** True if rows and columns are one axis each, one of them of neighbours. */
function isPlain({ rows, columns }: Matrix): boolean {
  const [down, right] = [stepOf(rows), stepOf(columns)];
  return (right === 1 && down >= countOf(columns)) || (down === 1 && right >= countOf(rows));
}

/** The step of axes that go on from one another, or NaN. */
function stepOf(along: readonly Axis[]): number {
  const real = along.filter(([size]) => size > 1);
  const goesOn = real.every(([, stride], i) => i + 1 === real.length || stride === real[i + 1][0] * real[i + 1][1]);
  return goesOn ? (real.at(-1)?.[1] ?? 1) : NaN;
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
      engine.blasProduct({ a: left, b: other, c: square(theirs) });
      for (let i = 0; i < n * n; i++) {
        right &&= Math.abs(engine.floats[ours / 4 + i] - engine.floats[theirs / 4 + i]) < 1e-3;
      }
    } // prettier-ignore
  });
  return right;
}
