// builds on step17, changes: Variable.backward, Func.callAll, WeakSquare, iteration, repeat, carryState, weakRun, config, noGrad, deepChain, memoryOf
/**
 * Step 18 · Using less memory: retainGrad and noGrad.
 *
 * Step 17 freed what nobody holds. Here we hold less. The gradients of the variables in between have done their work
 * once they are passed on: backward forgets them, unless `retainGrad` asks for them (and so a second backward no
 * longer passes the old ones on again). And who only wants the result (a network in use, not in training) needs no
 * graph at all: under `noGrad` no links are made, and each value can go as soon as the next is known.
 */
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

  /** Passes the gradient, `grad` or else 1, on to all this was computed from; `retainGrad` keeps it in between. */
  backward({ retainGrad = false }: { retainGrad?: boolean } = {}): void {
    this.grad ??= 1; // dy/dy
    for (const f of functionsBehind(this)) {
      const gys = f.outputs.map((y) => y.grad ?? 0); // an output that nobody used has none
      const gxs = [f.backward(...gys)].flat();
      for (const [i, gx] of gxs.entries()) {
        const x = f.input(i);
        x.grad = (x.grad ?? 0) + gx;
      }
      if (!retainGrad) for (const y of f.outputs) y.clearGrad(); // passed on, it has done its work
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

  /** The same for a function with several results. All remember where they come from, except under `noGrad`. */
  callAll(...inputs: Variable[]): Variable[] {
    const xs = inputs.map(dataOf);
    const ys = [this.forward(...xs)].flat();
    const outputs = ys.map((y) => new Variable(y));
    if (config.enableGrad) {
      this.generation = Math.max(...inputs.map((x) => x.generation));
      for (const output of outputs) output.setCreator(this);
      this.inputs = inputs;
      this.outputs = outputs;
    }
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

/** Settings of the engine: whether to record the graph while computing. */
export const config = { enableGrad: true };

/** Runs f without recording a graph; afterwards the setting is what it was, even if f throws. */
export function noGrad<T>(f: () => T): T {
  const before = config.enableGrad;
  config.enableGrad = false;
  try {
    return f();
  } finally {
    config.enableGrad = before;
  }
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

/** A chain of that many functions. The factor is such that 100,000 of them make e, nearly. */
export function deepChain(x: Variable, length: number): Variable {
  const factor = new Variable(1.00001);
  let y = x;
  for (let i = 0; i < length; i++) y = mul(y, factor);
  return y;
}

/** Of a chain of 100,000 functions: megabytes of its graph, those that backward adds, and variables left with a gradient. */
export function memoryOf({ retainGrad }: { retainGrad: boolean }): { graph: number; gradients: number; kept: number } {
  let y = new Variable(1);
  const graph = heldBy(() => (y = deepChain(y, 100_000)));
  const gradients = heldBy(() => y.backward({ retainGrad }));
  const results = functionsBehind(y).flatMap((f) => f.outputs);
  return { graph, gradients, kept: results.filter((result) => result.grad !== null).length };
}

export function main(): void {
  const x = new Variable(2);
  const a = square(x);
  const y = add(square(a), square(a));
  y.backward();
  console.log(`y = 2(x²)² at 2: dy/dx = ${x.grad}; in between nothing is left: dy/da = ${a.grad}`);
  y.backward();
  console.log(`a second backward adds the same once more: dy/dx = ${x.grad}`);
  x.clearGrad();
  y.backward({ retainGrad: true });
  console.log(`with retainGrad: dy/dx = ${x.grad}, dy/da = ${a.grad}`);

  const z = noGrad(() => square(x));
  console.log(`under noGrad: z = ${z.data}, made without a creator: ${z.creator === null}`);

  console.log('a chain of 100,000 functions');
  for (const retainGrad of [true, false]) {
    const { graph, gradients, kept } = memoryOf({ retainGrad });
    console.log(`  retainGrad: ${retainGrad}, gradients left: ${kept}`);
    console.log(`    graph ~${graph.toFixed(1)} MB, backward adds ~${gradients.toFixed(1)} MB`);
  }
  const held = heldBy(() => noGrad(() => deepChain(new Variable(1), 100_000)));
  console.log(`  noGrad: ~${held.toFixed(1)} MB`);
  console.log('(here a gradient is one number; that of an array is as large as the array)');
}

if (require.main === module) void main();
