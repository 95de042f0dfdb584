// builds on step06, changes: Variable.creator, Variable.setCreator, Variable.backward, Func.call
/**
 * Step 07 · Automatic backpropagation: who made you?
 *
 * By hand, every new expression needs its own way back, and one slip in the order is a wrong gradient. But the way
 * back is already known when the way forward has been run: if each result remembers the function that made it (its
 * creator), we can walk from y to x. No one declares the graph beforehand: it is defined by running (define-by-run),
 * so `if` and `for` may shape it.
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

  /** Passes the gradient on to all this was computed from, calling itself on each variable on the way. */
  backward(): void {
    if (this.grad === null) throw new Error('backward: where to start? Set y.grad = 1 first, since dy/dy = 1');
    const f = this.creator;
    if (!f) return; // a value from outside: the chain begins here
    f.input.grad = f.backward(this.grad);
    f.input.backward();
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

export function main(): void {
  const x = new Variable(0.5);
  const y = composite(x);

  let way = 'y';
  for (let v = y; v.creator; v = v.creator.input) way += ` < ${v.creator.constructor.name}`;
  console.log(`the way back: ${way} < x`);

  y.grad = 1;
  y.backward();
  console.log(`dy/dx = ${x.grad}`);

  // The graph is what was run: here a loop decides how long it is.
  const start = new Variable(2);
  let z = start;
  while (z.data < 100) z = new Square().call(z);
  z.grad = 1;
  z.backward();
  console.log(`2 squared until it passes 100 is ${z.data}, its slope ${start.grad}`);
}

if (require.main === module) void main();
