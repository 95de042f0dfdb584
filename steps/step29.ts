/**
 * Step 29 · Formulas that look like formulas.
 *
 * `add(mul(a, b), c)` is right, and nobody wants to read it: what is done first stands innermost. Other languages let a class say
 * what `*` means; in JavaScript it is for numbers alone. So Variable gets methods, read from left to right, that take plain
 * numbers too; and where a formula should look like one, the template `expr`, in which `*` means Mul and `^` means Pow.
 * Until step 33 the two sides have equal shapes, or one of them is a single number; else there is a ShapeError.
 */
import { add, expr, mul, variable, type Variable } from 'dezero';
import * as F from 'dezero/functions';
import { plotDotGraph } from 'dezero/utils';

/** A function of two variables. */
export type Surface = (x: Variable, y: Variable) => Variable;

/** x² + y²: a round bowl. */
export const sphere: Surface = (x, y) => x.pow(2).add(y.pow(2));

/** 0.26 (x² + y²) − 0.48 x y: a long flat valley. A number may also stand in front, in the function. */
export const matyas: Surface = (x, y) => F.mul(0.26, sphere(x, y)).sub(F.mul(0.48, x).mul(y));

/** Goldstein and Price's function, by methods: hold it against the book, if you can. */
export const goldsteinPrice: Surface = (x, y) => {
  const a = F.sub(19, F.mul(14, x)).add(F.mul(3, x.pow(2))).sub(F.mul(14, y)).add(F.mul(6, x).mul(y)).add(F.mul(3, y.pow(2))); // prettier-ignore
  const b = F.sub(18, F.mul(32, x)).add(F.mul(12, x.pow(2))).add(F.mul(48, y)).sub(F.mul(36, x).mul(y)).add(F.mul(27, y.pow(2))); // prettier-ignore
  const left = x.add(y).add(1).pow(2).mul(a).add(1);
  const right = F.mul(2, x).sub(F.mul(3, y)).pow(2).mul(b).add(30);
  return left.mul(right);
};

/** The same as a template, as the book has it. */
export const goldsteinPriceExpr: Surface = (x, y) => expr`
  (1 + (${x} + ${y} + 1)^2 * (19 - 14 * ${x} + 3 * ${x}^2 - 14 * ${y} + 6 * ${x} * ${y} + 3 * ${y}^2)) *
  (30 + (2 * ${x} - 3 * ${y})^2 * (18 - 32 * ${x} + 12 * ${x}^2 + 48 * ${y} - 36 * ${x} * ${y} + 27 * ${y}^2))`;

function differentiate(name: string, surface: Surface): void {
  const [x, y] = [variable(1, 'x'), variable(1, 'y')];
  const z = surface(x, y);
  z.backward();
  const [value, gx, gy] = [z, x.grad, y.grad].map((v) => Number(v?.item().toPrecision(15))); // 0.04, not 0.040000000000000036
  console.log(`  ${name.padEnd(26)} ${String(value).padStart(6)}   gradients ${gx}, ${gy}`);
}

export async function main(): Promise<void> {
  const [a, b, c] = [variable(3, 'a'), variable(2, 'b'), variable(1, 'c')];
  const [p, q, r] = [a, b, c] as unknown as [number, number, number]; // what TypeScript would refuse
  console.log(`JavaScript's own signs        p * q + r = ${p * q + r}`);
  console.log('functions, read inside out    add(mul(a, b), c) =', add(mul(a, b), c));
  console.log('methods, read left to right   a.mul(b).add(c) =', a.mul(b).add(c));
  const y = expr`${a} * ${b} + ${c}`;
  console.log('a formula                     expr`${a} * ${b} + ${c}` =', y);
  y.backward();
  console.log(`gradients of a and b          ${a.grad?.item()}, ${b.grad?.item()}`);
  console.log('numbers on either side        a.sub(1), F.sub(1, a), F.div(6, a) =', [
    a.sub(1),
    F.sub(1, a),
    F.div(6, a),
  ]);

  console.log('\nAt (1, 1):');
  differentiate('Sphere', sphere);
  differentiate('Matyas', matyas);
  differentiate('Goldstein–Price, methods', goldsteinPrice);
  differentiate('Goldstein–Price, expr', goldsteinPriceExpr);

  console.log('\nA formula that cannot be read says where:');
  try {
    console.log(expr`2 * (${a} + bb) + 1`);
  } catch (error) {
    console.log(`  ${(error as Error).message.replaceAll('\n', '\n  ')}`);
  }

  const z = goldsteinPriceExpr(variable(1, 'x'), variable(1, 'y'));
  z.name = 'z';
  console.log('\nThe graph of Goldstein–Price:');
  console.log(`  ${await plotDotGraph(z, { to: 'out/step29/goldsteinPrice.svg' })}`);
}

if (require.main === module) void main();
