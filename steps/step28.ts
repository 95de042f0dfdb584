/**
 * Step 28 · The package is born.
 *
 * Twenty-seven files, and nearly every one begins with the same classes. They look alike and are strangers: the Variable of one file is none
 * in another. So from here on everything lives in one place, `dezero/`: Variable and Func in core/, arrays in ndarray/, derivatives in
 * functions/, drawings in utils/, and what each of them promises in tests/. An `index.ts` says what a folder exports, and a step says
 * `import { … } from 'dezero'`. Does all we have found still hold? Then only the inside has changed: and the inside may now become fast.
 */
import { add, array, exp, mul, nd, noGrad, randn, square, variable, type Variable } from 'dezero';
import { getDotGraph, gradientCheck, plot, plotDotGraph, type BarChart } from 'dezero/utils';
import { Variable as Variable13 } from './step13';
import { Variable as Variable16 } from './step16';
import { measureSpeeds, type Speed } from './step23';

/** (exp(x²))², the chain of steps 03 to 10. */
export const chain = (x: Variable): Variable => square(exp(square(x)));

/** x² + y², the sum of step 13. */
export const sum = (x: Variable, y: Variable): Variable => add(square(x), square(y));

/** 2(x²)², the fork of step 16: both ways to the end go through a. */
export function fork(x: Variable): Variable {
  const a = square(x);
  return add(square(a), square(a));
}

/** The slope of f at x by central difference, as in step 04. */
export function numericalDiff(f: (x: Variable) => Variable, x: number, eps = 1e-4): number {
  const at = (value: number) => noGrad(() => f(variable(value)).item()); // no slope by backward is wanted, so no graph
  return (at(x + eps) - at(x - eps)) / (2 * eps);
}

/** The value of f at some place, then its gradient with respect to each number of the place. */
export function valueAndGradients(f: (...xs: Variable[]) => Variable, ...place: number[]): number[] {
  const xs = place.map((x) => variable(x));
  const y = f(...xs);
  y.backward();
  return [y, ...xs.map((x) => x.grad)].map((v) => v?.item() ?? NaN);
}

/** The speed of dezero's product for matrices of n by n, with all it finds on this machine: threads, BLAS. */
export function measureOwnSpeed(n: number): Speed {
  const a = randn([n, n], { seed: 0, dtype: 'float32' });
  let seconds = Infinity;
  for (const end = performance.now() + 400; performance.now() < end;) {
    const start = performance.now();
    nd.matmul(a, a);
    seconds = Math.min(seconds, (performance.now() - start) / 1000);
  }
  return { way: 'dezero', gflops: (2 * n ** 3) / seconds / 1e9 };
}

function print(step: string, what: string, result: unknown): void {
  console.log(`  step ${step.padEnd(7)} ${what.padEnd(38)} ${String(result)}`);
}

export async function main(): Promise<void> {
  console.log(
    `a Variable of step 13 is a Variable of step 16: ${(new Variable13(2) as object) instanceof Variable16}\n`,
  );

  console.log('The same results, from the package:');
  print('02', 'square(10)', square(variable(10)).item());
  print('03', 'chain: (exp(x²))² at 0.5', chain(variable(0.5)).item());
  print('04', 'slope of square at 2, by difference', numericalDiff(square, 2));
  print('04', 'slope of the chain, by difference', numericalDiff(chain, 0.5));
  print('07', 'slope of the chain, by backward', valueAndGradients(chain, 0.5)[1]);
  print(
    '10',
    'gradientCheck of the chain',
    gradientCheck(chain, [randn([2, 3], { seed: 0 })]).ok ? 'passed' : 'FAILED',
  );
  print('13', 'x² + y² at (2, 3), and its gradient', valueAndGradients(sum, 2, 3).join(', '));
  print('14', 'slope of x + x', valueAndGradients((x) => add(x, x), 3)[1]); // prettier-ignore
  print('16', '2(x²)² at 2, and its slope', valueAndGradients(fork, 2).join(', '));
  print('18', 'under noGrad the result has a creator', noGrad(() => square(variable(3))).creator !== null); // prettier-ignore

  const x = array([[1, 2, 3], [4, 5, 6]]); // prettier-ignore
  console.log('\nArrays, their views and their operations, steps 19 to 22:');
  const row = array([1, 10, 100]);
  const results = { x, 'x.transpose()': x.transpose(), 'nd.mul(x, row)': nd.mul(x, row), 'nd.sum(x, { axis: 1 })': nd.sum(x, { axis: 1 }) }; // prettier-ignore
  for (const [what, result] of Object.entries(results)) console.log(`${what}\n${String(result)}`);

  const [a, b] = [variable(x, 'a'), variable([[1, 0, 0], [0, 1, 0]], 'b')]; // prettier-ignore
  const y = mul(a, add(b, 2));
  y.name = 'y';
  y.backward();
  console.log('\nVariables over arrays, step 24: y = a · (b + 2), and the gradient of a');
  console.log(y);
  console.log(a.grad);
  const lines = getDotGraph(y).trimEnd().split('\n');
  console.log(`its graph, step 26: ${lines.length} lines of DOT, ${lines.filter((line) => line.includes('->')).length} of them arrows`); // prettier-ignore
  console.log(`  ${await plotDotGraph(y, { verbose: true, to: 'out/step28/graph.svg' })}`);

  const n = 384;
  console.log(
    `\nStep 23's product of ${n} by ${n} in GFLOP/s; dezero's of float32, by WebAssembly on all threads or by the system's BLAS:`,
  );
  const speeds = [...(await measureSpeeds(n)), measureOwnSpeed(n)];
  for (const { way, gflops } of speeds) console.log(`  ${way.padEnd(12)}~${gflops.toFixed(2)}`);
  const bars = speeds.map(({ way, gflops }) => ({ name: way, value: gflops, highlight: way === 'dezero' }));
  const chart: BarChart = { title: `${n} by ${n} times ${n} by ${n}`, x: { label: 'GFLOP/s' }, bars };
  console.log(`  ${await plot(chart, { to: 'out/step28/gflops.svg' })}`);
}

if (require.main === module) void main();
