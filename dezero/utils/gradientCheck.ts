import { asVariable, noGrad, Variable } from '../core';
import { mul, sum } from '../functions';
import type { NDArray } from '../ndarray';
import { Generator, ValueError } from '../ndarray';

/** How a check is done. @since 28 */
export interface GradientCheckOptions {
  /** Also check the gradient of the gradient; default true. @since 32 */
  readonly second?: boolean;
  /** Largest relative error |a − n| / max(1, |a|, |n|) allowed; default 1e-6. @since 28 */
  readonly tolerance?: number;
  /** Distance of the differences; default 1e-5. @since 28 */
  readonly eps?: number;
  /** Of the random direction the outputs are weighed with; default 0. @since 28 */
  readonly seed?: number;
}

/** What a check found. @since 28 */
export interface GradientCheckResult {
  readonly ok: boolean;
  /** Largest relative error, over both orders. @since 28 */
  readonly error: number;
  /** Where it was, in words, with both values. @since 28 */
  readonly worst: string;
}

type Scalar = (inputs: readonly Variable[]) => Variable;

/**
 * Compares a function's gradient with numerical differences, element by element: with L = Σ w·f(x) for random w, the first order is
 * ∂L/∂x against (L(x + ε) − L(x − ε)) / 2ε, and the second the same for M = Σ v·∂L/∂x with random v.
 * `f` takes the inputs as Variables (float64) and returns one. The result names the element that is most off.
 * @throws ValueError for inputs that are not float64: differences of float32 say nothing.
 * @since 28
 */
export function gradientCheck(
  f: (...xs: Variable[]) => Variable,
  inputs: readonly (NDArray | Variable)[],
  { second = true, tolerance = 1e-6, eps = 1e-5, seed = 0 }: GradientCheckOptions = {},
): GradientCheckResult {
  const xs = inputs
    .map((x) => new Variable(Float64Array.from(float64Values(x)), null))
    .map((x, i) => shaped(x, inputs[i]));
  const generator = new Generator(seed);
  const weights = new Map<string, Variable>();
  // The same random weights each time: one set a result.
  const weigh = (key: string, y: Variable): Variable => {
    let w = weights.get(key);
    if (!w) weights.set(key, (w = asVariable(new Variable(randomLike(y, generator)).data)));
    return sum(mul(y, w));
  };
  const first: Scalar = (vs) => weigh('y', f(...vs));
  const gradients = (vs: readonly Variable[], createGraph: boolean): (Variable | null)[] => {
    for (const v of vs) v.clearGrad();
    const L = first(vs);
    if (L.creator) L.backward({ createGraph });
    const grads = vs.map((v) => v.grad);
    for (const v of vs) v.clearGrad();
    return grads;
  };
  const result = compare('first order', first, xs, gradients(xs, false), eps);
  if (!second) return verdict(result, tolerance);
  const directional: Scalar = (vs) => {
    const terms = gradients(vs, true).flatMap((g, i) => (g ? [weigh(`g${i}`, g)] : []));
    return terms.reduce((a, b) => a.add(b), asVariable(0)); // no terms: f is constant
  };
  const M = directional(xs);
  for (const x of xs) x.clearGrad();
  if (M.creator) M.backward();
  const grads = xs.map((x) => x.grad);
  const result2 = compare('second order', directional, xs, grads, eps);
  return verdict(result2.error > result.error ? result2 : result, tolerance);
}

function verdict(found: { error: number; worst: string }, tolerance: number): GradientCheckResult {
  return { ok: found.error <= tolerance, ...found };
}

function float64Values(x: NDArray | Variable): ArrayLike<number> {
  if (x.dtype !== 'float64')
    throw new ValueError(
      `gradientCheck: inputs must be float64, not ${x.dtype}; make them with new Variable(…) or astype`,
    );
  return x.values;
}

function shaped(flat: Variable, like: NDArray | Variable | undefined): Variable {
  return new Variable(flat.data.reshape(like?.shape ?? []));
}

function randomLike(y: Variable, generator: Generator): NDArray {
  const values = Float64Array.from({ length: y.size }, () => generator.next() + 0.5);
  return new Variable(values).data.reshape(y.shape);
}

/** Largest disagreement between given gradients of L and its differences. */
function compare(
  order: string,
  L: Scalar,
  xs: readonly Variable[],
  grads: readonly (Variable | null)[],
  eps: number,
): { error: number; worst: string } {
  let error = 0;
  let worst = `${order}: all elements agree`;
  xs.forEach((x, input) => {
    const values = x.values; // the memory itself: changed in place, put back
    const analytic = grads[input]?.values;
    for (let i = 0; i < values.length; i++) {
      const original = values[i] ?? 0;
      const at = (value: number): number => {
        values[i] = value;
        return order === 'first order' ? noGrad(() => L(xs)).item() : L(xs).item();
      };
      const numeric = (at(original + eps) - at(original - eps)) / (2 * eps);
      values[i] = original;
      const given = analytic?.[i] ?? 0;
      const relative = Math.abs(given - numeric) / Math.max(1, Math.abs(given), Math.abs(numeric));
      if (!(relative <= error)) {
        error = relative;
        worst = `${order}: input ${input}, element [${place(i, x.shape)}]: backward gives ${given}, differences give ${numeric}`;
      }
    }
  });
  return { error, worst };
}

function place(i: number, shape: readonly number[]): string {
  const index: number[] = [];
  let rest = i;
  for (const n of [...shape].reverse()) {
    index.unshift(rest % n);
    rest = Math.floor(rest / n);
  }
  return index.join(', ');
}
