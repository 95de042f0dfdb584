/** Element by element: fill, copy, unary, binary and where are one kernel with another expression in the middle. */
import type { ArithmeticOp, CompareOp, DType, UnaryOp, View } from '../backend';
import { countOf, merge, part } from './layout';
import { WGSL, type Queue } from './queue';
import { coordinates, each, groupsFor, IS_NAN, isStraight, place, placeNumbers, SIN_COS, sizeNumbers } from './wgsl';

const MOST_AXES = 8;

/** Functions that the expressions below call. */
const MATHS: Record<string, string> = {
  is_nan: IS_NAN,
  sin_cos: SIN_COS,
  tanh_of: `
fn tanh_of(x: f32) -> f32 {
  let x2 = x * x;
  if (x2 < 0.04) { return x * (1.0 + x2 * (-0.33333333 + x2 * (0.13333333 + x2 * (-0.05396825 + x2 * 0.02186949)))); }
  let e = exp(-2.0 * abs(x)); // never overflows
  return sign(x) * (1.0 - e) / (1.0 + e);
}`,
  sigmoid_of: `
fn sigmoid_of(x: f32) -> f32 {
  let e = exp(-abs(x)); // never overflows
  return select(e, 1.0, x >= 0.0) / (1.0 + e);
}`,
  power: `
fn power(x: f32, y: f32) -> f32 {
  if (y == 0.0) { return 1.0; }
  if (y == 1.0) { return x; }
  if (y == 2.0) { return x * x; }
  if (y == 3.0) { return x * x * x; }
  if (y == -1.0) { return 1.0 / x; }
  if (y == 0.5) { return sqrt(x); }
  let size = pow(abs(x), y);
  if (x >= 0.0) { return size; }
  let whole = floor(y) == y;
  let odd = abs(y - 2.0 * floor(0.5 * y)) == 1.0;
  return select(select(size, -size, odd), sqrt(x), !whole); // √ of a negative number is NaN
}`,
  whole_power: `
fn whole_power(x: i32, y: i32) -> i32 {
  var result = 1;
  var factor = x;
  for (var left = y; left > 0; left >>= 1u) {
    if ((left & 1) == 1) { result *= factor; }
    factor *= factor;
  }
  return result;
}`,
  larger: `
fn larger(a: f32, b: f32) -> f32 {
  if (is_nan(a)) { return a; }
  if (is_nan(b)) { return b; }
  return max(a, b);
}`,
  smaller: `
fn smaller(a: f32, b: f32) -> f32 {
  if (is_nan(a)) { return a; }
  if (is_nan(b)) { return b; }
  return min(a, b);
}`,
};

const UNARY: Record<UnaryOp, string> = {
  neg: '-a',
  exp: 'exp(a)',
  log: 'log(a)',
  sin: 'sin_cos(a).x',
  cos: 'sin_cos(a).y',
  tanh: 'tanh_of(a)',
  sqrt: 'sqrt(a)',
  square: 'a * a',
  abs: 'abs(a)',
  sign: 'sign(a)',
  sigmoid: 'sigmoid_of(a)',
  relu: 'select(zero, a, a > zero)',
  floor: 'floor(a)',
  not: '1u - min(a, 1u)',
};

const BINARY: Record<ArithmeticOp | CompareOp, string> = {
  add: 'a + b',
  sub: 'a - b',
  mul: 'a * b',
  div: 'a / b',
  pow: 'power(a, b)',
  maximum: 'larger(a, b)',
  minimum: 'smaller(a, b)',
  gate: 'select(zero, a, b > zero)',
  sigmoidGradient: 'a * (b * (1 - b))',
  tanhGradient: 'a * (1 - b * b)',
  equal: 'u32(a == b)',
  less: 'u32(a < b)',
  lessEqual: 'u32(a <= b)',
};

/** The same for whole numbers, where it is another. */
const WHOLE: Readonly<Record<string, string>> = {
  floor: 'a',
  pow: 'whole_power(a, b)',
  maximum: 'max(a, b)',
  minimum: 'min(a, b)',
};

/** out = value everywhere. @since 48 */
export function fill(queue: Queue, value: number, out: View): void {
  map(queue, 'fill', 'a', { a: value }, out);
}

/** out = x in out's dtype, both with any strides. @since 48 */
export function copy(queue: Queue, x: View, out: View): void {
  const convert = x.dtype === out.dtype ? 'a' : out.dtype === 'bool' ? 'u32(a != zero)' : `${WGSL[out.dtype]}(a)`;
  map(queue, 'copy', convert, { a: x }, out);
}

