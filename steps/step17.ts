// builds on step16, changes: WeakSquare, memoryInUse, heldBy, iteration, repeat, carryState, weakRun
/**
 * Step 17 · Memory: who keeps the graph alive?
 *
 * A Variable points to its creator, and the creator to its outputs: a circle. Python counts references, and in a
 * circle no count falls to zero; JavaScript traces what can still be reached, so the circle goes when nobody holds
 * it. We measure that, then what really leaks: a list of losses, a state carried over. The mend from Python, weak
 * references, makes it worse here, and is refused.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

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

/** A Square without the circle: weak references lead to its outputs. */
export class WeakSquare extends Square {
  weakOutputs: WeakRef<Variable>[] = []; // what it made, if that is still there

  override callAll(...inputs: Variable[]): Variable[] {
    const outputs = super.callAll(...inputs);
    this.weakOutputs = outputs.map((y) => new WeakRef(y));
    this.outputs = [];
    return outputs;
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

/** Megabytes in use once garbage is collected: Node does that on demand under a flag, which can also be set on the way. */
export function memoryInUse(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed / 1e6;
}

/** Megabytes that stay in use as long as what f returns is kept. */
export function heldBy(f: () => unknown): number {
  const before = memoryInUse();
  const kept = [f()];
  const held = memoryInUse() - before;
  kept.pop(); // used here, so that it was not garbage a line earlier
  return Math.max(held, 0); // older garbage may have gone meanwhile
}

/** A training iteration in small: a loss 1,000 functions behind its input, and its gradients. */
export function iteration(x: Variable): Variable {
  let loss = x;
  for (let i = 0; i < 1000; i++) loss = square(loss);
  loss.backward();
  return loss;
}

/** What f returns, thirty times. */
export const repeat = <T>(f: () => T): T[] => Array.from({ length: 30 }, f);

/** A state that passes from iteration to iteration; `cut` keeps its number and drops its past. */
export function carryState({ cut }: { cut: boolean }): Variable {
  let state = new Variable(1);
  repeat(() => (state = iteration(cut ? new Variable(state.data) : state)));
  return state;
}

/** Megabytes held by weak references alone: in the same synchronous run, and one turn of the event loop later. */
export async function weakRun(): Promise<{ within: number; later: number }> {
  const before = memoryInUse();
  repeat(() => {
    let y = new Variable(1);
    for (let i = 0; i < 1000; i++) y = new WeakSquare().call(y);
  });
  const within = memoryInUse() - before;
  await nextTurn();
  return { within, later: Math.max(memoryInUse() - before, 0) };
}

export async function main(): Promise<void> {
  const y = square(new Variable(1));
  console.log(`a circle: y.creator.outputs[0] is y: ${y.creator?.outputs[0] === y}`);

  const run = () => iteration(new Variable(1));
  const show = (what: string, held: number) => console.log(`  ${what.padEnd(42)} ~${held.toFixed(1)} MB`);
  const keep = (what: string, f: () => unknown) => show(what, heldBy(f));
  console.log('30 iterations of 1,000 functions; what stays in memory when we keep');
  keep('nothing: the circles are collected', () => void repeat(run));
  keep('the losses: each holds its whole graph', () => repeat(run));
  keep('the numbers in them (loss.data)', () => repeat(() => run().data));
  keep('the last state, carried over', () => carryState({ cut: false }));
  keep('the last state, cut: new Variable(s.data)', () => carryState({ cut: true }));

  const { within, later } = await weakRun();
  console.log('weak references instead of the circle, and nothing kept');
  show('in the same synchronous run', within);
  show('one turn of the event loop later', later);
  console.log('a training loop is one synchronous run: weak references are refused');
}

if (require.main === module) void main();
