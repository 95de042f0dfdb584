// builds on step02, changes: Exp, composite
/**
 * Step 03 · Chaining functions.
 *
 * One function is not much. But a function takes a Variable and returns a Variable, so what one returns another can
 * take: large expressions are chains of small functions. Here square, exp and square again make (exp(x²))².
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

export function main(): void {
  const x = new Variable(0.5);
  const a = new Square().call(x);
  const b = new Exp().call(a);
  const y = new Square().call(b);
  console.log(`x = ${x.data}`);
  console.log(`a = square(x) = ${a.data}`);
  console.log(`b = exp(a)    = ${b.data}`);
  console.log(`y = square(b) = ${y.data}`);
  console.log(`a chain is a function itself: composite(x) = ${composite(x).data}`);
}

if (require.main === module) void main();
