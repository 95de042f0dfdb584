// builds on step08, changes: Variable.constructor, Variable.backward, Func.call, Increment, square, exp, composite, dataOf, backwardRecursive, deepChain, refused
/**
 * Step 09 · Friendlier functions.
 *
 * Three rough edges. `new Square().call(x)` is long, and who uses one Square twice loses its first input: `square(x)`
 * makes a new one each time. Who forgets `y.grad = 1` gets an error: backward now starts from 1 by itself. And
 * ts-node runs code without checking its types, so a text in a box, or a bare number where a box belongs, would show
 * much later, as 11 for '1' + '1' or as NaN: both are refused at the door.
 */

/** A box for a value. */
export class Variable {
  grad: number | null = null; // the derivative of the result with respect to this variable; null until it is known
  creator: Func | null = null; // the function that made it; null for a value from outside

  constructor(public data: number) {
    if (typeof data === 'number') return;
    throw new TypeError(`Variable takes a number, got type ${typeof data}: convert it, with Number(…)`);
  }

  /** Called by a function on what it has made. */
  setCreator(creator: Func): void {
    this.creator = creator;
  }

  /** Passes the gradient on to all this was computed from, link by link. Starts from `grad` if there is one, else from 1. */
  backward(): void {
    this.grad ??= 1; // dy/dy
    let gy = this.grad;
    for (let f = this.creator; f; f = f.input.creator) {
      gy = f.backward(gy);
      f.input.grad = gy;
    }
  }
}

/** A function from Variable to Variable. `Func`, since JavaScript has already taken the name Function. */
export abstract class Func {
  input!: Variable; // what it was called with last: set by call, which comes before backward

  /** Opens the box, computes, and returns a new box with the result. Both remember where they come from. */
  call(input: Variable): Variable {
    const y = this.forward(dataOf(input));
    const output = new Variable(y);
    this.input = input;
    output.setCreator(this);
    return output;
  }

  /** The result from the number in the box. */
  abstract forward(x: number): number;
  /** The input's gradient from the output's gradient gy: gx = gy · dy/dx. */
  abstract backward(gy: number): number;
}

/** y = x², so gx = gy · 2x. */
export class Square extends Func {
  forward(x: number): number {
    return x ** 2;
  }
  backward(gy: number): number {
    return gy * 2 * this.input.data;
  }
}

/** y = eˣ, so gx = gy · eˣ. */
export class Exp extends Func {
  forward(x: number): number {
    return Math.exp(x);
  }
  backward(gy: number): number {
    return gy * Math.exp(this.input.data);
  }
}

export const square = (x: Variable): Variable => new Square().call(x);
export const exp = (x: Variable): Variable => new Exp().call(x);

/** y = (exp(x²))²: three functions in a chain. */
export const composite = (x: Variable): Variable => square(exp(square(x)));

/** The number in the box; anything but a box is refused. */
export function dataOf(x: Variable): number {
  if (x instanceof Variable) return x.data;
  throw new TypeError(`expected a Variable, got type ${typeof x}: put it into a box first, with new Variable(…)`);
}

/** The slope of f at x from two points near it, one on either side: (f(x + eps) − f(x − eps)) / 2eps. */
export function numericalDiff(f: (x: Variable) => Variable, x: Variable, eps = 1e-4): number {
  const y0 = f(new Variable(x.data - eps));
  const y1 = f(new Variable(x.data + eps));
  return (y1.data - y0.data) / (2 * eps);
}

export function main(): void {
  const x = new Variable(0.5);
  const y = square(exp(square(x)));
  y.backward();
  console.log(`square(exp(square(0.5))) = ${y.data}, dy/dx = ${x.grad}`);

  console.log('wrong input is refused:');
  const typed: unknown = '0.5'; // as it comes from a form or a file
  refused(() => new Variable(typed as number));
  refused(() => square(3 as unknown as Variable));
}

function refused(f: () => void): void {
  try {
    f();
    console.log('  went through');
  } catch (error) {
    console.log(`  ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`);
  }
}

if (require.main === module) void main();
