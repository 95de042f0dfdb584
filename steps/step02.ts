// builds on step01, changes: Func, Square
/**
 * Step 02 · Func: a function from Variable to Variable.
 *
 * Boxes alone compute nothing. A function takes a box, computes with the number inside and puts the result into a new
 * box. The taking out and putting in is the same for every function, so it is written once, in `Func`; what is
 * computed is up to each subclass.
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

export function main(): void {
  const x = new Variable(10);
  const f = new Square();
  const y = f.call(x);
  console.log(`square(${x.data}) = ${y.data}`);
  console.log(`the result is a Variable too: ${y instanceof Variable}`);
  console.log(`the input is as it was: x.data = ${x.data}`);
}

if (require.main === module) void main();
