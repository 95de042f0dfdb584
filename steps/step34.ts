/**
 * Step 34 · A neural network: products of matrices, with a bend in between.
 *
 * Step 31 looked for the lowest point of a given function. Now the function itself is looked for: one that passes through measured points.
 * We choose its form, x·W + b, measure how wrong it is by the mean squared error, and walk W and b downhill. A straight line is learned
 * that way, but no sine; and two lines after one another are still a line. With a bend between them, the sigmoid, they are a
 * network, and ten bent lines together can take the form of a wave.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { noGrad, rand, randn, variable, zeros, type Variable } from 'dezero';
import * as F from 'dezero/functions';
import { plot } from 'dezero/utils';

/** A guess for each row of x, made with parameters that can be moved. */
export interface Guess {
  readonly parameters: readonly Variable[];
  readonly predict: (x: Variable) => Variable;
}

/** One line: x·W + b. */
export function straightLine(): Guess {
  const [W, b] = [variable(zeros([1, 1]), 'W'), variable(zeros([1]), 'b')];
  return { parameters: [W, b], predict: (x) => F.linear(x, W, b) };
}

/** `hidden` lines, each bent, and one line of these. Equal weights would stay equal for ever: they start at random. */
export function twoLayers(hidden: number, bend: (x: Variable) => Variable): Guess {
  const [W1, b1] = [variable(randn([1, hidden], { seed: 5 }), 'W1'), variable(zeros([hidden]), 'b1')];
  const [W2, b2] = [variable(randn([hidden, 1], { seed: 6 }), 'W2'), variable(zeros([1]), 'b2')];
  return { parameters: [W1, b1, W2, b2], predict: (x) => F.linear(bend(F.linear(x, W1, b1)), W2, b2) };
}

/** Measured values t of f at places x between 0 and 1, both (60, 1), with errors of about 0.1. */
export function measure(f: (x: Variable) => Variable): { x: Variable; t: Variable } {
  const x = variable(rand([60, 1], { seed: 3 }));
  const errors = F.mul(0.1, randn([60, 1], { seed: 4 }));
  return { x, t: noGrad(() => f(x).add(errors)) };
}

/** Moves the parameters down their slopes, a little each time; returns the losses on the way. */
export function fit(
  { parameters, predict }: Guess,
  { x, t }: { x: Variable; t: Variable },
  { lr, iterations }: { lr: number; iterations: number },
): number[] {
  return Array.from({ length: iterations + 1 }, () => {
    const loss = F.meanSquaredError(predict(x), t);
    for (const p of parameters) p.clearGrad();
    loss.backward();
    for (const p of parameters) p.data = noGrad(() => p.sub(F.mul(lr, p.grad ?? 0))).data;
    return loss.item();
  });
}

/** Megabytes of numbers that a result keeps in memory, its graph included. */
export function megabytesHeldBy(f: () => Variable): number {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const used = () => {
    for (let i = 0; i < 4; i++) collectGarbage(); // arrays are given back while the next one waits
    return process.memoryUsage().arrayBuffers / 1e6;
  };
  f(); // the first run also sets up its tools
  const before = used();
  const y = f();
  return used() - before + 0 * y.size; // y is needed to the end, so that it is not garbage when we look
}

const some = (losses: readonly number[], every: number) =>
  losses.flatMap((loss, i) => (i % every === 0 ? [loss.toFixed(4)] : [])).join('  ');
const pairs = (x: Variable, y: Variable) => Array.from(x.values, (v, i): [number, number] => [v, y.values[i] ?? NaN]);

export async function main(): Promise<void> {
  const [x, W, b] = [rand([1000, 10], { seed: 0 }), variable(rand([10, 1000], { seed: 1 })), rand([1000], { seed: 2 })];
  console.log('x·W + b of (1000, 10), (10, 1000), (1000,), and what the result keeps for backward:');
  for (const f of [F.linearSimple, F.linear])
    console.log(`  ${f.name.padEnd(14)}~${megabytesHeldBy(() => f(x, W, b)).toFixed(1)} MB`);

  const line = straightLine();
  const losses = fit(line, measure((v) => v.mul(2).add(5)), { lr: 0.3, iterations: 200 }); // prettier-ignore
  console.log(`\nPoints near 2x + 5, and a line. The loss, every 50 iterations:\n  ${some(losses, 50)}`);
  console.log(`  ${line.parameters.map((p) => `${p.name} = ${p.item().toFixed(3)}`).join(', ')}`);

  const wave = measure((v) => F.sin(v.mul(2 * Math.PI)));
  const guesses = [
    { name: 'one line', guess: straightLine(), lr: 0.3, iterations: 500 },
    { name: 'two lines', guess: twoLayers(10, (v) => v), lr: 0.05, iterations: 500 },
    { name: 'with sigmoid', guess: twoLayers(10, F.sigmoid), lr: 0.3, iterations: 2000 },
  ];
  console.log('\nPoints near sin(2πx). The loss, every 500 iterations:');
  for (const { name, guess, ...options } of guesses)
    console.log(`  ${name.padEnd(14)}${some(fit(guess, wave, options), 500)}`);

  const grid = variable(Array.from({ length: 101 }, (_, i) => [i / 100]));
  const measured = { name: 'measured', points: pairs(wave.x, wave.t), as: 'points' as const };
  const curves = guesses.map(({ name, guess }) => ({
    name,
    points: pairs(grid, guess.predict(grid)),
    dashed: name === 'two lines',
  }));
  const axes = { x: { label: 'x' }, y: { label: 'y' } };
  const chart = { title: 'sin(2πx), learned from 60 points', ...axes, series: [measured, ...curves] };
  console.log(`  ${await plot(chart, { to: 'out/step34/sine.svg' })}`);
}

if (require.main === module) void main();
