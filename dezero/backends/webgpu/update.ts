/** One optimizer step. The rules are documented in `dezero/optimizers`. */
import type { UpdateRule, View } from '../backend';
import { countOf } from './layout';
import type { Queue } from './queue';
import { each, groupsFor } from './wgsl';

type Settings = Readonly<Record<string, number>>;

/** Names of what a rule keeps, and its formula in WGSL: p, g and these are elements, settings are `n.name`. */
const RULES: Record<UpdateRule, { readonly state: readonly string[]; readonly step: string }> = {
  sgd: { state: [], step: 'p -= n.lr * g;' },
  momentum: { state: ['v'], step: 'v = n.momentum * v - n.lr * g; p += v;' },
  nesterov: { state: ['v'], step: 'v = n.momentum * v - n.lr * g; p += n.momentum * v - n.lr * g;' },
  adaGrad: { state: ['h'], step: 'h += g * g; p -= n.lr * g / (sqrt(h) + n.eps);' },
  adaDelta: {
    state: ['s', 'u'],
    step: `s = n.rho * s + n.rest_rho * g * g;
  let d = sqrt(u + n.eps) / sqrt(s + n.eps) * g;
  u = n.rho * u + n.rest_rho * d * d;
  p -= n.lr * d;`,
  },
  rmsProp: { state: ['s'], step: 's = n.alpha * s + n.rest_alpha * g * g; p -= n.lr * g / (sqrt(s) + n.eps);' },
  adam: {
    state: ['m', 'v'],
    step: `m = n.beta1 * m + n.rest_beta1 * g;
  v = n.beta2 * v + n.rest_beta2 * g * g;
  p = p * n.shrink - n.rate * m / (sqrt(v) * n.correct2 + n.eps);`,
  },
  adamW: { state: ['m', 'v'], step: '' },
};
RULES.adamW = RULES.adam;

/** Numbers that are the same for all elements, computed once, in float64. */
function numbersOf(rule: UpdateRule, settings: Settings): Settings {
  const { lr, momentum, eps, rho, alpha, beta1, beta2, step, weightDecay = 0 } = settings;
  switch (rule) {
    case 'sgd':
      return { lr };
    case 'momentum':
    case 'nesterov':
      return { lr, momentum };
    case 'adaGrad':
      return { lr, eps };
    case 'adaDelta':
      return { lr, eps, rho, rest_rho: 1 - rho };
    case 'rmsProp':
      return { lr, eps, alpha, rest_alpha: 1 - alpha };
    case 'adam':
    case 'adamW':
      return {
        beta1,
        beta2,
        eps,
        rest_beta1: 1 - beta1,
        rest_beta2: 1 - beta2,
        rate: lr / (1 - beta1 ** step),
        correct2: 1 / Math.sqrt(1 - beta2 ** step),
        shrink: 1 - lr * weightDecay,
      };
    default:
      return rule satisfies never;
  }
}

/** Changes a parameter and its state in place. @since 48 */
export function update(
  queue: Queue,
  rule: UpdateRule,
  parameter: View,
  grad: View,
  state: readonly View[],
  settings: Settings,
): void {
  const count = countOf(parameter);
  if (count === 0) return;
  const { state: names, step } = RULES[rule];
  const writes: Record<string, View> = { parameter };
  names.forEach((name, i) => (writes[`${name}_array`] = state[i]));
  const at = Object.fromEntries(Object.entries({ grad, ...writes }).map(([key, x]) => [`${key}_at`, x.offset]));
  const load = names.map((name) => `var ${name} = ${name}_array[n.${name}_array_at + i];`);
  const save = names.map((name) => `${name}_array[n.${name}_array_at + i] = ${name};`);
  const body = `let g = grad[n.grad_at + i];
  var p = parameter[n.parameter_at + i];
  ${load.join(' ')}
  ${step}
  parameter[n.parameter_at + i] = p;
  ${save.join(' ')}`;
  queue.run({
    name: rule,
    key: '',
    body: () => each(body),
    reads: { grad },
    writes,
    whole: { count, ...at },
    real: numbersOf(rule, settings),
    groups: groupsFor(count),
  });
}
