import { variable, type Variable } from 'dezero';
import { inProcess, type Comparison, type Way } from './compare';
import { each, type Family } from './ways';

/** A plain number that remembers how it was computed: as little as a graph can be. */
class Value {
  grad = 0;
  constructor(
    readonly data: number,
    readonly inputs: readonly Value[] = [],
    readonly pass: (g: number) => void = () => undefined,
  ) {}
  add(other: Value): Value {
    return new Value(this.data + other.data, [this, other], (g) => {
      this.grad += g;
      other.grad += g;
    });
  }
  mul(other: Value): Value {
    return new Value(this.data * other.data, [this, other], (g) => {
      this.grad += other.data * g;
      other.grad += this.data * g;
    });
  }
  backward(): void {
    const order: Value[] = [];
    const seen = new Set<Value>();
    const visit = (value: Value) => {
      if (seen.has(value)) return;
      seen.add(value);
      for (const input of value.inputs) visit(input);
      order.push(value);
    };
    visit(this);
    this.grad = 1;
    for (const value of order.toReversed()) value.pass(value.grad);
  }
}

const LINKS = 100; // of two operations each: y ← y·w + b

function chain<T extends { mul(other: T): T; add(other: T): T }>(x: T, w: T, b: T): T {
  let y = x;
  for (let i = 0; i < LINKS; i++) y = y.mul(w).add(b);
  return y;
}

const numbers = [new Value(1), new Value(0.5), new Value(0.25)] as const;
const variables = [variable(1), variable(0.5), variable(0.25)] as const;

/** Backward alone: the graph is made before the clock starts. */
function backward<T extends { backward(): void }>(name: string, make: () => T, clear: () => void): Way {
  return {
    name,
    time(calls) {
      let milliseconds = 0;
      for (let i = 0; i < calls; i++) {
        clear();
        const y = make();
        const began = performance.now();
        y.backward();
        milliseconds += performance.now() - began;
      }
      return Promise.resolve(milliseconds / (2 * LINKS));
    },
  };
}

const ours = ['dezero'];
const pace = { rounds: 51, roundMs: 10 / (2 * LINKS), restMs: 0 };

const comparisons: readonly Comparison[] = [
  {
    title: 'one scalar operation, recorded',
    ways: [
      inProcess('dezero', (): Variable => chain<Variable>(...variables), 2 * LINKS),
      inProcess('numbers', () => chain<Value>(...numbers), 2 * LINKS),
    ],
    ours,
    pace,
  },
  {
    title: 'one scalar operation, backward',
    ways: [
      backward('dezero', () => chain<Variable>(...variables), () => variables.forEach((v) => v.clearGrad())),
      backward('numbers', () => chain<Value>(...numbers), () => numbers.forEach((v) => (v.grad = 0))),
    ],
    ours,
    pace,
  },
]; // prettier-ignore

/** What the graph itself costs, next to a class of plain numbers. */
export const overhead: Family = {
  about: 'y ← y·w + b a hundred times; time of one operation; numbers: a class of plain numbers with as little around them as can be',
  ours: () => ours,
  run: (bench) => each(bench.options.quick ? comparisons.map((one) => ({ ...one, pace: { ...pace, rounds: 9 } })) : comparisons, bench),
}; // prettier-ignore
