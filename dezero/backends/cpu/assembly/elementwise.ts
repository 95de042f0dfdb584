/**
 * Element by element: y = f(x), y = f(a, b), a choice by a mask. T is the type of an element, float32 or float64.
 *
 * y is dense; it is seen as rows of equal length. Each operand has a table with the byte offset of each of its rows (none: its rows follow
 * each other as y's do) and a step between the elements of a row in bytes: those of one element for neighbours, 0 for one value used again
 * and again, or any other. A piece is a range of y's elements.
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
  static combine<T>(operation: i32, a: v128, b: v128): v128 {
    if (operation == ADD) return v128.add<T>(a, b);
    if (operation == SUB) return v128.sub<T>(a, b);
    if (operation == MUL) return v128.mul<T>(a, b);
    if (operation == DIV) return v128.div<T>(a, b);
    if (operation == MAXIMUM) return v128.max<T>(a, b);
    if (operation == MINIMUM) return v128.min<T>(a, b);
    if (operation == GATE) return v128.and(a, v128.gt<T>(b, v128.splat<T>(0)));
    if (operation == SIGMOID_GRADIENT) return v128.mul<T>(a, v128.mul<T>(b, v128.sub<T>(v128.splat<T>(1), b)));
    if (operation == TANH_GRADIENT) return v128.mul<T>(a, v128.sub<T>(v128.splat<T>(1), v128.mul<T>(b, b)));
    if (operation == EQUAL) return v128.eq<T>(a, b);
    if (operation == LESS) return v128.lt<T>(a, b);
    return v128.le<T>(a, b);
  }

  @inline
  static change<T>(operation: i32, x: v128): v128 {
    if (operation == NEG) return v128.neg<T>(x);
    if (operation == SQRT) return v128.sqrt<T>(x);
    if (operation == SQUARE) return v128.mul<T>(x, x);
    if (operation == ABS) return v128.abs<T>(x);
    if (operation == SIGN) {
      const one = v128.or(v128.and(x, v128.splat<T>(-0.0)), v128.splat<T>(1));
      const plain = v128.gt<T>(v128.abs<T>(x), v128.splat<T>(0)); // not 0, −0 or NaN, which stay
      return v128.bitselect(one, x, plain);
    }
    if (operation == RELU) return v128.pmax<T>(v128.splat<T>(0), x); // NaN → 0, as x > 0 ? x : 0
    if (operation == FLOOR) return v128.floor<T>(x);
    if (operation == EXP) return Four.exp(x);
    if (operation == LOG) return Four.log(x);
    if (operation == SIGMOID) return Four.sigmoid(x);
    return Four.tanh(x);
  }

  /** Truths as bytes, 0 or 1. */
  @inline
  static storeTruths<T>(at: usize, truths: v128): void {
    if (sizeof<T>() == 4) {
      const bits = i32x4.bitmask(truths);
      store<i32>(at, (bits & 1) | ((bits & 2) << 7) | ((bits & 4) << 14) | ((bits & 8) << 21));
    } else {
      const bits = i64x2.bitmask(truths);
      store<i16>(at, (bits & 1) | ((bits & 2) << 7));
    }
  }

  @inline
  static binaryRows<T>(operation: i32, job: Elementwise, from: i32, to: i32): void {
    const size = <i32>sizeof<T>();
    const lanes = 16 / size;
    const made = operation >= EQUAL ? 1 : size; // bytes of an element of y
    const length = job.length;
    const aStep = job.aStep;
    const bStep = job.bStep;
    const straight = (aStep == 0 || aStep == size) && (bStep == 0 || bStep == size);
    let row = from / length;
    let column = from - row * length;
    let y = job.y + <usize>from * made;
    while (from < to) {
      let a = Lanes.place(job.aAt, job.aRows, aStep, row, column, length);
      let b = Lanes.place(job.bAt, job.bRows, bStep, row, column, length);
      let left = min(length - column, to - from);
      from += left;
      row++;
      column = 0;
      if (straight) {
        let va = v128.load_splat<T>(a);
        let vb = v128.load_splat<T>(b);
        for (; left >= lanes; left -= lanes, a += aStep * lanes, b += bStep * lanes, y += made * lanes) {
          if (aStep) va = v128.load(a);
          if (bStep) vb = v128.load(b);
          const v = Lanes.combine<T>(operation, va, vb);
          if (operation >= EQUAL) Lanes.storeTruths<T>(y, v);
          else v128.store(y, v);
        }
      }
      for (; left > 0; left--, a += aStep, b += bStep, y += made) {
        const v = Lanes.combine<T>(operation, v128.load_splat<T>(a), v128.load_splat<T>(b));
        if (operation >= EQUAL) store<u8>(y, i32x4.extract_lane(v, 0) & 1);
        else v128.store_lane<T>(y, v, 0);
      }
    }
  }

  @inline
  static unaryRows<T>(operation: i32, job: Elementwise, from: i32, to: i32): void {
    const size = <i32>sizeof<T>();
    const lanes = 16 / size;
    const length = job.length;
    const step = job.aStep;
    let row = from / length;
    let column = from - row * length;
    let y = job.y + <usize>from * sizeof<T>();
    while (from < to) {
      let a = Lanes.place(job.aAt, job.aRows, step, row, column, length);
      let left = min(length - column, to - from);
      from += left;
      row++;
      column = 0;
      if (step == size) {
        for (; left >= lanes; left -= lanes, a += 16, y += 16) {
          v128.store(y, Lanes.change<T>(operation, v128.load(a)));
        }
      }
      for (; left > 0; left--, a += step, y += sizeof<T>()) {
        v128.store_lane<T>(y, Lanes.change<T>(operation, v128.load_splat<T>(a)), 0);
      }
    }
  }
}

