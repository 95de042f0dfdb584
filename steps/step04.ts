// builds on step03, changes: numericalDiff, forwardDiff, ErrorAt, errorsByEps, drawErrors
/**
 * Step 04 · The numerical derivative: the slope from two points.
 *
 * How strongly does y depend on x? Move x a little, by eps, and see how far y moves. With one point on either side of
 * x the error falls with eps², with only one side with eps. But eps cannot be made as small as one likes: two nearly
 * equal numbers are subtracted, and what is left of them is rounding. The picture shows both errors, and the valley
 * between them.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import sharp from 'sharp';

/** A box for a value. */
export class Variable {
  constructor(public data: number) {}
}

/** A function from Variable to Variable. `Func`, since JavaScript has already taken the name Function. */
export abstract class Func {
  /** Opens the box, computes, and returns a new box with the result. */
  call(input: Variable): Variable {
    const y = this.forward(input.data);
    return new Variable(y);
  }

  /** The result from the number in the box. */
  abstract forward(x: number): number;
}

/** y = x². */
export class Square extends Func {
  forward(x: number): number {
    return x ** 2;
  }
}

/** y = eˣ. */
export class Exp extends Func {
  forward(x: number): number {
    return Math.exp(x);
  }
}

/** y = (exp(x²))²: three functions in a chain. */
export function composite(x: Variable): Variable {
  const a = new Square().call(x);
  const b = new Exp().call(a);
  return new Square().call(b);
}

/** The slope of f at x from two points near it, one on either side: (f(x + eps) − f(x − eps)) / 2eps. */
export function numericalDiff(f: (x: Variable) => Variable, x: Variable, eps = 1e-4): number {
  const y0 = f(new Variable(x.data - eps));
  const y1 = f(new Variable(x.data + eps));
  return (y1.data - y0.data) / (2 * eps);
}

/** The same from one side only: (f(x + eps) − f(x)) / eps. */
export function forwardDiff(f: (x: Variable) => Variable, x: Variable, eps = 1e-4): number {
  return (f(new Variable(x.data + eps)).data - f(x).data) / eps;
}

/** How wrong one way of taking the slope is with one eps. */
export type ErrorAt = { readonly way: string; readonly eps: number; readonly error: number };

/** The errors of both ways for eps from 0.1 down to 1e-13, against the slope of composite that a textbook gives: 4x·exp(2x²). */
export function errorsByEps(x: Variable): ErrorAt[] {
  const right = 4 * x.data * Math.exp(2 * x.data ** 2);
  return Array.from({ length: 25 }, (_, i) => 10 ** (-1 - i / 2))
    .flatMap((eps) => [
      { way: 'one side', eps, error: Math.abs(forwardDiff(composite, x, eps) - right) },
      { way: 'both sides', eps, error: Math.abs(numericalDiff(composite, x, eps) - right) },
    ])
    .filter(({ error }) => error > 0); // zero has no place on a logarithmic axis
}

/** The errors as a diagram, both axes logarithmic: a power of eps becomes a straight line. */
export async function drawErrors(rows: ErrorAt[]): Promise<string> {
  const [vega, { compile }] = [await import('vega'), await import('vega-lite')];
  const ink = '#777d86'; // seen on white and on dark
  const log = { type: 'quantitative', scale: { type: 'log' }, axis: { format: '.0e', tickCount: 7 } } as const;
  const notes = [
    { eps: 1e-11, text: '< smaller eps: rounding' },
    { eps: 1e-4, text: 'larger eps: truncation >' },
  ];
  const legend = { orient: 'bottom', title: null } as const;
  const color = { field: 'way', scale: { range: ['#3b82d6', '#d9722f'] }, legend };
  const { spec } = compile({
    width: 420,
    height: 280,
    padding: 12,
    background: 'transparent',
    title: 'how wrong is the slope?',
    data: { values: rows },
    encoding: { x: { field: 'eps', ...log } },
    layer: [
      { mark: 'line', encoding: { y: { field: 'error', ...log }, color } },
      { mark: { type: 'text', y: 16, color: ink }, data: { values: notes }, encoding: { text: { field: 'text' } } },
    ],
    config: {
      title: { color: ink },
      axis: { titleColor: ink, labelColor: ink, gridColor: ink, gridOpacity: 0.2 },
      axisX: { grid: false },
      legend: { labelColor: ink },
      view: { stroke: null },
    },
  });
  return new vega.View(vega.parse(spec), { renderer: 'none' }).toSVG();
}

export async function main(): Promise<void> {
  const square = (x: Variable) => new Square().call(x);
  console.log(`slope of square at 2, by numbers: ${numericalDiff(square, new Variable(2))} (exactly 4)`);
  const x = new Variable(0.5);
  console.log(`slope of the chain at 0.5:        ${numericalDiff(composite, x)}`);
  console.log(`the same from one side only:      ${forwardDiff(composite, x)}`);

  const errors = errorsByEps(x);
  for (const way of ['one side', 'both sides']) {
    const [best] = errors.filter((row) => row.way === way).sort((a, b) => a.error - b.error);
    if (best) console.log(`best eps, ${way}: ~${best.eps.toExponential(0)}, error ~${best.error.toExponential(0)}`);
  }

  const svg = await drawErrors(errors);
  mkdirSync('out/step04', { recursive: true });
  writeFileSync('out/step04/errors.svg', svg);
  await sharp(Buffer.from(svg), { density: 144 }).png().toFile('out/step04/errors.png');
  console.log('  out/step04/errors.svg\n  out/step04/errors.png');
}

if (require.main === module) void main();
