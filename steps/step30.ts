/**
 * Step 30 · The Taylor series of sin, differentiated.
 *
 * sin is not + − * / ^, so it becomes a function of its own: forward is `Math.sin`, backward needs cos, and cos needs sin. But sin
 * can also be put together from what we have: sin x = x − x³/3! + x⁵/5! − …, each term smaller than the one before. A loop adds
 * terms until one is too small to matter, and `backward` goes through whatever the loop has built: a program is differentiated,
 * not a formula. How exact is its derivative?
 */
import { variable, type Variable } from 'dezero';
import * as F from 'dezero/functions';
import { plotDotGraph } from 'dezero/utils';

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1);
}

/** (−1)ⁱ x²ⁱ⁺¹ / (2i + 1)! for i = 0, 1, 2, …, up to and with the first below the threshold. */
export function taylorTerms(x: Variable, threshold: number): Variable[] {
  const terms: Variable[] = [];
  for (let i = 0; ; i++) {
    const c = (-1) ** i / factorial(2 * i + 1);
    const term = x.pow(2 * i + 1).mul(c);
    terms.push(term);
    if (!(Math.abs(term.item()) >= threshold)) return terms; // also where powers too large have made NaN of a term
  }
}

/** sin x as the sum of these terms. */
export function taylorSin(x: Variable, threshold = 1e-4): Variable {
  return taylorTerms(x, threshold).reduce((sum, term) => sum.add(term));
}

/** Prints f(π/4) and its derivative; returns f(π/4), to be drawn. */
function differentiate(name: string, f: (x: Variable) => Variable): Variable {
  const x = variable(Math.PI / 4, 'x');
  const y = f(x);
  y.name = 'y';
  y.backward();
  console.log(`${name.padEnd(28)} y = ${y.item()}   gx = ${x.grad?.item()}`);
  return y;
}

export async function main(): Promise<void> {
  console.log('At π/4:');
  const exact = differentiate('F.sin', F.sin);
  console.log();

  for (const threshold of [1e-4, 1e-150]) {
    const terms = taylorTerms(variable(Math.PI / 4), threshold).length;
    const y = differentiate(`series to ${threshold}, ${terms} terms`, (x) => taylorSin(x, threshold));
    const file = await plotDotGraph(y, { to: `out/step30/taylor${terms}.svg` });
    console.log(`  ${file}`);
  }
  console.log(
    '\nThe sum leaves out a tail, and the tail of its derivative is larger: with 4 terms y is right to 6 digits,',
  );
  console.log('gx to 5. And one node does the work of them all:');
  console.log(`  ${await plotDotGraph(exact, { to: 'out/step30/sin.svg' })}`);
}

if (require.main === module) void main();