/** out = f(x). @since 48 */
export function unary(queue: Queue, op: UnaryOp, x: View, out: View): void {
  map(queue, op, expression(UNARY, op, x.dtype), { a: x }, out);
}

/** out = f(a, b). @since 48 */
export function binary(
  queue: Queue,
  op: ArithmeticOp | CompareOp,
  a: View | number,
  b: View | number,
  out: View,
): void {
  const { dtype } = typeof a === 'number' ? (b as View) : a;
  map(queue, op, expression(BINARY, op, dtype), { a, b }, out);
}

/** out += x. @since 48 */
export function accumulate(queue: Queue, x: View, out: View): void {
  map(queue, 'accumulate', 'before + x', { x }, out);
}

/** out = mask ? a : b. @since 48 */
export function where(queue: Queue, mask: View, a: View | number, b: View | number, out: View): void {
  map(queue, 'where', 'select(b, a, mask != 0u)', { a, b, mask }, out);
}

function expression<Op extends string>(table: Record<Op, string>, op: Op, dtype: DType): string {
  return (dtype === 'float32' ? undefined : WHOLE[op]) ?? table[op];
}

/**
 * out[i] = an expression in the operands' elements i, and in what out holds `before`, whatever the strides; plain numbers take the dtype of the arrays
 * beside them.
 */
function map(
  queue: Queue,
  name: string,
  value: string,
  operands: Readonly<Record<string, View | number>>,
  out: View,
): void {
  const count = countOf(out);
  if (count === 0) return;
  const names = Object.keys(operands).filter((key) => typeof operands[key] !== 'number');
  const views = names.map((key) => operands[key] as View);
  const { sizes, strides } = merge(out.shape, [out, ...views].map((x) => x.strides)); // prettier-ignore
  if (sizes.length > MOST_AXES) {
    for (let i = 0; i < out.shape[0]; i++) {
      const inner = Object.entries(operands).map(([key, x]) => [key, typeof x === 'number' ? x : part(x, i)]);
      map(queue, name, value, Object.fromEntries(inner) as Record<string, View | number>, part(out, i));
    }
    return;
  }
  const like = views.find((x, i) => names[i] !== 'mask')?.dtype ?? out.dtype;
  const straight = strides.map((steps) => isStraight(sizes, steps));
  const whole: Record<string, number> = { count, ...(straight.every(Boolean) ? {} : sizeNumbers(sizes)) };
  const real: Record<string, number> = {};
  for (const [key, x] of Object.entries(operands)) {
    if (typeof x === 'number') (like === 'float32' ? real : whole)[`${key}_value`] = like === 'bool' ? Number(x !== 0) : x; // prettier-ignore
  }
  [out, ...views].forEach((x, k) => {
    Object.assign(whole, placeNumbers(['out', ...names][k], x.offset, straight[k] ? [] : strides[k]));
  });
  queue.run({
    name,
    key: `${value}|${like}|${sizes.length}|${straight.join()}`,
    body: () => {
      const rank = sizes.length;
      const at = (key: string, k: number) => (straight[k] ? `n.${key}_at + i` : place(key, rank));
      const lines = straight.every(Boolean) ? [] : [coordinates(rank)];
      lines.push(`let zero = ${WGSL[like]}(0);`);
      for (const [key, x] of Object.entries(operands)) {
        lines.push(`let ${key} = ${typeof x === 'number' ? `${WGSL[like]}(n.${key}_value)` : `${key}_array[${at(key, names.indexOf(key) + 1)}]`};`); // prettier-ignore
      }
      if (value.includes('before')) lines.push(`let before = out[${at('out', 0)}];`);
      lines.push(`out[${at('out', 0)}] = ${value};`);
      return each(lines.join('\n  '), helpersOf(value));
    },
    reads: Object.fromEntries(names.map((key, i) => [`${key}_array`, views[i]])),
    writes: { out },
    whole,
    real,
    groups: groupsFor(count),
  });
}

/** The functions that an expression needs, and those that they need. */
function helpersOf(text: string): string {
  const found = Object.keys(MATHS).filter((name) => new RegExp(`\\b${name}\\(`).test(text));
  const inner = found.map((name) => MATHS[name]).join('\n');
  return (/\bis_nan\(/.test(inner) && !found.includes('is_nan') ? IS_NAN : '') + inner;
}
