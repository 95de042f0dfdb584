import { currentScope, FreedError, GraphError, memoryScope, sameShape, type MemoryScope } from '../ndarray';
import { withGrad } from './config';
import type { Storage } from '../backends/backend';
import type { Func } from './func';
import type { BackwardOptions, Variable } from './variable';

/**
 * Walks the graph from y back to the leaves, functions of the highest generation first, so that a variable's gradient is
 * complete before the function that made it passes it on.
 * @since 28
 */
export function runBackward(
  y: Variable,
  seed: Variable,
  { retainGrad = false, createGraph = false }: BackwardOptions,
): void {
  if (!y.creator) {
    throw new GraphError(
      `backward: ${nameOf(y)} was not computed from anything: it is a leaf, was made under noGrad(…), or was cut by unchainBackward()`,
    );
  }
  const grads = new Gradients(createGraph ? null : currentScope());
  grads.add(y, seed);
  const queue = new ByGeneration();
  queue.push(y.creator);
  withGrad(createGraph, () => {
    for (let f = queue.pop(); f; f = queue.pop()) {
      step(f, grads);
      for (const x of f.inputs) if (x.creator && grads.get(x)) queue.push(x.creator);
      for (const output of f.outputs) {
        const gy = grads.take(output, retainGrad);
        output.grad = retainGrad ? gy : null;
      }
    }
    for (const [leaf, g] of grads.rest()) leaf.grad = leaf.grad ? leaf.grad.add(g) : g;
  });
}

/** Calls one function's backward and hands its results to its inputs. */
function step(f: Func, grads: Gradients): void {
  if (f.cut)
    throw new GraphError(`backward: the graph was cut at ${f.name} by unchainBackward(); run the forward again`);
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
    const gxs = Array.isArray(result) ? result : [result];
    f.inputs.forEach((x, i) => {
      const gx = gxs[i];
      if (!gx || !x.requiresGrad) return;
      if (!sameShape(gx.shape, x.shape)) {
        throw new GraphError(
          `${f.name}.backward gave a gradient of shape (${gx.shape.join(', ')}) for an input of shape (${x.shape.join(', ')})`,
        );
      }
      grads.add(x, gx.dtype === x.dtype ? gx : gx.astype(x.dtype));
    });
  });
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
    const total = before ? before.add(g) : g;
    this.use(total);
    if (before) this.drop(before);
    this.grads.set(x, total);
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
    this.inner = memoryScope();
    try {
      f();
    } finally {
      this.inner.dispose();
      this.inner = null;
    }
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

/** Functions waiting for their turn, the highest generation first. */
class ByGeneration {
  private readonly waiting: Func[][] = [];
  private readonly seen = new Set<Func>();
  private top = -1;

  push(f: Func): void {
    if (this.seen.has(f)) return;
    this.seen.add(f);
    (this.waiting[f.generation] ??= []).push(f);
    this.top = Math.max(this.top, f.generation);
  }

  pop(): Func | undefined {
    while (this.top >= 0) {
      const f = this.waiting[this.top]?.pop();
      if (f) return f;
      this.top--;
    }
    return undefined;
  }
}

function nameOf(v: Variable): string {
  return v.name ? `'${v.name}'` : `a variable of shape (${v.shape.join(', ')})`;
}
