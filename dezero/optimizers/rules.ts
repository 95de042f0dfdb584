import { Optimizer, type OptimizerOptions } from './optimizer';

/**
 * Gradient descent: p ← p − lr·g. Default lr 0.01.
 * @example
 * const W = new Parameter([1, 2]);
 * const optimizer = new O.SGD({ lr: 0.1 }).setup([{ params: [W] }]);
 * W.square().sum().backward(); // its gradient is 2W
 * optimizer.update();
 * W; // → variable([0.8 1.6])
 * @since 37
 */
export class SGD extends Optimizer {
  protected override readonly rule = 'sgd';
  protected override readonly stateNames: readonly string[] = [];
  /** `{ lr, schedule }`. @since 37 */
  constructor({ lr = 0.01, schedule }: OptimizerOptions = {}) {
    super({ lr }, schedule);
  }
}

/**
 * Gradient descent with a velocity: v ← μ·v − lr·g, p ← p + v (Polyak, 1964). Defaults lr 0.01, momentum μ 0.9.
 * @example
 * const W = new Parameter([1, 2]);
 * const optimizer = new O.MomentumSGD({ lr: 0.1 }).setup([{ params: [W] }]);
 * for (let i = 0; i < 2; i++) {
 *   W.clearGrad();
 *   W.square().sum().backward();
 *   optimizer.update(); // from 1 to 0.8, and faster on
 * }
 * W; // → variable([0.46 0.92])
 * @since 37
 */
export class MomentumSGD extends Optimizer {
  protected override readonly rule = 'momentum';
  protected override readonly stateNames = ['velocity'];
  /** `{ lr, momentum, schedule }`. @since 37 */
  constructor({ lr = 0.01, momentum = 0.9, schedule }: OptimizerOptions & { momentum?: number } = {}) {
    super({ lr, momentum }, schedule);
  }
}

/**
 * Momentum that looks ahead: v ← μ·v − lr·g, p ← p + μ·v − lr·g (Nesterov, 1983). Defaults lr 0.01, momentum μ 0.9.
 * @example
 * const W = new Parameter([1, 2]);
 * const optimizer = new O.NesterovSGD({ lr: 0.1 }).setup([{ params: [W] }]);
 * W.square().sum().backward();
 * optimizer.update();
 * W; // → variable([0.62 1.24])
 * @since 37
 */
export class NesterovSGD extends Optimizer {
  protected override readonly rule = 'nesterov';
  protected override readonly stateNames = ['velocity'];
  /** `{ lr, momentum, schedule }`. @since 37 */
  constructor({ lr = 0.01, momentum = 0.9, schedule }: OptimizerOptions & { momentum?: number } = {}) {
    super({ lr, momentum }, schedule);
  }
}

/**
 * A rate for each element, falling with all its past gradients: h ← h + g², p ← p − lr·g / (√h + ε) (Duchi et al., 2011). Defaults lr 0.01, ε 1e-8.
 * @example
 * const W = new Parameter([1, 200]);
 * const optimizer = new O.AdaGrad({ lr: 0.1 }).setup([{ params: [W] }]);
 * W.square().sum().backward(); // gradients of 2 and 400: equal steps
 * optimizer.update();
 * W; // → variable([  0.9 199.9])
 * @since 37
 */
export class AdaGrad extends Optimizer {
  protected override readonly rule = 'adaGrad';
  protected override readonly stateNames = ['squares'];
  /** `{ lr, eps, schedule }`. @since 37 */
  constructor({ lr = 0.01, eps = 1e-8, schedule }: OptimizerOptions & { eps?: number } = {}) {
    super({ lr, eps }, schedule);
  }
}

/**
 * Steps in the parameter's own units: s ← ρ·s + (1 − ρ)·g², d = √(u + ε) / √(s + ε) · g, u ← ρ·u + (1 − ρ)·d², p ← p − lr·d
 * (Zeiler, 2012). Defaults ρ 0.9, ε 1e-6, lr 1.
 * @example
 * const W = new Parameter([1, 200]);
 * const optimizer = new O.AdaDelta().setup([{ params: [W] }]);
 * // no lr to choose: the first steps are small, and equal
 * W.square().sum().backward();
 * optimizer.update();
 * W; // → variable([0.99683773  199.99684])
 * @since 37
 */
