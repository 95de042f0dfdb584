/** One optimizer step on the cpu, element by element. The rules are documented in `dezero/optimizers`. */
import type { ParameterUpdate, TypedArray, UpdateRule } from '../backend';
import { dense } from './elementwise';

type Settings = ParameterUpdate['settings'];
type Step = (p: TypedArray, g: TypedArray, state: readonly TypedArray[], settings: Settings) => void;

/** p ← p − lr·g */
const sgd: Step = (p, g, _, { lr }) => {
  for (let i = 0; i < p.length; i++) p[i] -= lr * g[i];
};

/** v ← μ·v − lr·g; p ← p + v */
const momentum: Step = (p, g, [v], { lr, momentum }) => {
  for (let i = 0; i < p.length; i++) {
    v[i] = momentum * v[i] - lr * g[i];
    p[i] += v[i];
  }
};

/** v ← μ·v − lr·g; p ← p + μ·v − lr·g */
const nesterov: Step = (p, g, [v], { lr, momentum }) => {
  for (let i = 0; i < p.length; i++) {
    v[i] = momentum * v[i] - lr * g[i];
    p[i] += momentum * v[i] - lr * g[i];
  }
};

/** h ← h + g²; p ← p − lr·g / (√h + ε) */
const adaGrad: Step = (p, g, [h], { lr, eps }) => {
  for (let i = 0; i < p.length; i++) {
    h[i] += g[i] * g[i];
    p[i] -= (lr * g[i]) / (Math.sqrt(h[i]) + eps);
  }
};

/** s ← ρ·s + (1 − ρ)·g²; d = √(u + ε)/√(s + ε)·g; u ← ρ·u + (1 − ρ)·d²; p ← p − lr·d */
const adaDelta: Step = (p, g, [s, u], { lr, rho, eps }) => {
  for (let i = 0; i < p.length; i++) {
    s[i] = rho * s[i] + (1 - rho) * g[i] * g[i];
    const d = (Math.sqrt(u[i] + eps) / Math.sqrt(s[i] + eps)) * g[i];
    u[i] = rho * u[i] + (1 - rho) * d * d;
    p[i] -= lr * d;
  }
};

/** s ← α·s + (1 − α)·g²; p ← p − lr·g / (√s + ε) */
const rmsProp: Step = (p, g, [s], { lr, alpha, eps }) => {
  for (let i = 0; i < p.length; i++) {
    s[i] = alpha * s[i] + (1 - alpha) * g[i] * g[i];
    p[i] -= (lr * g[i]) / (Math.sqrt(s[i]) + eps);
  }
};

/** m ← β₁·m + (1 − β₁)·g; v ← β₂·v + (1 − β₂)·g²; p ← p·(1 − lr·λ) − lr·m̂ / (√v̂ + ε), with m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ) */
const adam: Step = (p, g, [m, v], { lr, beta1, beta2, eps, step, weightDecay = 0 }) => {
  const correct1 = 1 - beta1 ** step;
  const correct2 = Math.sqrt(1 - beta2 ** step);
  const shrink = 1 - lr * weightDecay;
  for (let i = 0; i < p.length; i++) {
    m[i] = beta1 * m[i] + (1 - beta1) * g[i];
    v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i];
    p[i] = p[i] * shrink - ((lr / correct1) * m[i]) / (Math.sqrt(v[i]) / correct2 + eps);
  }
};

const RULES: Record<UpdateRule, Step> = { sgd, momentum, nesterov, adaGrad, adaDelta, rmsProp, adam, adamW: adam };

/** Changes a parameter and its state in place. @since 37 */
export function update(rule: UpdateRule, { parameter, grad, state, settings }: ParameterUpdate): void {
  RULES[rule](dense(parameter), dense(grad), state.map(dense), settings);
}
