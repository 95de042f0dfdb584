// builds on step15, changes: Variable.generation, Variable.setCreator, Variable.backward, Func.generation, Func.callAll, functionsBehind, backwardInOrder, isTopological, ordersOf
/**
 * Step 16 · Generations: the order comes for free.
 *
 * Trying all orders was for showing, and searching the graph for one takes time. But the way forward ran in a right
 * order already: we only have to count. A value from outside has generation 0, a function that of its latest input,
 * and what it makes is one generation later. Going back from the highest generation to the lowest, no function comes
 * before those that use what it made.
 */

/** A box for a value. */
export class Variable {
  grad: number | null = null; // the derivative of the result with respect to this variable; null until it is known
  creator: Func | null = null; // the function that made it; null for a value from outside
  generation = 0; // how many functions lie on the longest way from a value from outside

  constructor(public data: number) {
    if (typeof data === 'number') return;
    throw new TypeError(`Variable takes a number, got type ${typeof data}: convert it, with Number(…)`);
  }

  /** Called by a function on what it has made. */
  setCreator(creator: Func): void {
    this.creator = creator;
    this.generation = creator.generation + 1;
  }

  /** Forgets the gradient, before the variable is used in another calculation. */
  clearGrad(): void {
    this.grad = null;
  }

  /** Passes the gradient on to all this was computed from. Starts from `grad` if there is one, else from 1. */
  backward(): void {
    this.grad ??= 1; // dy/dy
    for (const f of functionsBehind(this)) {
      const gys = f.outputs.map((y) => y.grad ?? 0); // an output that nobody used has none
      const gxs = [f.backward(...gys)].flat();
      for (const [i, gx] of gxs.entries()) {
        const x = f.input(i);
        x.grad = (x.grad ?? 0) + gx;
      }
    }
  }
}

/** A function from Variable to Variable. `Func`, since JavaScript has already taken the name Function. */
export abstract class Func {
  inputs: Variable[] = []; // what it was called with
  outputs: Variable[] = []; // what it made
  generation = 0; // that of its latest input

  /** Opens the boxes, computes, and returns a new box with the result. */
  call(...inputs: Variable[]): Variable {
    return this.callAll(...inputs)[0]!; // forward returns at least one number
  }

  /** The same for a function with several results. All remember where they come from. */
  callAll(...inputs: Variable[]): Variable[] {
    const xs = inputs.map(dataOf);
    const ys = [this.forward(...xs)].flat();
    const outputs = ys.map((y) => new Variable(y));
    this.generation = Math.max(...inputs.map((x) => x.generation));
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

/** The functions on all ways to y, the highest generation first: none comes before those that use what it made. */
export function functionsBehind(y: Variable): Func[] {
  const found = new Set(y.creator ? [y.creator] : []); // the loop also goes through what is added on the way
  for (const f of found) for (const x of f.inputs) if (x.creator) found.add(x.creator);
  return [...found].sort((f, g) => g.generation - f.generation);
}

export function main(): void {
  const x = new Variable(2);
  const a = square(x);
  const [b, c] = [square(a), square(a)];
  const y = add(b, c);
  const generations = Object.entries({ x, a, b, c, y }).map(([name, v]) => `${name} ${v.generation}`);
  console.log(`generations: ${generations.join(', ')}`);

  const order = functionsBehind(y).map((f) => `${f.constructor.name} (${f.generation})`);
  console.log(`the way back: ${order.join(', ')}`);

  y.backward();
  console.log(`y = 2(x²)² at 2: ${y.data}`);
  console.log(`dy/dx = ${x.grad} (step 14 said 96)`);
}

if (require.main === module) void main();
