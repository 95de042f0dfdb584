// builds on step04, changes: forwardDiff, ErrorAt, errorsByEps, drawErrors, Matrix, Product, multiply, fromInput, fromOutput, jacobian
/**
 * Step 05 · The chain rule, and why backwards.
 *
 * The numerical derivative runs f twice for every input: far too much for a million of them. The chain rule
 * multiplies the slopes of the links instead. With many values a link the slope is a table, the Jacobian, and tables
 * can be multiplied from either end: the product is the same, the work is not. A network has millions of inputs and
 * one output, the loss: there the way back costs a fraction.
 */

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

/** Row i, column j: how strongly output i depends on input j. */
export type Matrix = readonly (readonly number[])[];

/** A product and the multiplications of numbers it took. */
export type Product = { readonly matrix: Matrix; readonly count: number };

/** A·B: rows of A times columns of B. */
export function multiply(A: Matrix, B: Matrix): Product {
  let count = 0;
  const columns = (B[0] ?? []).map((_, j) => B.map((row) => row[j] ?? 0));
  const timesColumn = (row: readonly number[], column: readonly number[]) => {
    count += row.length;
    return row.reduce((sum, a, k) => sum + a * (column[k] ?? 0), 0);
  };
  const matrix = A.map((row) => columns.map((column) => timesColumn(row, column)));
  return { matrix, count };
}

/** Forward order. The links stand in the order of the calls; the product is J₃·(J₂·J₁), begun at the input. */
export function fromInput([first = [], ...later]: Matrix[]): Product {
  let product: Product = { matrix: first, count: 0 };
  for (const J of later) {
    const { matrix, count } = multiply(J, product.matrix);
    product = { matrix, count: product.count + count };
  }
  return product;
}

/** Reverse order: the same product as (J₃·J₂)·J₁, begun at the output. */
export function fromOutput(links: Matrix[]): Product {
  const [last = [], ...earlier] = links.toReversed();
  let product: Product = { matrix: last, count: 0 };
  for (const J of earlier) {
    const { matrix, count } = multiply(product.matrix, J);
    product = { matrix, count: product.count + count };
  }
  return product;
}

/** A table of small whole numbers: their sums and products are exact, in any order. */
export function jacobian(outputs: number, inputs: number): Matrix {
  return Array.from({ length: outputs }, (_, i) => Array.from({ length: inputs }, (_, j) => ((3 * i + 5 * j) % 7) - 3));
}

export function main(): void {
  const x = 0.5;
  const a = x ** 2;
  const b = Math.exp(a);
  const slopes = [2 * x, Math.exp(a), 2 * b]; // da/dx, db/da, dy/db
  const [first] = fromInput(slopes.map((slope) => [[slope]])).matrix;
  const [last] = fromOutput(slopes.map((slope) => [[slope]])).matrix;
  console.log(`the chain at ${x}: slopes of its links ${slopes.join(', ')}`);
  console.log(`  multiplied from the input:  ${first?.[0]}`);
  console.log(`  multiplied from the output: ${last?.[0]}`);
  console.log(`  by numbers (step 04):       ${numericalDiff(composite, new Variable(x))}`);

  console.log('multiplications for four links, by the number of values between them:');
  console.log('                                   from the input   from the output');
  const chains = [
    [100, 100, 100, 100, 1],
    [100, 100, 100, 100, 10],
    [100, 100, 100, 100, 100],
    [1, 100, 100, 100, 100],
  ];
  for (const sizes of chains) {
    const links = sizes.slice(1).map((outputs, i) => jacobian(outputs, sizes[i] ?? 0));
    const [forward, reverse] = [fromInput(links).count, fromOutput(links).count].map((n) => n.toLocaleString('en-US'));
    console.log(`  ${sizes.join(' > ').padEnd(32)} ${forward?.padStart(14)}   ${reverse?.padStart(15)}`);
  }
  console.log('one output: go backwards; one input: go forwards; the product is the same');
}

if (require.main === module) void main();
