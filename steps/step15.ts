// builds on step14, changes: backwardOverwriting, backwardInOrder, isTopological, ordersOf
/**
 * Step 15 · Why order matters: topological order.
 *
 * Take a = x², b = a², c = a² and y = b + c: two ways lead from a to y. Step 14 takes the functions as it finds them:
 * it passes a's gradient on when only one of the two parts is there, and once more when both are. So x is told too
 * much. A function's turn may come only after all that use what it made: such an order is called topological. We try
 * every order: those, and only those, are right.
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

/** Calls each function's backward once, in this order. */
export function backwardInOrder(y: Variable, order: readonly Func[]): void {
  for (const f of order) for (const v of [...f.inputs, ...f.outputs]) v.clearGrad();
  y.grad = 1; // dy/dy
  for (const f of order) {
    const gys = f.outputs.map((output) => output.grad ?? 0);
    const gxs = [f.backward(...gys)].flat();
    for (const [i, gx] of gxs.entries()) {
      const x = f.input(i);
      x.grad = (x.grad ?? 0) + gx;
    }
  }
}

/** True if no function comes before one that uses what it made. */
export function isTopological(order: readonly Func[]): boolean {
  const uses = (user: Func, f: Func) => user.inputs.some((x) => x.creator === f);
  return order.every((f, i) => !order.slice(i + 1).some((later) => uses(later, f)));
}

/** All orders of the items: each of them first, followed by all orders of the rest. */
export function ordersOf<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((first) => ordersOf(items.filter((item) => item !== first)).map((rest) => [first, ...rest]));
}

export function main(): void {
  const [A, B, C, D] = [new Square(), new Square(), new Square(), new Add()];
  const x = new Variable(2);
  const a = A.call(x);
  const y = D.call(B.call(a), C.call(a));
  console.log(`y = b + c = (x²)² + (x²)² at 2: ${y.data}; dy/dx = 8x³ = 64`);
  console.log('  A: a = x²   B: b = a²   C: c = a²   D: y = b + c');

  const names = new Map<Func, string>([[A, 'A'], [B, 'B'], [C, 'C'], [D, 'D']]); // prettier-ignore
  y.backward();
  console.log(`step 14 calls A after C already, and again after B: dy/dx = ${x.grad}, which is wrong`);

  console.log('D made y, so it is first; the other three in every order, each called once:');
  for (const rest of ordersOf([A, B, C])) {
    const order = [D, ...rest];
    backwardInOrder(y, order);
    const verdict = isTopological(order) ? 'topological, and right' : 'A before one that uses a';
    console.log(`  ${order.map((f) => names.get(f)).join(' ')}  dy/dx = ${x.grad}  ${verdict}`);
  }
}

if (require.main === module) void main();
