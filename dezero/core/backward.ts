import {
  addTo,
  currentScope,
  formatShape,
  FreedError,
  GraphError,
  isFloat,
  openScope,
  sameShape,
  type MemoryScope,
} from '../ndarray';
import { withGrad } from './config';
import type { Storage } from '../backends/backend';
import type { Func } from './func';
import type { BackwardOptions, Variable } from './variable';

/**
 * Walks the graph from y back to the leaves, functions of the highest generation first, so that a variable's gradient is
 * complete before the function that made it passes it on.
 * @example
 * const x = variable(3);
 * // what y.backward() calls, with where to start
 * runBackward(x.mul(x), variable(1), {});
 * x.grad; // → variable(6)
 * @since 28
 */
export function runBackward(
  y: Variable,
  seed: Variable,
  { retainGrad = false, createGraph = false }: BackwardOptions,
): void {
  if (!y.creator) throw nothingBehind(y);
  const grads = new Gradients(createGraph ? null : currentScope());
  grads.add(y, seed);
  withGrad(createGraph, () => {
    for (const f of functionsBehind(y)) {
      if (!f.outputs.some((output) => grads.get(output))) continue;
      step(f, grads);
      for (const output of f.outputs) {
        const gy = grads.take(output, retainGrad);
        output.grad = retainGrad ? gy : null;
      }
    }
    for (const [leaf, g] of grads.rest()) leaf.grad = total(leaf, leaf.grad, g);
  });
}

/**
 * The functions on all ways to y, the highest generation first. @throws GraphError for a graph with a cycle.
 * @example
 * const x = variable(2);
 * functionsBehind(x.mul(x).add(1)).map((f) => f.name); // → [ 'Add', 'Mul' ]
 * @since 28
 */
export function functionsBehind(y: Variable): Func[] {
  const found = new Set<Func>();
  const visit = (x: Variable, next?: Func) => {
    const f = x.creator;
    if (!f) return;
    if (!f.outputs.includes(x)) {
      throw new GraphError(
        `backward: ${nameOf(x)} is not what ${f.name} made last: make a new ${f.name} for each call, and let call() set the creator`,
      );
    }
    // From function to function generations fall, or the walk would run in a circle.
    if (next && f.generation >= next.generation) {
      throw new GraphError(
        `backward: ${f.name} (generation ${f.generation}) lies behind ${next.name} (generation ${next.generation}), so it must be of a lower one: the graph has a cycle, or was put together by hand without generations; let call() build it`,
      );
    }
    found.add(f);
  };
  visit(y);
  for (const f of found) for (const x of f.inputs) visit(x, f); // a Set also goes through what is added on the way
  return [...found].sort((f, g) => g.generation - f.generation);
}

/** Calls one function's backward and hands its results to its inputs. */
function step(f: Func, grads: Gradients): void {
  if (f.cut) {
    throw new GraphError(`backward: the graph was cut at ${f.name} by unchainBackward(); run the forward again`);
  }
  for (const v of [...f.inputs, ...f.outputs]) {
    if (v.data.storage.freed) {
      throw new FreedError(
        `backward: ${nameOf(v)} of ${f.name} was freed with its memory scope; call backward inside the scope`,
      );
    }
  }
  grads.within(() => {
    const gys = f.outputs.map((output) => grads.get(output) ?? output.zerosLike());
    const result = f.backward(...gys);
    for (const [i, x] of f.inputs.entries()) {
      const gx = Array.isArray(result) ? result[i] : i === 0 ? result : null;
      if (!gx || !x.requiresGrad) continue;
      if (!sameShape(gx.shape, x.shape)) {
        throw new GraphError(
          `${f.name}.backward gave a gradient of shape ${formatShape(gx.shape)} for an input of shape ${formatShape(x.shape)}`,
        );
      }
      grads.add(x, gx);
    }
  });
}

/** What the gradients of x come to with one more, in x's dtype. */
function total(x: Variable, before: Variable | null | undefined, g: Variable): Variable {
  const same = g.dtype === x.dtype ? g : g.astype(x.dtype);
  return before ? before.add(same) : same;
}

/**
 * The gradients on their way. Without a graph of the gradients themselves, what a function's backward makes beside its
 * results is dead at once, and a gradient is dead when it has been passed on: both go back to the open scope's pool.
 */
class Gradients {
  private readonly grads = new Map<Variable, Variable>();
  private readonly uses = new Map<Storage, number>();
  private inner: MemoryScope | null = null;

  constructor(private readonly scope: MemoryScope | null) {}

  get(x: Variable): Variable | undefined {
    return this.grads.get(x);
  }

  add(x: Variable, g: Variable): void {
    const before = this.grads.get(x);
    if (before && this.isAlone(before, g)) return addTo(before.data, g.data);
    const sum = total(x, before, g);
    this.use(sum);
    if (before) this.drop(before);
    this.grads.set(x, sum);
  }

  /** The gradient of y, now passed on. */
  take(y: Variable, retain: boolean): Variable | null {
    const g = this.grads.get(y);
    this.grads.delete(y);
    if (g && !retain) this.drop(g);
    return g ?? null;
  }

  /** What is left at the end: the gradients of the leaves. */
  rest(): Map<Variable, Variable> {
    return this.grads;
  }

  /** Runs f in a scope of its own; only what `add` was given outlives it. */
  within(f: () => void): void {
    if (!this.scope) return f();
    this.inner = openScope();
    try {
      f();
    } finally {
      this.inner.dispose();
      this.inner = null;
    }
  }

  /** True if nobody else has the memory of `sum`, so that g can be added there. */
  private isAlone({ data: sum }: Variable, { data: g }: Variable): boolean {
    return this.uses.get(sum.storage) === 1 && sum.contiguous && g.dtype === sum.dtype && g.storage !== sum.storage;
  }

  private use(g: Variable): void {
    const { storage } = g.data;
    const uses = this.uses.get(storage);
    if (uses !== undefined) this.uses.set(storage, uses + 1);
    else if (this.inner?.owns(storage)) {
      this.uses.set(storage, 1);
      this.inner.expel(storage);
    }
  }

  private drop(g: Variable): void {
    const { storage } = g.data;
    const uses = this.uses.get(storage);
    if (uses === undefined) return;
    this.uses.set(storage, uses - 1);
    if (uses === 1) {
      this.uses.delete(storage);
      this.scope?.freeNow(storage);
    }
  }
}

function nameOf(v: Variable): string {
  return v.name ? `'${v.name}'` : `a variable of shape ${formatShape(v.shape)}`;
}

/** Why there is nothing to go back through. */
function nothingBehind(y: Variable): GraphError {
  return new GraphError(
    isFloat(y.dtype)
      ? `backward: ${nameOf(y)} was not computed from any variable: it is a leaf, was made of constants or under noGrad(…), or was cut by unchainBackward()`
      : `backward: ${nameOf(y)} is made of whole numbers (${y.dtype}), which have no derivative; begin with x.astype('float64')`,
  );
}
