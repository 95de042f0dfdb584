// builds on step11, changes: Func.call, Func.callAll, Func.forward, Add.forward, SumAndDifference.forward, add
/**
 * Step 12 · A better calling style.
 *
 * Lists in, lists out: `new Add().call([x0, x1])[0]` is no joy to read or to write. Rest parameters (`...xs`) collect
 * the list where it is needed, so that who calls a function, and who writes one, sees plain arguments, as in `add(x0,
 * x1)`.
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
}

/** A function from Variable to Variable. `Func`, since JavaScript has already taken the name Function. */
export abstract class Func {
  inputs: Variable[] = []; // what it was called with
  outputs: Variable[] = []; // what it made

  /** Opens the boxes, computes, and returns a new box with the result. */
  call(...inputs: Variable[]): Variable {
    return this.callAll(...inputs)[0]!; // forward returns at least one number
  }

  /** The same for a function with several results. All remember where they come from. */
  callAll(...inputs: Variable[]): Variable[] {
    const xs = inputs.map(dataOf);
    const ys = [this.forward(...xs)].flat();
    const outputs = ys.map((y) => new Variable(y));
    for (const output of outputs) output.setCreator(this);
    this.inputs = inputs;
    this.outputs = outputs;
    return outputs;
  }

  /** The results from the numbers in the boxes; one result needs no list. */
  abstract forward(...xs: number[]): number | number[];
}

/** y = x0 + x1. */
export class Add extends Func {
  forward(x0: number, x1: number): number {
    return x0 + x1;
  }
}

/** y0 = x0 + x1 and y1 = x0 − x1: two in, two out. */
export class SumAndDifference extends Func {
  forward(x0: number, x1: number): number[] {
    return [x0 + x1, x0 - x1];
  }
}

export const add = (x0: Variable, x1: Variable): Variable => new Add().call(x0, x1);

/** The number in the box; anything but a box is refused. */
export function dataOf(x: Variable): number {
  if (x instanceof Variable) return x.data;
  throw new TypeError(`expected a Variable, got type ${typeof x}: put it into a box first, with new Variable(…)`);
}

export function main(): void {
  const x0 = new Variable(2);
  const x1 = new Variable(3);
  console.log(`add(2, 3) = ${add(x0, x1).data}`);

  const both = new SumAndDifference().callAll(x0, x1);
  console.log(`SumAndDifference of 2 and 3 = ${both.map((y) => y.data).join(', ')}`);
}

if (require.main === module) void main();
