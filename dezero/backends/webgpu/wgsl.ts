/** Pieces of WGSL that kernels share. */
import { rowMajor } from './layout';

/** Invocations in a workgroup. @since 48 */
export const GROUP = 256;

/** Enough workgroups for so many invocations. @since 48 */
export const groupsFor = (count: number): number => Math.ceil(count / GROUP);

/** A kernel that runs `body` once for each i from 0 to n.count − 1. @since 48 */
export function each(body: string, helpers = ''): string {
  return eachGroup(`let i = group_number * ${GROUP} + i32(lane);\n  if (i >= n.count) { return; }\n  ${body}`, helpers);
}

/**
 * A kernel that every workgroup runs together: `group_number` counts them, `lane` the invocations of one. The last may lie beyond what there is to do.
 * `parameters` are more of those that WGSL has built in.
 * @since 48
 */
export function eachGroup(body: string, helpers = '', parameters = ''): string {
  return `${helpers}
@compute @workgroup_size(${GROUP})
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
  ${parameters}
) {
  let group_number = i32(group.y * groups.x + group.x);
  ${body}
}`;
}

/** Declares c0, c1, …: the coordinates of element `from` of a shape whose sizes are n.size0, n.size1, …  @since 48 */
export function coordinates(rank: number, from = 'i', size = 'size', c = 'c'): string {
  const lines = rank > 1 ? [`var rest_${c} = ${from};`] : [];
  for (let axis = rank - 1; axis > 0; axis--) {
    lines.push(`let ${c}${axis} = rest_${c} % n.${size}${axis}; rest_${c} /= n.${size}${axis};`);
  }
  if (rank > 0) lines.push(`let ${c}0 = ${rank > 1 ? `rest_${c}` : from};`);
  return lines.join('\n  ');
}

/** The place of the element at coordinates c0, c1, … of an operand with strides n.x_0, n.x_1, … @since 48 */
export function place(name: string, rank: number, c = 'c'): string {
  const terms = Array.from({ length: rank }, (_, axis) => `${c}${axis} * n.${name}_${axis}`);
  return [`n.${name}_at`, ...terms].join(' + ');
}

/** The numbers that `place` needs: where an operand begins, and its strides. @since 48 */
export function placeNumbers(name: string, offset: number, strides: readonly number[]): Record<string, number> {
  const numbers: Record<string, number> = { [`${name}_at`]: offset };
  strides.forEach((stride, axis) => (numbers[`${name}_${axis}`] = stride));
  return numbers;
}

/** Sizes of axes as numbers: size0, size1, … @since 48 */
export function sizeNumbers(sizes: readonly number[], name = 'size'): Record<string, number> {
  return Object.fromEntries(sizes.map((n, axis) => [`${name}${axis}`, n]));
}

/** True if these strides go straight through these sizes, so that the place is the number of the element. @since 48 */
export function isStraight(sizes: readonly number[], strides: readonly number[]): boolean {
  return rowMajor(sizes).every((step, axis) => step === strides[axis]);
}

/** Not-a-number by its bits: a compiler may assume that x ≠ x is never true. @since 48 */
export const IS_NAN = 'fn is_nan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }';

/**
 * sin and cos within rounding: WGSL's own may be off by 2⁻¹¹. x is brought to −π/4…π/4 by taking off quarter turns (in three parts, so
 * that little is lost), where short polynomials do.
 * @since 48
 */
export const SIN_COS = `
fn turned(s: f32, c: f32, quarter: i32) -> vec2<f32> {
  switch (quarter & 3) {
    case 0: { return vec2(s, c); }
    case 1: { return vec2(c, -s); }
    case 2: { return vec2(-s, -c); }
    default: { return vec2(-c, s); }
  }
}
fn sin_cos_near(r: f32, quarter: i32) -> vec2<f32> {
  let r2 = r * r;
  let s = r + r * r2 * (-0.16666667 + r2 * (0.008333331 + r2 * (-0.00019840874 + r2 * 2.7525562e-06)));
  let c = 1.0 + r2 * (-0.5 + r2 * (0.041666664 + r2 * (-0.0013888867 + r2 * 2.4460276e-05)));
  return turned(s, c, quarter);
}
fn sin_cos(x: f32) -> vec2<f32> {
  let quarters = round(x * 0.63661977);
  var r = fma(quarters, -1.5703125, x);
  r = fma(quarters, -0.00048375129699707031, r);
  r = fma(quarters, -7.5497901e-08, r);
  return sin_cos_near(r, i32(quarters));
}`;