// Operations by number; the caller's lists are `BINARY` and `UNARY` in ../elementKernels.ts.
const ADD = 0, SUB = 1, MUL = 2, DIV = 3, MAXIMUM = 4, MINIMUM = 5, GATE = 6, SIGMOID_GRADIENT = 7, TANH_GRADIENT = 8; // prettier-ignore
const EQUAL = 9, LESS = 10, LESS_EQUAL = 11; // prettier-ignore
const NEG = 0, SQRT = 1, SQUARE = 2, ABS = 3, SIGN = 4, RELU = 5, FLOOR = 6, EXP = 7, LOG = 8, SIGMOID = 9, TANH = 10; // prettier-ignore

/** One piece of y = f(a, b). @since 28 */
export function binary<T>(job: Elementwise, piece: i32): void {
  const from = piece * job.share;
  const to = min(job.count, from + job.share);
  switch (job.operation) {
    case ADD: return Lanes.binaryRows<T>(ADD, job, from, to);
    case SUB: return Lanes.binaryRows<T>(SUB, job, from, to);
    case MUL: return Lanes.binaryRows<T>(MUL, job, from, to);
    case DIV: return Lanes.binaryRows<T>(DIV, job, from, to);
    case MAXIMUM: return Lanes.binaryRows<T>(MAXIMUM, job, from, to);
    case MINIMUM: return Lanes.binaryRows<T>(MINIMUM, job, from, to);
    case GATE: return Lanes.binaryRows<T>(GATE, job, from, to);
    case SIGMOID_GRADIENT: return Lanes.binaryRows<T>(SIGMOID_GRADIENT, job, from, to);
    case TANH_GRADIENT: return Lanes.binaryRows<T>(TANH_GRADIENT, job, from, to);
    case EQUAL: return Lanes.binaryRows<T>(EQUAL, job, from, to);
    case LESS: return Lanes.binaryRows<T>(LESS, job, from, to);
    default: return Lanes.binaryRows<T>(LESS_EQUAL, job, from, to);
  } // prettier-ignore
}

/** One piece of y = f(a). @since 28 */
export function unary<T>(job: Elementwise, piece: i32): void {
  const from = piece * job.share;
  const to = min(job.count, from + job.share);
  switch (job.operation) {
    case NEG: return Lanes.unaryRows<T>(NEG, job, from, to);
    case SQRT: return Lanes.unaryRows<T>(SQRT, job, from, to);
    case SQUARE: return Lanes.unaryRows<T>(SQUARE, job, from, to);
    case ABS: return Lanes.unaryRows<T>(ABS, job, from, to);
    case SIGN: return Lanes.unaryRows<T>(SIGN, job, from, to);
    case RELU: return Lanes.unaryRows<T>(RELU, job, from, to);
    case FLOOR: return Lanes.unaryRows<T>(FLOOR, job, from, to);
  } // prettier-ignore
  if (sizeof<T>() != 4) return; // those of float64 are Math's
  switch (job.operation) {
    case EXP: return Lanes.unaryRows<T>(EXP, job, from, to);
    case LOG: return Lanes.unaryRows<T>(LOG, job, from, to);
    case SIGMOID: return Lanes.unaryRows<T>(SIGMOID, job, from, to);
    default: return Lanes.unaryRows<T>(TANH, job, from, to);
  } // prettier-ignore
}

/** One piece of y = m ? a : b, m one byte an element. @since 28 */
export function choose<T>(job: Elementwise, piece: i32): void {
  const length = job.length;
  let from = piece * job.share;
  const to = min(job.count, from + job.share);
  let row = from / length;
  let column = from - row * length;
  let y = job.y + <usize>from * sizeof<T>();
  while (from < to) {
    let a = Lanes.place(job.aAt, job.aRows, job.aStep, row, column, length);
    let b = Lanes.place(job.bAt, job.bRows, job.bStep, row, column, length);
    let m = Lanes.place(job.mAt, job.mRows, job.mStep, row, column, length);
    let left = min(length - column, to - from);
    from += left;
    row++;
    column = 0;
    for (; left > 0; left--, a += job.aStep, b += job.bStep, m += job.mStep, y += sizeof<T>()) {
      store<T>(y, load<u8>(m) ? load<T>(a) : load<T>(b));
    }
  }
}

/** One piece of y = a, in any order. @since 28 */
export function copy<T>(job: Elementwise, piece: i32): void {
  const length = job.length;
  const step = job.aStep;
  let from = piece * job.share;
  const to = min(job.count, from + job.share);
  let row = from / length;
  let column = from - row * length;
  let y = job.y + <usize>from * sizeof<T>();
  while (from < to) {
    let a = Lanes.place(job.aAt, job.aRows, step, row, column, length);
    let left = min(length - column, to - from);
    from += left;
    row++;
    column = 0;
    if (step == sizeof<T>()) {
      memory.copy(y, a, <usize>left * sizeof<T>());
      y += <usize>left * sizeof<T>();
    } else {
      for (; left > 0; left--, a += step, y += sizeof<T>()) store<T>(y, load<T>(a));
    }
  }
}
