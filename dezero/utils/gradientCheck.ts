import { asVariable, noGrad, Variable, type BackwardOptions } from '../core';
import * as nd from '../ndarray';
import { array, Generator, ValueError, type NDArray } from '../ndarray';

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

/**
 * Compares a function's gradient with numerical differences, element by element: with L = Σ w·f(x) for random w, the first order is
 * ∂L/∂x against (L(x + ε) − L(x − ε)) / 2ε, and the second the same for M = Σ v·∂L/∂x with random v.
 * `f` takes the inputs as Variables (float64) and returns one. The result names the element that is most off.
 * @throws ValueError for inputs that are not float64: differences of float32 say nothing.
 * @example
 * gradientCheck((x) => F.sin(x), [array([0.1, 0.2])]).error < 1e-6; // → true
 * @since 28
 */
export function gradientCheck(
  f: (...xs: Variable[]) => Variable,
  inputs: readonly (NDArray | Variable)[],
  { second = true, tolerance = 1e-6, eps = 1e-5, seed = 0 }: GradientCheckOptions = {},
): GradientCheckResult {
  const check = new Check(f, inputs, eps, seed);
  const first = check.firstOrder();
  if (!second) return verdict(first, tolerance);
  const found = check.secondOrder();
  return verdict(found.error > first.error ? found : first, tolerance);
}

/** The inputs of one check, and the random weights of its sums: the same each time, one set a result. */
class Check {
  private readonly xs: readonly Variable[];
  private readonly generator: Generator;
  private readonly weights = new Map<string, NDArray>();

  constructor(
    private readonly f: (...xs: Variable[]) => Variable,
    inputs: readonly (NDArray | Variable)[],
    private readonly eps: number,
    seed: number,
  ) {
    this.xs = inputs.map((x) => new Variable(array(Float64Array.from(float64Values(x)), { shape: x.shape })));
    this.generator = new Generator(seed);
  }

  firstOrder(): Found {
    const L = () => noGrad(() => this.weigh('y', this.f(...this.xs)));
    return compare('first order', L, this.xs, this.gradients({}), this.eps);
  }

  /** @since 32 */
  secondOrder(): Found {
    this.gradients({ createGraph: true }).forEach((g, i) => g && pull(g, this.weightsOf(`g${i}`, g), {}));
    const grads = this.takeGrads();
    const M = () => this.gradients({}).reduce((sum, g, i) => sum + (g ? this.weigh(`g${i}`, g) : 0), 0);
    return compare('second order', M, this.xs, grads, this.eps);
  }

  /** ∂L/∂x for each input; null where there is none. */
  private gradients(options: BackwardOptions): (Variable | null)[] {
    const y = this.f(...this.xs);
    pull(y, this.weightsOf('y', y), options);
    return this.takeGrads();
  }

  private takeGrads(): (Variable | null)[] {
    return this.xs.map((x) => {
      const { grad } = x;
      x.clearGrad();
      return grad;
    });
  }

  private weigh(key: string, y: Variable): number {
    return nd.sum(nd.mul(y.data, this.weightsOf(key, y))).item();
  }

  private weightsOf(key: string, y: Variable): NDArray {
    const values = () => Float64Array.from({ length: y.size }, () => this.generator.next() + 0.5);
    const w = this.weights.get(key) ?? array(values(), { shape: y.shape });
    this.weights.set(key, w);
    return w;
  }
}

/** Adds ∂(Σ w·y)/∂x to the gradient of each x behind y, or of y itself if it is a leaf. */
function pull(y: Variable, w: NDArray, options: BackwardOptions): void {
  const before = y.creator ? null : y.grad;
  y.grad = asVariable(before ? nd.add(before.data, w) : w);
  if (y.creator) y.backward(options);
}

interface Found {
  readonly error: number;
  readonly worst: string;
}

function verdict(found: Found, tolerance: number): GradientCheckResult {
  return { ok: found.error <= tolerance, ...found };
}

function float64Values(x: NDArray | Variable): ArrayLike<number> {
  if (x.dtype !== 'float64')
    throw new ValueError(
      `gradientCheck: inputs must be float64, not ${x.dtype}; make them with new Variable(…) or astype`,
    );
  return x.values;
}

/** Largest disagreement between given gradients of L and its differences. */
function compare(
  order: string,
  L: () => number,
  xs: readonly Variable[],
  grads: readonly (Variable | null)[],
  eps: number,
): Found {
  let error = 0;
  let worst = `${order}: all elements agree`;
  xs.forEach((x, input) => {
    const values = x.values; // the memory itself: changed in place, put back
    const analytic = grads[input]?.values;
    for (let i = 0; i < values.length; i++) {
      const original = values[i] ?? 0;
      const at = (value: number): number => {
        values[i] = value;
        return L();
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
