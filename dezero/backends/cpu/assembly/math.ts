/**
 * Exponentials and logarithms of four float32 at a time: reduced to a short interval, there a polynomial, within two units in the last
 * place. Coefficients after Moshier's Cephes library (`expf`, `logf`, `tanhf`).
 */

const LOG2E: f32 = 1.44269504088896341;
const LN2_HIGH: f32 = 0.693359375; // ln 2 in two parts, so that n·ln 2 is exact
const LN2_LOW: f32 = -2.1219444e-4;

/** Functions of four float32 at a time. @since 28 */
export class Four {
  /** a + x·b. @since 28 */
  @inline
  static times(x: v128, b: v128, a: f32): v128 {
    return f32x4.add(f32x4.mul(x, b), f32x4.splat(a));
  }

  /** 2ⁿ for whole n from −126 to 127. */
  @inline
  static powerOfTwo(n: v128): v128 {
    return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
  }

  /** eˣ = 2ⁿ · eʳ with |r| ≤ ½ ln 2. */
  @inline
  static exp(x: v128): v128 {
    const bounded = f32x4.max(f32x4.min(x, f32x4.splat(104)), f32x4.splat(-110)); // beyond, the result is ∞ or 0 all the same
    const n = f32x4.nearest(f32x4.mul(bounded, f32x4.splat(LOG2E)));
    let r = f32x4.sub(bounded, f32x4.mul(n, f32x4.splat(LN2_HIGH)));
    r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(LN2_LOW)));
    let p = f32x4.splat(1.98756915e-4);
    p = Four.times(r, p, 1.3981999507e-3);
    p = Four.times(r, p, 8.3334519073e-3);
    p = Four.times(r, p, 4.1665795894e-2);
    p = Four.times(r, p, 1.6666665459e-1);
    p = Four.times(r, p, 5.0000001201e-1);
    const y = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(r, r), p), r), f32x4.splat(1));
    const whole = i32x4.trunc_sat_f32x4_s(n);
    const half = i32x4.shr_s(whole, 1); // in two steps, for results beyond the least and the largest power
    return f32x4.mul(f32x4.mul(y, Four.powerOfTwo(half)), Four.powerOfTwo(i32x4.sub(whole, half)));
  }

  /** ln x = e·ln 2 + ln m with √½ ≤ m < √2. */
  @inline
  static log(x: v128): v128 {
    const tiny = f32x4.lt(x, f32x4.splat(1.17549435e-38)); // too small for a full mantissa: 2²³ times as large, and 23 off the exponent
    const scaled = v128.bitselect(f32x4.mul(x, f32x4.splat(8388608)), x, tiny);
    const bits = i32x4.sub(scaled, i32x4.splat(0x3f3504f3)); // √½
    let e = f32x4.convert_i32x4_s(i32x4.shr_s(bits, 23));
    e = f32x4.sub(e, v128.and(tiny, f32x4.splat(23)));
    const m = i32x4.add(v128.and(bits, i32x4.splat(0x007fffff)), i32x4.splat(0x3f3504f3));
    const r = f32x4.sub(m, f32x4.splat(1));
    let p = f32x4.splat(7.0376836292e-2);
    p = Four.times(r, p, -1.151461031e-1);
    p = Four.times(r, p, 1.167699874e-1);
    p = Four.times(r, p, -1.2420140846e-1);
    p = Four.times(r, p, 1.4249322787e-1);
    p = Four.times(r, p, -1.6668057665e-1);
    p = Four.times(r, p, 2.0000714765e-1);
    p = Four.times(r, p, -2.4999993993e-1);
    p = Four.times(r, p, 3.3333331174e-1);
    const square = f32x4.mul(r, r);
    let y = f32x4.mul(f32x4.mul(r, square), p);
    y = f32x4.add(y, f32x4.mul(e, f32x4.splat(LN2_LOW)));
    y = f32x4.sub(y, f32x4.mul(square, f32x4.splat(0.5)));
    y = f32x4.add(f32x4.add(r, y), f32x4.mul(e, f32x4.splat(LN2_HIGH)));
    // What has no logarithm, or an infinite one: ln ∞ = ∞, ln 0 = −∞, of less (and of NaN) NaN.
    y = v128.bitselect(x, y, f32x4.eq(x, f32x4.splat(f32.POSITIVE_INFINITY)));
    y = v128.bitselect(f32x4.splat(f32.NEGATIVE_INFINITY), y, f32x4.eq(x, f32x4.splat(0)));
    return v128.bitselect(y, f32x4.splat(f32.NaN), f32x4.ge(x, f32x4.splat(0)));
  }

  /** 1 / (1 + e⁻ˣ). */
  @inline
  static sigmoid(x: v128): v128 {
    return f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), Four.exp(f32x4.neg(x))));
  }

  /** 1 − 2 / (e²ˣ + 1); near 0, where that would lose digits, x + x³·p(x²). */
  @inline
  static tanh(x: v128): v128 {
    const size = f32x4.abs(x);
    const far = f32x4.sub(
      f32x4.splat(1),
      f32x4.div(f32x4.splat(2), f32x4.add(Four.exp(f32x4.add(size, size)), f32x4.splat(1))),
    );
    const square = f32x4.mul(x, x);
    let p = f32x4.splat(-5.70498872745e-3);
    p = Four.times(square, p, 2.06390887954e-2);
    p = Four.times(square, p, -5.37397155531e-2);
    p = Four.times(square, p, 1.33314422036e-1);
    p = Four.times(square, p, -3.33332819422e-1);
    const near = f32x4.add(x, f32x4.mul(f32x4.mul(x, square), p));
    const sign = v128.and(x, i32x4.splat(0x80000000));
    return v128.bitselect(near, v128.or(far, sign), f32x4.lt(size, f32x4.splat(0.625)));
  }
}
