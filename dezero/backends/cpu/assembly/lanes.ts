/** Four float32 numbers at a time, in the lanes of a vector. @since 28 */
export class Lanes {
  /** a·b + c. @since 28 */
  @inline
  static addProduct(a: v128, b: v128, c: v128): v128 {
    return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
  }

  /** Four elements, the last three so many bytes after the first. @since 47 */
  @inline
  static gather(at: usize, step1: i32, step2: i32, step3: i32): v128 {
    return f32x4(load<f32>(at), load<f32>(at + step1), load<f32>(at + step2), load<f32>(at + step3));
  }

  /** Four elements, `step` apart. @since 47 */
  @inline
  static everyOther(at: usize, step: i32): v128 {
    if (step == 1) return v128.load(at);
    if (step == 2) return v128.shuffle<f32>(v128.load(at), v128.load(at, 12), 0, 2, 5, 7);
    const bytes = (<usize>step) << 2;
    return f32x4(load<f32>(at), load<f32>(at + bytes), load<f32>(at + 2 * bytes), load<f32>(at + 3 * bytes));
  }

  /** The first `count` of four elements, `step` apart, and zeros. @since 47 */
  @inline
  static read(at: usize, step: i32, count: i32): v128 {
    return count == 4 ? Lanes.everyOther(at, step) : few(at, step, count);
  }
}

function few(at: usize, step: i32, count: i32): v128 {
  const bytes = (<usize>step) << 2;
  let values = v128.load32_zero(at);
  if (count > 1) values = v128.load32_lane(at + bytes, values, 1);
  if (count > 2) values = v128.load32_lane(at + 2 * bytes, values, 2);
  return values;
}
