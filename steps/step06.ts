// builds on step05, changes: Variable.grad, Func.input, Func.call, Func.backward, Square, Square.backward, Exp, Exp.backward, Matrix, Product, multiply, fromInput, fromOutput, jacobian
/**
 * Step 06 · Backpropagation by hand.
 *
 * Step 05 knew the slopes of square and exp from a textbook. Now each function knows its own: `backward` takes the
 * gradient of its output and returns that of its input. It needs the number that `forward` was given, so `call`
 * remembers the input. We call backward by hand, from the last function to the first.
 */

/** A box for a value. */
export class Variable {
  grad: number | null = null; // the derivative of the result with respect to this variable; null until it is known

  constructor(public data: number) {}
}

/** A function from Variable to Variable. `Func`, since JavaScript has already taken the name Function. */
export abstract class Func {
  input!: Variable; // what it was called with last: set by call, which comes before backward

  /** Opens the box, computes, and returns a new box with the result. Remembers the box it was given. */
  call(input: Variable): Variable {
    const y = this.forward(input.data);
    this.input = input;
    return new Variable(y);
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
  const A = new Square();
  const B = new Exp();
  const C = new Square();

  const x = new Variable(0.5);
  const a = A.call(x);
  const b = B.call(a);
  const y = C.call(b);

  // The same way back: last called, first asked.
  y.grad = 1; // dy/dy
  b.grad = C.backward(y.grad);
  a.grad = B.backward(b.grad);
  x.grad = A.backward(a.grad);

  console.log(`dy/dy = ${y.grad}`);
  console.log(`dy/db = ${b.grad}`);
  console.log(`dy/da = ${a.grad}`);
  console.log(`dy/dx = ${x.grad}`);
  console.log(`by numbers (step 04): ${numericalDiff(composite, x)}`);
}

if (require.main === module) void main();
