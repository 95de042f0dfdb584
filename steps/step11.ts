// builds on step10, changes: Variable.backward, Func.input, Func.inputs, Func.outputs, Func.call, Func.forward, Func.backward, Square, WrongSquare, Exp, Add, SumAndDifference, square, exp, composite, numericalDiff, Outcome, checkValue, randomNumbers, gradientCheck, runTests
/**
 * Step 11 · Many inputs and outputs, forward.
 *
 * So far one box went in and one came out: enough for a chain, not for a sum. Now `call` takes a list of boxes and
 * returns a list. First only the way forward: what has one input is put aside, and the way back returns in step 13.
 * All these lists and brackets look clumsy; the next step mends that.
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

  /** Opens the boxes, computes, and returns new boxes with the results. All remember where they come from. */
  call(inputs: Variable[]): Variable[] {
    const xs = inputs.map(dataOf);
    const ys = this.forward(xs);
    const outputs = ys.map((y) => new Variable(y));
    for (const output of outputs) output.setCreator(this);
    this.inputs = inputs;
    this.outputs = outputs;
    return outputs;
  }

  /** The results from the numbers in the boxes. */
  abstract forward(xs: number[]): number[];
}

/** y = x0 + x1. */
export class Add extends Func {
  forward([x0, x1]: [number, number]): number[] {
    return [x0 + x1];
  }
}

/** y0 = x0 + x1 and y1 = x0 − x1: two in, two out. */
export class SumAndDifference extends Func {
  forward([x0, x1]: [number, number]): number[] {
    return [x0 + x1, x0 - x1];
  }
}

/** The number in the box; anything but a box is refused. */
export function dataOf(x: Variable): number {
  if (x instanceof Variable) return x.data;
  throw new TypeError(`expected a Variable, got type ${typeof x}: put it into a box first, with new Variable(…)`);
}

export function main(): void {
  const inputs = [new Variable(2), new Variable(3)];
  const outputs = new Add().call(inputs);
  console.log(`two in, one out: Add of 2 and 3 = ${outputs.map((y) => y.data).join(', ')}`);

  const both = new SumAndDifference().call(inputs);
  console.log(`two in, two out: SumAndDifference of 2 and 3 = ${both.map((y) => y.data).join(', ')}`);
  console.log(`both remember the same creator: ${both[0]?.creator === both[1]?.creator}`);
}

if (require.main === module) void main();
