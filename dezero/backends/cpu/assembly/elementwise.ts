/**
 * Element by element, on float32: y = f(x), y = f(a, b), a choice by a mask.
 *
 * y is dense; it is seen as rows of equal length. Each operand has a table with the byte offset of each of its rows (none: its rows follow
 * each other as y's do) and a step between the elements of a row: 4 for neighbours, 0 for one value used again and again, or
 * any other. A piece is a range of y's elements.
 */

import { Four } from './math';

@unmanaged
export class Elementwise {
  kind: i32;
  pieces: i32;
  next: i32; // prettier-ignore
  operation: i32;
  /** Elements of y, of a row of y, and of a piece. */
  count: i32;
  length: i32;
  share: i32; // prettier-ignore
  y: usize;
  aAt: usize;
  aRows: usize;
  aStep: i32; // prettier-ignore
  bAt: usize;
  bRows: usize;
  bStep: i32; // prettier-ignore
  mAt: usize;
  mRows: usize;
  mStep: i32; // prettier-ignore
}

/** What is done to each element, and along rows. `operation` is a constant wherever these are inlined. */
class Lanes {
  /** Where element `column` of row `row` lies. */
  @inline
  static place(at: usize, rows: usize, step: i32, row: i32, column: i32, length: i32): usize {
    const start = rows != 0 ? load<i32>(rows + ((<usize>row) << 2)) : row * length * step;
    return at + start + column * step;
  }

  @inline
  static combine(operation: i32, a: v128, b: v128): v128 {
    if (operation == ADD) return f32x4.add(a, b);
    if (operation == SUB) return f32x4.sub(a, b);
    if (operation == MUL) return f32x4.mul(a, b);
    if (operation == DIV) return f32x4.div(a, b);
    if (operation == MAXIMUM) return f32x4.max(a, b);
    if (operation == MINIMUM) return f32x4.min(a, b);
    if (operation == GATE) return v128.and(a, f32x4.gt(b, f32x4.splat(0)));
    if (operation == EQUAL) return f32x4.eq(a, b);
    if (operation == LESS) return f32x4.lt(a, b);
    return f32x4.le(a, b);
  }

  @inline
  static change(operation: i32, x: v128): v128 {
    if (operation == NEG) return f32x4.neg(x);
    if (operation == SQRT) return f32x4.sqrt(x);
    if (operation == SQUARE) return f32x4.mul(x, x);
    if (operation == ABS) return f32x4.abs(x);
    if (operation == SIGN) {
      const one = v128.or(v128.and(x, i32x4.splat(0x80000000)), f32x4.splat(1));
      const plain = f32x4.gt(f32x4.abs(x), f32x4.splat(0)); // not 0, −0 or NaN, which stay
      return v128.bitselect(one, x, plain);
    }
    if (operation == RELU) return f32x4.pmax(f32x4.splat(0), x); // NaN → 0, as x > 0 ? x : 0
    if (operation == FLOOR) return f32x4.floor(x);
    if (operation == EXP) return Four.exp(x);
    if (operation == LOG) return Four.log(x);
    if (operation == SIGMOID) return Four.sigmoid(x);
    return Four.tanh(x);
  }

  /** Four truths as four bytes, 0 or 1. */
  @inline
  static bytesOf(truths: v128): i32 {
    const bits = i32x4.bitmask(truths);
    return (bits & 1) | ((bits & 2) << 7) | ((bits & 4) << 14) | ((bits & 8) << 21);
  }

  @inline
  static binaryRows(operation: i32, job: Elementwise, from: i32, to: i32): void {
    const compares = operation >= EQUAL;
    const length = job.length;
    const aStep = job.aStep;
    const bStep = job.bStep;
    const straight = (aStep == 0 || aStep == 4) && (bStep == 0 || bStep == 4);
    let row = from / length;
    let column = from - row * length;
    let y = job.y + (compares ? <usize>from : (<usize>from) << 2);
    while (from < to) {
      let a = Lanes.place(job.aAt, job.aRows, aStep, row, column, length);
      let b = Lanes.place(job.bAt, job.bRows, bStep, row, column, length);
      let left = min(length - column, to - from);
      from += left;
      row++;
      column = 0;
      if (straight) {
        let va = v128.load32_splat(a);
        let vb = v128.load32_splat(b);
        for (; left >= 4; left -= 4, a += aStep << 2, b += bStep << 2) {
          if (aStep) va = v128.load(a);
          if (bStep) vb = v128.load(b);
          const v = Lanes.combine(operation, va, vb);
          if (compares) {
            store<i32>(y, Lanes.bytesOf(v));
            y += 4;
          } else {
            v128.store(y, v);
            y += 16;
          }
        }
      }
      for (; left > 0; left--, a += aStep, b += bStep) {
        const v = Lanes.combine(operation, v128.load32_splat(a), v128.load32_splat(b));
        if (compares) {
          store<u8>(y, i32x4.extract_lane(v, 0) & 1);
          y += 1;
        } else {
          v128.store_lane<f32>(y, v, 0);
          y += 4;
        }
      }
    }
  }

