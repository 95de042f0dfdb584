/**
 * Step 32 · Derivatives of derivatives.
 *
 * Newton's method needs the second derivative, and in step 31 we had to write it down by hand. But `backward` computes the first one
 * with functions, like any other value: if they leave a graph behind too, the gradient is a Variable with a creator, and can be
 * differentiated again, as often as we like. `backward({ createGraph: true })` leaves that graph. By default there is none: nearly
 * everybody needs only the first derivative, and a graph costs memory.
 */
import { variable, type Variable } from 'dezero';
import * as F from 'dezero/functions';
import { plot, plotDotGraph } from 'dezero/utils';

/** The gradient of y with respect to x, as a Variable that can be differentiated again. */
export function gradient(y: Variable, x: Variable): Variable {
  x.clearGrad(); // or it would be added to what is there
  y.backward({ createGraph: true });
  if (!x.grad) throw new Error('y was not computed from x');
  return x.grad;
}

/** The first n derivatives of y: each is the gradient of the one before. */
export function derivatives(y: Variable, x: Variable, n: number): Variable[] {
  const found: Variable[] = [];
  while (found.length < n) found.push(gradient(found.at(-1) ?? y, x));
  return found;
}

/** x⁴ − 2x², lowest at −1 and 1. */
export const f = (x: Variable): Variable => x.pow(4).sub(x.pow(2).mul(2));

/** Newton's way to a place where f is flat, x ← x − f′(x) / f″(x): only f is given, `backward` finds the rest. */
export function newton(f: (x: Variable) => Variable, start: number): number[] {
  const path = [start];
  for (const x = variable(start); path.length <= 100; path.push(x.item())) {
    const [gx, gx2] = derivatives(f(x), x, 2) as [Variable, Variable]; // two, as asked
    if (Math.abs(gx.item()) < 1e-12) break;
    x.data = x.sub(gx.div(gx2)).data;
  }
  return path;
}

/** gx³ + y, where y = x² and gx is its gradient: a loss that punishes steepness. */
export function penalty(x: Variable): Variable {
  const y = x.pow(2);
  return gradient(y, x).pow(3).add(y);
}

/** sin and its first four derivatives from −7 to 7. The fourth is sin again: its broken line runs over the full one. */
async function drawSin(): Promise<string> {
  const x = variable(Float64Array.from({ length: 201 }, (_, i) => -7 + 0.07 * i));
  const y = F.sin(x);
  const series = [y, ...derivatives(y, x, 4)].map((v, i) => ({
    name: i === 0 ? 'sin x' : `derivative ${i}`,
    points: Array.from(x.values, (at, k) => [at, Number(v.values[k])] as const),
    dashed: i === 4,
  }));
  const chart = { title: 'sin and its derivatives', x: { label: 'x' }, y: { label: '' }, series };
  return plot({ ...chart, size: { width: 560, height: 280 } }, { to: 'out/step32/sin.svg' });
}

const digits = (path: readonly number[]) => path.map((x) => Number(x.toPrecision(9))).join('  ');

export async function main(): Promise<void> {
  const x = variable(2, 'x');
  f(x).backward();
  console.log(
    `x^4 - 2x^2 at 2, without createGraph: gx = ${x.grad?.item()}, made by ${x.grad?.creator?.name ?? 'nobody'}`,
  );
  try {
    x.grad?.backward();
  } catch (error) {
    console.log(`  ${(error as Error).message}`);
  }
  const gx = gradient(f(x), x);
  console.log(`with createGraph:                     gx = ${gx.item()}, made by ${gx.creator?.name}`);
  gx.backward();
  console.log(
    `after gx.backward() x.grad is ${x.grad?.item()} = 24 + 44: it was not cleared, so the gradients added up`,
  );
  x.clearGrad();
  gx.backward();
  console.log(`cleared before, x.grad is     ${x.grad?.item()}`);

  const path = newton(f, 2);
  console.log(
    `\nNewton's method, from 2 to 1 in ${path.length - 1} iterations, as with the second derivative of step 31:`,
  );
  console.log(`  ${digits(path)}`);

  const at = variable(2);
  console.log('\nThe first four derivatives at 2');
  for (const [name, g] of Object.entries({ log: F.log, tanh: F.tanh })) {
    console.log(`  of ${name.padEnd(5)} ${digits(derivatives(g(at), at, 4).map((v) => v.item()))}`);
  }
  console.log(`  of sin, as curves:\n  ${await drawSin()}`);
  console.log('\nThe graph of a derivative of tanh grows with each one:');
  for (const n of [1, 2, 5]) {
    const y = F.tanh(at);
    const g = derivatives(y, at, n).at(-1) ?? y;
    [at.name, g.name] = ['x', `gx${n}`];
    console.log(`  ${await plotDotGraph(g, { to: `out/step32/tanh${n}.svg` })}`);
  }

  console.log(
    `\nA gradient in a loss: z = gx^3 + y, where y = x^2. Its own gradient at 2 is ${gradient(penalty(at), at).item()}`,
  );
}

if (require.main === module) void main();