export class AdaDelta extends Optimizer {
  protected override readonly rule = 'adaDelta';
  protected override readonly stateNames = ['squares', 'changes'];
  /** `{ rho, eps, lr, schedule }`. @since 37 */
  constructor({ rho = 0.9, eps = 1e-6, lr = 1, schedule }: OptimizerOptions & { rho?: number; eps?: number } = {}) {
    super({ lr, rho, eps }, schedule);
  }
}

/**
 * A rate for each element, by its recent gradients: s ← α·s + (1 − α)·g², p ← p − lr·g / (√s + ε) (Tieleman and Hinton, 2012). Defaults lr 0.01, α 0.99, ε 1e-8.
 * @example
 * const W = new Parameter([1, 200]);
 * const optimizer = new O.RMSprop({ lr: 0.01 }).setup([{ params: [W] }]);
 * W.square().sum().backward(); // gradients of 2 and 400: equal steps
 * optimizer.update();
 * W; // → variable([  0.9 199.9])
 * @since 37
 */
export class RMSprop extends Optimizer {
  protected override readonly rule = 'rmsProp';
  protected override readonly stateNames = ['squares'];
  /** `{ lr, alpha, eps, schedule }`. @since 37 */
  constructor({
    lr = 0.01,
    alpha = 0.99,
    eps = 1e-8,
    schedule,
  }: OptimizerOptions & { alpha?: number; eps?: number } = {}) {
    super({ lr, alpha, eps }, schedule);
  }
}

/** Adam's own numbers. @since 37 */
export interface AdamOptions extends OptimizerOptions {
  /** Memory of the mean; default 0.9. @since 37 */
  readonly beta1?: number;
  /** Memory of the square; default 0.999. @since 37 */
  readonly beta2?: number;
  /** Keeps the division finite; default 1e-8. @since 37 */
  readonly eps?: number;
}

/**
 * Mean and square of recent gradients, both corrected for starting at 0: m ← β₁·m + (1 − β₁)·g, v ← β₂·v + (1 − β₂)·g²,
 * p ← p − lr · m̂ / (√v̂ + ε), m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ) (Kingma and Ba, 2015). Default lr 0.001.
 * @example
 * const W = new Parameter([1, 200]);
 * const optimizer = new O.Adam({ lr: 0.1 }).setup([{ params: [W] }]);
 * W.square().sum().backward(); // gradients of 2 and 400: both move by lr
 * optimizer.update();
 * W; // → variable([  0.9 199.9])
 * @since 37
 */
export class Adam extends Optimizer {
  protected override readonly rule = 'adam';
  protected override readonly stateNames = ['mean', 'square'];
  /** `{ lr, beta1, beta2, eps, schedule }`. @since 37 */
  constructor({ lr = 0.001, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, schedule }: AdamOptions = {}) {
    super({ lr, beta1, beta2, eps }, schedule);
  }
}

/**
 * Adam whose weight decay is a shrinking apart, p ← p·(1 − lr·λ), not part of g (Loshchilov and Hutter, 2019). Defaults lr 0.001, weightDecay λ 0.01.
 * @example
 * const W = new Parameter([1, 200]);
 * const optimizer = new O.AdamW({ lr: 0.1, weightDecay: 0.1 }).setup([
 *   { params: [W] },
 * ]);
 * // beside Adam's step, each shrinks by a hundredth
 * W.square().sum().backward();
 * optimizer.update();
 * W; // → variable([ 0.89 197.9])
 * @since 37
 */
export class AdamW extends Optimizer {
  protected override readonly rule = 'adamW';
  protected override readonly stateNames = ['mean', 'square'];
  /** `{ lr, weightDecay, beta1, beta2, eps, schedule }`. @since 37 */
  constructor({
    lr = 0.001,
    weightDecay = 0.01,
    beta1 = 0.9,
    beta2 = 0.999,
    eps = 1e-8,
    schedule,
  }: AdamOptions & { weightDecay?: number } = {}) {
    super({ lr, weightDecay, beta1, beta2, eps }, schedule);
  }
}