  @inline
  static unaryRows(operation: i32, job: Elementwise, from: i32, to: i32): void {
    const length = job.length;
    const step = job.aStep;
    let row = from / length;
    let column = from - row * length;
    let y = job.y + ((<usize>from) << 2);
    while (from < to) {
      let a = Lanes.place(job.aAt, job.aRows, step, row, column, length);
      let left = min(length - column, to - from);
      from += left;
      row++;
      column = 0;
      if (step == 4) {
        for (; left >= 4; left -= 4, a += 16, y += 16) v128.store(y, Lanes.change(operation, v128.load(a)));
      }
      for (; left > 0; left--, a += step, y += 4) {
        v128.store_lane<f32>(y, Lanes.change(operation, v128.load32_splat(a)), 0);
      }
    }
  }
}

// Operations by number; the caller's list is `OPERATIONS` in ../elementwiseKernels.ts.
const ADD = 0, SUB = 1, MUL = 2, DIV = 3, MAXIMUM = 4, MINIMUM = 5, GATE = 6; // prettier-ignore
const EQUAL = 7, LESS = 8, LESS_EQUAL = 9; // prettier-ignore
const NEG = 0, SQRT = 1, SQUARE = 2, ABS = 3, SIGN = 4, RELU = 5, FLOOR = 6, EXP = 7, LOG = 8, SIGMOID = 9, TANH = 10; // prettier-ignore

/** One piece of y = f(a, b). @since 28 */
export function binary(job: Elementwise, piece: i32): void {
  const from = piece * job.share;
  const to = min(job.count, from + job.share);
  switch (job.operation) {
    case ADD: return Lanes.binaryRows(ADD, job, from, to);
    case SUB: return Lanes.binaryRows(SUB, job, from, to);
    case MUL: return Lanes.binaryRows(MUL, job, from, to);
    case DIV: return Lanes.binaryRows(DIV, job, from, to);
    case MAXIMUM: return Lanes.binaryRows(MAXIMUM, job, from, to);
    case MINIMUM: return Lanes.binaryRows(MINIMUM, job, from, to);
    case GATE: return Lanes.binaryRows(GATE, job, from, to);
    case EQUAL: return Lanes.binaryRows(EQUAL, job, from, to);
    case LESS: return Lanes.binaryRows(LESS, job, from, to);
    default: return Lanes.binaryRows(LESS_EQUAL, job, from, to);
  } // prettier-ignore
}

/** One piece of y = f(a). @since 28 */
export function unary(job: Elementwise, piece: i32): void {
  const from = piece * job.share;
  const to = min(job.count, from + job.share);
  switch (job.operation) {
    case NEG: return Lanes.unaryRows(NEG, job, from, to);
    case SQRT: return Lanes.unaryRows(SQRT, job, from, to);
    case SQUARE: return Lanes.unaryRows(SQUARE, job, from, to);
    case ABS: return Lanes.unaryRows(ABS, job, from, to);
    case SIGN: return Lanes.unaryRows(SIGN, job, from, to);
    case RELU: return Lanes.unaryRows(RELU, job, from, to);
    case FLOOR: return Lanes.unaryRows(FLOOR, job, from, to);
    case EXP: return Lanes.unaryRows(EXP, job, from, to);
    case LOG: return Lanes.unaryRows(LOG, job, from, to);
    case SIGMOID: return Lanes.unaryRows(SIGMOID, job, from, to);
    default: return Lanes.unaryRows(TANH, job, from, to);
  } // prettier-ignore
}

/** One piece of y = m ? a : b, m one byte an element. @since 28 */
export function choose(job: Elementwise, piece: i32): void {
  const length = job.length;
  let from = piece * job.share;
  const to = min(job.count, from + job.share);
  let row = from / length;
  let column = from - row * length;
  let y = job.y + ((<usize>from) << 2);
  while (from < to) {
    let a = Lanes.place(job.aAt, job.aRows, job.aStep, row, column, length);
    let b = Lanes.place(job.bAt, job.bRows, job.bStep, row, column, length);
    let m = Lanes.place(job.mAt, job.mRows, job.mStep, row, column, length);
    let left = min(length - column, to - from);
    from += left;
    row++;
    column = 0;
    for (; left > 0; left--, a += job.aStep, b += job.bStep, m += job.mStep, y += 4) {
      store<i32>(y, load<u8>(m) ? load<i32>(a) : load<i32>(b));
    }
  }
}

/** One piece of y = a, for elements of four bytes in any order. @since 28 */
export function copy(job: Elementwise, piece: i32): void {
  const length = job.length;
  const step = job.aStep;
  let from = piece * job.share;
  const to = min(job.count, from + job.share);
  let row = from / length;
  let column = from - row * length;
  let y = job.y + ((<usize>from) << 2);
  while (from < to) {
    let a = Lanes.place(job.aAt, job.aRows, step, row, column, length);
    let left = min(length - column, to - from);
    from += left;
    row++;
    column = 0;
    if (step == 4) {
      memory.copy(y, a, (<usize>left) << 2);
      y += (<usize>left) << 2;
    } else {
      for (; left > 0; left--, a += step, y += 4) store<i32>(y, load<i32>(a));
    }
  }
}
