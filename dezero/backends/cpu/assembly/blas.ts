/**
 * The product of `product.ts` through the system's BLAS, which multiplies one block at a time on the thread that asks. A block that lies as
 * a plain matrix is read, or written, where it is; another is laid out in the thread's scratch memory first, a part that stays in the cache.
 */

import { Product } from './product';

/** Elements of a block that is laid out: who cuts the product sees to it that there are no more. */
const MOST: i32 = 2 ** 18;
const SLACK: usize = 64; // bytes: copies run over by less than 16, and rooms begin with a line of the cache
const RUNS: usize = 2 ** 14; // bytes of a list of runs
const PLAIN: usize = 16;
const ROOMS: usize = RUNS + 4 * PLAIN; // where they begin

/** c = a·b, or c += a·b. A matrix is an address, the elements from row to row, and whether it lies column by column instead. @since 28 */
export declare function gemm(
  bytes: i32, m: i32, n: i32, k: i32, a: usize, aStep: i32, aTurned: i32, b: usize, bStep: i32, bTurned: i32,
  c: usize, cStep: i32, add: i32,
): void; // prettier-ignore

@unmanaged
class Plain {
  at: usize;
  step: i32;
  turned: i32; // prettier-ignore
}

/** Bytes of scratch memory that a piece needs. @since 28 */
export function blasScratch(): usize {
  return ROOMS + 3 * (((<usize>MOST) << 3) + SLACK);
}

/** One piece of the product that `job` describes. @since 28 */
export function blasProduct<T>(job: Product, piece: i32, scratch: usize): void {
  const across = (job.n + job.pieceColumns - 1) / job.pieceColumns;
  const top = (piece / across) * job.pieceRows;
  const left = (piece % across) * job.pieceColumns;
  const rows = min(job.m - top, job.pieceRows);
  const columns = min(job.n - left, job.pieceColumns);
  const runs = scratch;
  const a = changetype<Plain>(runs + RUNS);
  const b = changetype<Plain>(runs + RUNS + PLAIN);
  const c = changetype<Plain>(runs + RUNS + 2 * PLAIN);
  const roomA = scratch + ROOMS;
  const roomB = roomA + <usize>MOST * sizeof<T>() + SLACK;
  const roomC = roomB + <usize>MOST * sizeof<T>() + SLACK;
  let rowTable = job.cRows + ((<usize>top) << 2);
  const columnTable = job.cColumns + ((<usize>left) << 2);
  const direct = isPlain<T>(job.c, rowTable, rows, columnTable, columns, c) && c.turned == 0;
  if (!direct) {
    c.at = roomC;
    c.step = columns;
  }
  for (let k0 = 0; k0 < job.k; k0 += job.depth) {
    const depth = min(job.k - k0, job.depth);
    const deep = (<usize>k0) << 2;
    lay<T>(job.a, job.aRows + ((<usize>top) << 2), rows, job.aColumns + deep, depth, runs, roomA, a);
    lay<T>(job.b, job.bRows + deep, depth, job.bColumns + ((<usize>left) << 2), columns, runs, roomB, b);
    const add = i32(k0 > 0 || (direct && job.accumulate != 0));
    gemm(sizeof<T>(), rows, columns, depth, a.at, a.step, a.turned, b.at, b.step, b.turned, c.at, c.step, add);
  }
  if (direct && job.biasAxis == 0 && job.relu == 0) return;
  const bias = job.bias + <usize>(job.biasAxis == 1 ? top : left) * sizeof<T>();
  findRuns<T>(columnTable, columns, runs);
  for (let row = 0; row < rows; row++, rowTable += 4) {
    finishRow<T>(job, c.at + <usize>(row * c.step) * sizeof<T>(), bias, row, job.c + load<i32>(rowTable), runs, direct);
  }
}

/** The elements from one to the next of `count` byte offsets at `table`, or 0 if they differ. */
function stepOf<T>(table: usize, count: i32): i32 {
  if (count == 1) return 0;
  const first = load<i32>(table);
  const step = load<i32>(table, 4) - first;
  let next = first;
  for (const end = table + ((<usize>count) << 2); table < end; table += 4, next += step) {
    if (load<i32>(table) != next) return 0;
  }
  return step / <i32>sizeof<T>();
}

