// builds on step07, changes: Variable.backward, Increment, backwardRecursive, deepChain
/**
 * Step 08 · From recursion to a loop.
 *
 * Step 07's backward calls itself, once a link, and every call that waits takes room on the stack. A long computation
 * (a text read letter by letter, say) has more links than the stack has room. A loop needs none: it only has to know
 * where it is.
 */

/** A box for a value. */
export class Variable {
  grad: number | null = null; // the derivative of the result with respect to this variable; null until it is known
  creator: Func | null = null; // the function that made it; null for a value from outside

  constructor(public data: number) {}

  /** Called by a function on what it has made. */
  setCreator(creator: Func): void {
    this.creator = creator;
  }

  /** Passes the gradient on to all this was computed from, link by link. */
  backward(): void {
    if (this.grad === null) throw new Error('backward: where to start? Set y.grad = 1 first, since dy/dy = 1');
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
    const y = this.forward(input.data);
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

/** y = x + 1, so gx = gy. */
export class Increment extends Func {
  forward(x: number): number {
    return x + 1;
  }
  backward(gy: number): number {
    return gy;
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

/** Step 07's way, for comparison: it calls itself on each variable on the way. */
export function backwardRecursive(y: Variable): void {
  if (y.grad === null) throw new Error('backward: where to start? Set y.grad = 1 first, since dy/dy = 1');
  const f = y.creator;
  if (!f) return; // a value from outside: the chain begins here
  f.input.grad = f.backward(y.grad);
  backwardRecursive(f.input);
}

/** A chain of that many functions. */
export function deepChain(x: Variable, length: number): Variable {
  let y = x;
  for (let i = 0; i < length; i++) y = new Increment().call(y);
  return y;
}

export function main(): void {
  const x = new Variable(0.5);
  const y = composite(x);
  y.grad = 1;
  y.backward();
  console.log(`the loop gives the same: dy/dx = ${x.grad}`);

  const start = new Variable(0);
  const end = deepChain(start, 100_000);
  end.grad = 1;
  console.log(`a chain of ${end.data.toLocaleString('en-US')} functions:`);
  try {
    backwardRecursive(end);
    console.log('  recursion: reached the start');
  } catch (error) {
    console.log(`  recursion: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`);
  }
  start.grad = null;
  end.backward();
  console.log(`  loop:      reached the start, slope ${start.grad}`);
}

if (require.main === module) void main();
