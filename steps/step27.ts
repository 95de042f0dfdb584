// builds on step18, changes: memoryInUse, heldBy, deepChain, memoryOf, logistic, logisticFormula, exactSlope, Answer, numerical, symbolic, automatic, operatorsIn
/**
 * Step 27 · Three ways to differentiate.
 *
 * Numerical: move x a little and look. Always possible, never exact, and each input costs another run. Symbolic: turn
 * the formula into the formula of its derivative, as at school; here mathjs does it. Exact, but the product rule writes
 * both factors down twice, and a formula nested n times swells beyond all measure. Automatic, what we have built:
 * exact too, and it never writes a formula; what two ways share is computed once, so the cost grows as the program does.
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

/** y = 4x(1 − x), then the same of y, and so on: a short program whose formula grows fast, for y stands in it twice. */
export function logistic(x: Variable, times: number): Variable {
  const [four, one, minusOne] = [new Variable(4), new Variable(1), new Variable(-1)];
  let y = x;
  for (let i = 0; i < times; i++) y = mul(mul(four, y), add(one, mul(minusOne, y)));
  return y;
}

/** The same as a formula in x. */
export function logisticFormula(times: number): string {
  if (times === 0) return 'x';
  const y = times === 1 ? 'x' : `(${logisticFormula(times - 1)})`;
  return `4 * ${y} * (1 - ${y})`;
}

/** The true slope, for comparison. This program is an old acquaintance: with x = sin²(t), y is sin²(2ⁿ t). */
export function exactSlope(x: number, times: number): number {
  const t = Math.asin(Math.sqrt(x));
  return (2 ** times * Math.sin(2 ** (times + 1) * t)) / Math.sin(2 * t);
}

/** A slope, and how many operations it took: runs of forward and of backward, or operators in a formula. */
export type Answer = { readonly value: number; readonly operations: number };

/** The slope between two points near x (step 04). */
export function numerical(x: number, times: number, eps = 1e-4): Answer {
  const [y0, y1] = [logistic(new Variable(x - eps), times), logistic(new Variable(x + eps), times)];
  return { value: (y1.data - y0.data) / (2 * eps), operations: 2 * functionsBehind(y0).length };
}

/** The derivative as a formula, evaluated at x; `simplify` lets mathjs tidy it up first. */
export async function symbolic(x: number, times: number, { simplify = false } = {}): Promise<Answer> {
  const { derivative } = await import('mathjs');
  const slope = derivative(logisticFormula(times), 'x', { simplify });
  return { value: slope.evaluate({ x }) as number, operations: operatorsIn(slope.toString()) };
}

/** Forward once, and backward once. */
export function automatic(x: number, times: number): Answer {
  const v = new Variable(x);
  const y = logistic(v, times);
  y.backward();
  return { value: v.grad ?? 0, operations: 2 * functionsBehind(y).length };
}

/** How long a formula is. */
export const operatorsIn = (formula: string): number => formula.match(/[-+*/^]/g)?.length ?? 0;

export async function main(): Promise<void> {
  const { derivative } = await import('mathjs');
  const x = 0.2;
  console.log('the formula and its derivative, as mathjs writes it:');
  for (const times of [1, 2]) {
    const formula = logisticFormula(times);
    console.log(`  n = ${times}: ${formula}`);
    console.log(`         ${derivative(formula, 'x', { simplify: false }).toString()}`);
  }

  console.log(`\nthe slope of y = 4x(1 − x), nested n times, at ${x}:`);
  console.log('  n  way               value         error  operations     time');
  for (const times of [1, 2, 4, 6, 8]) {
    for (const [way, differentiate] of Object.entries({ numerical, symbolic, automatic })) {
      const start = performance.now();
      const { value, operations } = await differentiate(x, times);
      const time = `~${(performance.now() - start).toFixed(1)} ms`;
      const error = Math.abs(value / exactSlope(x, times) - 1).toExponential(0);
      const cells = [value.toPrecision(12).padStart(16), error.padStart(8), String(operations).padStart(11)];
      console.log(`  ${times}  ${way.padEnd(10)} ${cells.join(' ')} ${time.padStart(11)}`);
    }
  }

  const [long, tidy] = [await symbolic(x, 3), await symbolic(x, 3, { simplify: true })];
  const graph = automatic(x, 3).operations / 2;
  console.log('\nexpression swell: nested 3 times,');
  console.log(`  the formula has ${operatorsIn(logisticFormula(3))} operators, the graph ${graph} functions,`);
  console.log(`  the derivative ${long.operations} operators, tidied up by mathjs ${tidy.operations}`);
}

if (require.main === module) void main();