/** Whether BLAS can read a matrix where it is, and how. */
function isPlain<T>(from: usize, rows: usize, m: i32, columns: usize, n: i32, found: Plain): bool {
  const right = stepOf<T>(columns, n);
  const down = stepOf<T>(rows, m);
  found.at = from + load<i32>(rows) + load<i32>(columns);
  found.turned = i32(!((right == 1 || n == 1) && (down >= n || m == 1)));
  found.step = found.turned ? max(right, m) : max(down, n);
  return found.turned == 0 || ((down == 1 || m == 1) && (right >= m || n == 1));
}

/** A matrix as BLAS can read it: where it is, or laid out at `room`, in whichever direction more neighbours lie. */
function lay<T>(
  from: usize,
  rows: usize,
  m: i32,
  columns: usize,
  n: i32,
  runs: usize,
  room: usize,
  found: Plain,
): void {
  if (isPlain<T>(from, rows, m, columns, n, found)) return;
  found.at = room;
  found.turned = i32(n * countRuns<T>(rows, m) < m * countRuns<T>(columns, n));
  found.step = found.turned ? m : n;
  const along = found.turned ? rows : columns;
  let line = found.turned ? columns : rows;
  findRuns<T>(along, found.step, runs);
  for (const end = line + ((<usize>(found.turned ? n : m)) << 2); line < end; line += 4) {
    room = copyRuns(from + load<i32>(line), runs, room);
  }
}

function countRuns<T>(table: usize, count: i32): i32 {
  let runs = 1;
  for (const last = table + ((<usize>(count - 1)) << 2); table < last; table += 4) {
    if (load<i32>(table, 4) - load<i32>(table) != <i32>sizeof<T>()) runs++;
  }
  return runs;
}

/** Lists the runs of neighbours among byte offsets: where each begins and how many bytes it has; then 0 bytes. */
function findRuns<T>(table: usize, count: i32, runs: usize): void {
  const end = table + ((<usize>count) << 2);
  while (table < end) {
    const first = load<i32>(table);
    let bytes: i32 = 0;
    for (; table < end && load<i32>(table) == first + bytes; table += 4) bytes += sizeof<T>();
    store<i32>(runs, first);
    store<i32>(runs, bytes, 4);
    runs += 8;
  }
  store<i32>(runs, 0, 4);
}

/** Copies runs one after another, and up to 15 bytes beyond the last; where the next line goes. */
function copyRuns(from: usize, runs: usize, to: usize): usize {
  for (let bytes = load<i32>(runs, 4); bytes != 0; runs += 8, bytes = load<i32>(runs, 4)) {
    let source = from + load<i32>(runs);
    const end = to + bytes;
    if (bytes == 4) store<f32>(to, load<f32>(source));
    else for (let at = to; at < end; at += 16, source += 16) v128.store(at, v128.load(source));
    to = end;
  }
  return to;
}

/** One row of the result: the bias is added, what C holds is added if asked and not done yet, then relu; and it is brought to its places. */
function finishRow<T>(job: Product, from: usize, bias: usize, row: i32, to: usize, runs: usize, direct: bool): void {
  const lanes: usize = 16 / sizeof<T>();
  const add = job.accumulate != 0 && !direct;
  const relu = job.relu != 0;
  const byColumn = job.biasAxis == 2;
  const own: T = job.biasAxis == 1 ? load<T>(bias + <usize>row * sizeof<T>()) : <T>0;
  for (let bytes = load<i32>(runs, 4); bytes != 0; runs += 8, bytes = load<i32>(runs, 4)) {
    let place = to + load<i32>(runs);
    const end = place + bytes;
    for (; place + 16 <= end; place += 16, from += 16) {
      let values = v128.add<T>(v128.load(from), v128.splat<T>(own));
      if (byColumn) {
        values = v128.add<T>(values, v128.load(bias));
        bias += 16;
      }
      if (add) values = v128.add<T>(values, v128.load(place));
      if (relu) values = v128.pmax<T>(v128.splat<T>(<T>0), values); // NaN → 0, as value > 0 ? value : 0
      v128.store(place, values);
    }
    for (; place < end; place += sizeof<T>(), from += sizeof<T>()) {
      let value = load<T>(from) + own;
      if (byColumn) {
        value += load<T>(bias);
        bias += sizeof<T>();
      }
      if (add) value += load<T>(place);
      if (relu && !(value > <T>0)) value = <T>0;
      store<T>(place, value);
    }
  }
}
