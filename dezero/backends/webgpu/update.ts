/** One optimizer step. The rules are documented in `dezero/optimizers`. */
import type { ParameterUpdate, Storage, UpdateRule, View } from '../backend';
import { countOf } from './layout';
import { MOST_NUMBERS, type Queue } from './queue';
import { each, groupsFor } from './wgsl';

type Settings = ParameterUpdate['settings'];

/** Names of what a rule keeps, and its formula in WGSL: p, g and these are elements, settings are `s.name`. */
const RULES: Record<UpdateRule, { readonly state: readonly string[]; readonly step: string }> = {
  sgd: { state: [], step: 'p -= s.lr * g;' },
  momentum: { state: ['v'], step: 'v = s.momentum * v - s.lr * g; p += v;' },
  nesterov: { state: ['v'], step: 'v = s.momentum * v - s.lr * g; p += s.momentum * v - s.lr * g;' },
  adaGrad: { state: ['h'], step: 'h += g * g; p -= s.lr * g / (sqrt(h) + s.eps);' },
  adaDelta: {
    state: ['h', 'u'],
    step: `h = s.rho * h + s.rest_rho * g * g;
  let d = sqrt(u + s.eps) / sqrt(h + s.eps) * g;
  u = s.rho * u + s.rest_rho * d * d;
  p -= s.lr * d;`,
  },
  rmsProp: { state: ['h'], step: 'h = s.alpha * h + s.rest_alpha * g * g; p -= s.lr * g / (sqrt(h) + s.eps);' },
  adam: {
    state: ['m', 'v'],
    step: `m = s.beta1 * m + s.rest_beta1 * g;
  v = s.beta2 * v + s.rest_beta2 * g * g;
  p = p * s.shrink - s.rate * m / (sqrt(v) * s.correct2 + s.eps);`,
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

/** One optimizer step for all of `members`, as many in one run as the device lets a kernel have arrays. @since 48 */
export function update(queue: Queue, rule: UpdateRule, members: readonly ParameterUpdate[]): void {
  const some = members.filter(({ parameter }) => countOf(parameter) > 0);
  if (some.length === 0) return;
  const arrays = viewsOf(some[0]).length;
  const numbers = 1 + arrays + Object.keys(numbersOf(rule, some[0].settings)).length;
  const most = Math.min(
    Math.floor(queue.device.limits.maxStorageBuffersPerShaderStage / arrays),
    Math.floor((MOST_NUMBERS - 1) / numbers),
  );
  let together: ParameterUpdate[] = [];
  for (const member of some) {
    // An array that a kernel writes may not be in it twice, as when two parameters are pieces of one array.
    if (together.length === most || together.some((other) => overlap(member, other))) {
      run(queue, rule, together);
      together = [];
    }
    together.push(member);
  }
  run(queue, rule, together);
}

const viewsOf = ({ parameter, grad, state }: ParameterUpdate) => [grad, parameter, ...state];

/** True if one writes memory that the other uses. */
function overlap(a: ParameterUpdate, b: ParameterUpdate): boolean {
  const uses = (one: ParameterUpdate, storage: Storage) => viewsOf(one).some((x) => x.storage === storage);
  const meet = (one: ParameterUpdate, other: ParameterUpdate) =>
    [one.parameter, ...one.state].some(({ storage }) => uses(other, storage));
  return meet(a, b) || meet(b, a);
}

/** One run: the invocations of the first parameter, then those of the second, and so on. */
function run(queue: Queue, rule: UpdateRule, members: readonly ParameterUpdate[]): void {
  const { state: names, step } = RULES[rule];
  const reads: Record<string, View> = {};
  const writes: Record<string, View> = {};
  const whole: Record<string, number> = { count: 0 };
  const real: Record<string, number> = {};
  members.forEach((member, k) => {
    reads[`grads${k}`] = member.grad;
    writes[`parameters${k}`] = member.parameter;
    names.forEach((name, i) => (writes[`${name}s${k}`] = member.state[i]));
    whole.count += countOf(member.parameter);
    whole[`end${k}`] = whole.count;
    for (const [name, value] of Object.entries(numbersOf(rule, member.settings))) real[`${name}${k}`] = value;
  });
  for (const [name, { offset }] of Object.entries({ ...reads, ...writes })) whole[`${name}_at`] = offset;
  const settings = Object.keys(numbersOf(rule, members[0].settings));
  const element = (name: string, k: number) => `${name}s${k}[n.${name}s${k}_at + at]`;
  const own = (k: number) => `if (i < n.end${k}) {
    let at = i${k > 0 ? ` - n.end${k - 1}` : ''};
    let s = Settings(${settings.map((name) => `n.${name}${k}`).join(', ')});
    let g = ${element('grad', k)};
    var p = ${element('parameter', k)};
    ${names.map((name) => `var ${name} = ${element(name, k)};`).join(' ')}
    ${step}
    ${element('parameter', k)} = p;
    ${names.map((name) => `${element(name, k)} = ${name};`).join(' ')}
    return;
  }`;
  queue.run({
    name: rule,
    key: `${members.length}`,
    body: () =>
      each(
        members.map((_, k) => own(k)).join('\n  '),
        `struct Settings { ${settings.map((name) => `${name}: f32`).join(', ')} }`,
      ),
    reads,
    writes,
    whole,
    real,
    groups: groupsFor(whole.count),
  });
}
