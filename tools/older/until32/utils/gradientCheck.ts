/** Before step 32 there are no gradients of gradients to check. */
import type { Variable } from '../../../../dezero/core';
import type { NDArray } from '../../../../dezero/ndarray';
import type { GradientCheckOptions, GradientCheckResult } from '../../../../dezero/utils/gradientCheck';

declare class Check {
  constructor(f: (...xs: Variable[]) => Variable, inputs: readonly (NDArray | Variable)[], eps: number, seed: number);
  firstOrder(): { error: number; worst: string };
}
declare function verdict(found: { error: number; worst: string }, tolerance: number): GradientCheckResult;

/**
 * Compares a function's gradient with numerical differences, element by element: with L = Σ w·f(x) for random w, ∂L/∂x against
 * (L(x + ε) − L(x − ε)) / 2ε. `f` takes the inputs as Variables (float64) and returns one. The result names the element that is most off.
 * @throws ValueError for inputs that are not float64: differences of float32 say nothing.
 * @since 28
 */
export function gradientCheck(
  f: (...xs: Variable[]) => Variable,
  inputs: readonly (NDArray | Variable)[],
  { tolerance = 1e-6, eps = 1e-5, seed = 0 }: GradientCheckOptions = {},
): GradientCheckResult {
  return verdict(new Check(f, inputs, eps, seed).firstOrder(), tolerance);
}
