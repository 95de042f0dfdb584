// builds on step13, changes: Variable.clearGrad, Variable.backward, backwardOverwriting
/**
 * Step 14 · The same variable used twice: its gradients add up.
 *
 * Step 13 says that x + x has the slope 1. Both ways from x lead to y, each brings a gradient of 1, and the second
 * overwrote the first. What reaches a variable on several ways adds up. But now the gradients of an earlier
 * calculation stay too: `clearGrad` forgets them before the next.
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

  /** Forgets the gradient, before the variable is used in another calculation. */
  clearGrad(): void {
    this.grad = null;
  }

  /** Passes the gradient on to all this was computed from. Starts from `grad` if there is one, else from 1. */
  backward(): void {
    this.grad ??= 1; // dy/dy
    const funcs = this.creator ? [this.creator] : []; // still to do: a way may fork now
    for (let f = funcs.pop(); f; f = funcs.pop()) {
      const gys = f.outputs.map((y) => y.grad ?? 0); // an output that nobody used has none
      const gxs = [f.backward(...gys)].flat();
      for (const [i, gx] of gxs.entries()) {
        const x = f.input(i);
        x.grad = (x.grad ?? 0) + gx;
        if (x.creator) funcs.push(x.creator);
      }
    }
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

  /** Input i, as `backward` needs it. */
  input(i: number): Variable {
    const x = this.inputs[i];
    if (!x) throw new Error(`${this.constructor.name} has no input ${i}: backward returns one gradient an input`);
    return x;
  }

  /** The results from the numbers in the boxes; one result needs no list. */
  abstract forward(...xs: number[]): number | number[];
  /** The inputs' gradients from the outputs' gradients gy: for each input gx = gy · dy/dx. */
  abstract backward(...gys: number[]): number | number[];
}

/** y = x², so gx = gy · 2x. */
export class Square extends Func {
  forward(x: number): number {
    return x ** 2;
  }
  backward(gy: number): number {
    return gy * 2 * this.input(0).data;
  }
}

/** y = x0 + x1, so both gradients are gy. */
export class Add extends Func {
  forward(x0: number, x1: number): number {
    return x0 + x1;
  }
  backward(gy: number): number[] {
    return [gy, gy];
  }
}

/** y = x0 · x1, so gx0 = gy · x1 and gx1 = gy · x0. */
export class Mul extends Func {
  forward(x0: number, x1: number): number {
    return x0 * x1;
  }
  backward(gy: number): number[] {
    return [gy * this.input(1).data, gy * this.input(0).data];
  }
}

export const square = (x: Variable): Variable => new Square().call(x);
export const add = (x0: Variable, x1: Variable): Variable => new Add().call(x0, x1);
export const mul = (x0: Variable, x1: Variable): Variable => new Mul().call(x0, x1);

/** The number in the box; anything but a box is refused. */
export function dataOf(x: Variable): number {
  if (x instanceof Variable) return x.data;
  throw new TypeError(`expected a Variable, got type ${typeof x}: put it into a box first, with new Variable(…)`);
}

/** Step 13's way, through one function, for comparison: the last gradient that arrives replaces the others. */
export function backwardOverwriting(y: Variable): void {
  const f = y.creator;
  if (!f) return; // a value from outside: nothing lies behind it
  for (const [i, gx] of [f.backward(1)].flat().entries()) f.input(i).grad = gx; // 1: dy/dy
}

export function main(): void {
  const x = new Variable(3);
  backwardOverwriting(add(x, x));
  console.log(`y = x + x, overwriting (step 13): dy/dx = ${x.grad}, which is wrong`);

  x.clearGrad();
  add(x, x).backward();
  console.log(`y = x + x, adding:                dy/dx = ${x.grad}`);

  x.clearGrad();
  add(add(x, x), x).backward();
  console.log(`y = (x + x) + x:                  dy/dx = ${x.grad}`);

  x.clearGrad();
  mul(x, x).backward();
  console.log(`y = x · x at 3:                   dy/dx = ${x.grad}`);

  add(x, x).backward();
  console.log(`then y = x + x without clearGrad: dy/dx = ${x.grad}, 6 of it from before`);
}

if (require.main === module) void main();
