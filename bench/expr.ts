import { expr as template, variable, type Variable } from 'dezero';
import * as F from 'dezero/functions';
import { inProcess, type Comparison } from './compare';
import { each, type Family } from './ways';

const [x0, x1] = [variable(0.5, 'x0'), variable(2, 'x1')];
const [x, y] = [variable(1, 'x'), variable(1, 'y')];

const rosenbrock = {
  methods: () => F.mul(100, x1.sub(x0.pow(2)).pow(2)).add(F.sub(1, x0).pow(2)),
  expr: () => template`100 * (${x1} - ${x0}^2)^2 + (1 - ${x0})^2`,
};

const goldsteinPrice = {
  methods: () =>
    F.add(1, x.add(y).add(1).pow(2).mul(F.sub(19, F.mul(14, x)).add(F.mul(3, x.pow(2))).sub(F.mul(14, y)).add(F.mul(6, x).mul(y)).add(F.mul(3, y.pow(2)))))
      .mul(F.add(30, F.mul(2, x).sub(F.mul(3, y)).pow(2).mul(F.sub(18, F.mul(32, x)).add(F.mul(12, x.pow(2))).add(F.mul(48, y)).sub(F.mul(36, x).mul(y)).add(F.mul(27, y.pow(2)))))), // prettier-ignore
  expr: () => template`
    (1 + (${x} + ${y} + 1)^2 * (19 - 14 * ${x} + 3 * ${x}^2 - 14 * ${y} + 6 * ${x} * ${y} + 3 * ${y}^2))
    * (30 + (2 * ${x} - 3 * ${y})^2 * (18 - 32 * ${x} + 12 * ${x}^2 + 48 * ${y} - 36 * ${x} * ${y} + 27 * ${y}^2))`,
};

function differentiated(formula: () => Variable): () => void {
  return () => {
    for (const v of [x0, x1, x, y]) v.clearGrad();
    formula().backward();
  };
}

const ours = ['expr'];
const pace = { rounds: 51, roundMs: 10, restMs: 0 };

function comparison(title: string, ways: Readonly<Record<string, () => unknown>>): Comparison {
  return { title, ways: Object.entries(ways).map(([name, f]) => inProcess(name, f)), ours, pace };
}

const comparisons: readonly Comparison[] = [
  comparison('Rosenbrock', rosenbrock),
  comparison('Goldstein–Price', goldsteinPrice),
  comparison('Rosenbrock, forward and backward', {
    methods: differentiated(rosenbrock.methods),
    expr: differentiated(rosenbrock.expr),
  }),
];

/** The same formulas, operation for operation, as method calls and as a template. */
export const expr: Family = {
  about: 'formulas as a template, against the same as method calls',
  ours: () => ours,
  run: (bench) => each(bench.options.quick ? comparisons.map((one) => ({ ...one, pace: {} })) : comparisons, bench),
};
