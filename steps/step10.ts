// builds on step09, changes: refused, Outcome, checkValue, randomNumbers, gradientCheck, WrongSquare, runTests
/**
 * Step 10 · Testing: expected values and gradient checking.
 *
 * A wrong gradient does not crash: the network learns, only worse. So we test. An expected value checks a case we
 * know. The gradient check needs no known cases: at random inputs, backward and the numerical derivative of step 04
 * must agree. A function with a bug, made on purpose, shows that the check finds it.
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

  /** Passes the gradient on to all this was computed from, link by link. Starts from `grad` if there is one, else from 1. */
  backward(): void {
    this.grad ??= 1; // dy/dy
    let gy = this.grad;
    for (let f = this.creator; f; f = f.input.creator) {
      gy = f.backward(gy);
      f.input.grad = gy;
    }
  }
}

/** A function from Variable to Variable. `Func`, since JavaScript has already taken the name Function. */
export abstract class Func {
  input!: Variable; // what it was called with last: set by call, which comes before backward

  /** Opens the box, computes, and returns a new box with the result. Both remember where they come from. */
  call(input: Variable): Variable {
    const y = this.forward(dataOf(input));
    const output = new Variable(y);
    this.input = input;
    output.setCreator(this);
    return output;
  }

  /** The result from the number in the box. */
  abstract forward(x: number): number;
  /** The input's gradient from the output's gradient gy: gx = gy · dy/dx. */
  abstract backward(gy: number): number;
}

/** y = x², so gx = gy · 2x. */
export class Square extends Func {
  forward(x: number): number {
    return x ** 2;
  }
  backward(gy: number): number {
    return gy * 2 * this.input.data;
  }
}

/** y = eˣ, so gx = gy · eˣ. */
export class Exp extends Func {
  forward(x: number): number {
    return Math.exp(x);
  }
  backward(gy: number): number {
    return gy * Math.exp(this.input.data);
  }
}

/** A bug on purpose: the 2 of gx = gy · 2x is missing. */
export class WrongSquare extends Square {
  override backward(gy: number): number {
    return gy * this.input.data;
  }
}

export const square = (x: Variable): Variable => new Square().call(x);
export const exp = (x: Variable): Variable => new Exp().call(x);

/** y = (exp(x²))²: three functions in a chain. */
export const composite = (x: Variable): Variable => square(exp(square(x)));

/** The number in the box; anything but a box is refused. */
export function dataOf(x: Variable): number {
  if (x instanceof Variable) return x.data;
  throw new TypeError(`expected a Variable, got type ${typeof x}: put it into a box first, with new Variable(…)`);
}

/** The slope of f at x from two points near it, one on either side: (f(x + eps) − f(x − eps)) / 2eps. */
export function numericalDiff(f: (x: Variable) => Variable, x: Variable, eps = 1e-4): number {
  const y0 = f(new Variable(x.data - eps));
  const y1 = f(new Variable(x.data + eps));
  return (y1.data - y0.data) / (2 * eps);
}

/** What a test found; `detail` says where it went wrong. */
export type Outcome = { readonly ok: boolean; readonly detail: string };

/** Passes if the number is the expected one, up to rounding. */
export function checkValue(got: number | null, expected: number): Outcome {
  const ok = got !== null && Math.abs(got - expected) <= 1e-12 * Math.max(1, Math.abs(expected));
  return { ok, detail: `expected ${expected}, got ${got}` };
}

/** Numbers between −1 and 1 that look random, the same ones each time: a test that fails must fail again. */
export function randomNumbers(count: number, seed = 1): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 31 - 1;
  });
}

/** Passes if backward and the numerical derivative agree at ten random inputs. */
export function gradientCheck(f: (x: Variable) => Variable): Outcome {
  for (const number of randomNumbers(10)) {
    const x = new Variable(number);
    f(x).backward();
    const expected = numericalDiff(f, x);
    const ok = x.grad !== null && Math.abs(x.grad - expected) <= 1e-6 * Math.max(1, Math.abs(expected));
    const both = `backward says ${x.grad?.toFixed(6)}, differences ${expected.toFixed(6)}`;
    if (!ok) return { ok, detail: `at ${number.toFixed(3)} ${both}` };
  }
  return { ok: true, detail: 'backward and differences agree' };
}

/** Runs every test of the table, prints a line for each and returns how many passed. */
export function runTests(tests: Record<string, () => Outcome>): number {
  const outcomes = Object.entries(tests).map(([name, test]) => ({ name, ...test() }));
  for (const { name, ok, detail } of outcomes) console.log(ok ? `  ok      ${name}` : `  FAILED  ${name}: ${detail}`);
  return outcomes.filter(({ ok }) => ok).length;
}

export function main(): void {
  const x = new Variable(3);
  square(x).backward();

  const passed = runTests({
    'square(2) is 4': () => checkValue(square(new Variable(2)).data, 4),
    'the slope of square at 3 is 6': () => checkValue(x.grad, 6),
    'gradient check of square': () => gradientCheck(square),
    'gradient check of exp': () => gradientCheck(exp),
    'gradient check of the chain': () => gradientCheck(composite),
    'gradient check of a square with a bug': () => gradientCheck((x) => new WrongSquare().call(x)),
  });
  console.log(`${passed} of 6 passed; the check found the bug made on purpose: ${passed === 5}`);
}

if (require.main === module) void main();
