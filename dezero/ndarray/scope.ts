import type { Storage } from '../backends/backend';

/**
 * Memory scopes: what a training iteration makes, it frees.
 *
 * An array made by an operation belongs to the innermost open scope. Closing the scope gives its memory back to the
 * device, except what is *held*: parameters and variables from outside all scopes hold their values and gradients by a count; `keep`
 * moves an array one scope outwards. Arrays around a caller's own typed array never belong to a scope.
 */

/** Who answers for a pooled storage. Storages that were never pooled have no tenancy: the garbage collector has them. */
interface Tenancy {
  scope: MemoryScope | null;
  holds: number;
  kept: boolean;
}

const tenancies = new WeakMap<Storage, Tenancy>();
/** Let go of outside all scopes: the next scope frees them at its end. */
const orphans = new Set<Storage>();
let innermost: MemoryScope | null = null;

/** The life of the arrays made between its opening and `dispose`. @since 28 */
export class MemoryScope implements Disposable {
  private readonly storages = new Set<Storage>();
  private readonly outer = innermost;
  private open = true;

  /** Takes a storage in, out of whatever scope had it. @since 28 */
  adopt(storage: Storage): void {
    const tenancy = tenancyOf(storage);
    tenancy.scope?.storages.delete(storage);
    tenancy.scope = this;
    this.storages.add(storage);
  }

  /** True if this scope answers for a storage. @since 28 */
  owns(storage: Storage): boolean {
    return this.storages.has(storage);
  }

  /** True if this scope, or one around it, is `scope`. @since 28 */
  within(scope: MemoryScope): boolean {
    return this === scope || (this.outer?.within(scope) ?? false);
  }

  /** This scope while it is open; then the innermost around it that still is. @since 28 */
  stillOpen(): MemoryScope | null {
    return this.open ? this : (this.outer?.stillOpen() ?? null);
  }

  /** Moves a storage to the enclosing scope, or out of all scopes. @since 28 */
  expel(storage: Storage): void {
    if (!this.storages.delete(storage)) return;
    const tenancy = tenancyOf(storage);
    tenancy.scope = null;
    if (this.outer) this.outer.adopt(storage);
    else tenancy.kept = true;
  }

  /** Frees one storage before the scope ends: for temporaries that nothing reads again. @since 28 */
  freeNow(storage: Storage): void {
    const tenancy = tenancyOf(storage);
    if (tenancy.holds > 0 || !this.storages.delete(storage)) return;
    tenancy.scope = null;
    storage.backend.free(storage);
  }

  /** Closes the scope and frees what is not held. Scopes close in the reverse order of their opening. @since 28 */
  dispose(): void {
    if (!this.open) return;
    if (innermost !== this) throw new Error('memoryScope: close the inner scope first (`using` does so by itself)');
    this.open = false;
    innermost = this.outer;
    for (const storage of this.storages) {
      const tenancy = tenancyOf(storage);
      tenancy.scope = null;
      if (tenancy.holds === 0) storage.backend.free(storage);
    }
    this.storages.clear();
  }

  /** What `using` calls at the end of the block. @since 28 */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

function tenancyOf(storage: Storage): Tenancy {
  let tenancy = tenancies.get(storage);
  if (!tenancy) tenancies.set(storage, (tenancy = { scope: null, holds: 0, kept: false }));
  return tenancy;
}

/** Opens a scope inside the innermost. @since 28 */
export function openScope(): MemoryScope {
  innermost = new MemoryScope();
  for (const storage of orphans) innermost.adopt(storage);
  orphans.clear();
  return innermost;
}

/**
 * Opens a scope: `using scope = memoryScope();` at the top of a loop body frees what the body makes.
 * @example
 * let y = variable(0);
 * {
 *   // at the end of the block it frees what was made in it
 *   using scope = memoryScope();
 *   y = F.mul(ones([1000]), 2);
 * }
 * y.data.storage.freed; // → true
 * @since 48
 */
export function memoryScope(): MemoryScope {
  return openScope();
}

/** The innermost open scope. @since 28 */
export function currentScope(): MemoryScope | null {
  return innermost;
}

/** Runs f as if no scope were open. @since 28 */
export function outsideScopes<T>(f: () => T): T {
  const saved = innermost;
  innermost = null;
  try {
    return f();
  } finally {
    innermost = saved;
  }
}

/**
 * The innermost scope does not free these.
 * @example
 * let [a, b] = [array([1, 2]), array([3, 4])];
 * {
 *   using scope = memoryScope();
 *   [a, b] = [nd.add(a, 1), nd.add(b, 1)];
 *   keep(a);
 * }
 * a; // → array([2 3])
 * b.storage.freed; // → true
 * @since 48
 */
export function keep(...arrays: readonly { readonly storage: Storage }[]): void {
  for (const { storage } of arrays) {
    const tenancy = tenancies.get(storage);
    if (!tenancy) continue;
    if (!tenancy.scope) tenancy.kept = true;
    else if (tenancy.scope === innermost) innermost.expel(storage);
  }
}

/** Puts a pooled storage made outside all scopes under the care of whoever made it. @since 28 */
export function own(storage: Storage): void {
  tenancyOf(storage);
}

/** True if somebody answers for a storage: a scope, a holder, or whoever made it. @since 28 */
export function isPooled(storage: Storage): boolean {
  return tenancies.has(storage);
}

/** Frees an array made by `emptyPooled`, unless it has been kept or is held. @since 40 */
export function release({ storage }: { readonly storage: Storage }): void {
  const { kept = false, holds = 0 } = tenancies.get(storage) ?? {};
  if (!kept && holds === 0 && !storage.freed) storage.backend.free(storage);
}

/**
 * Lets a storage live at least as long as `home`: moved outwards to that scope, or, where home is null, held beyond all scopes.
 * True if it is held; then `letGo` must follow.
 * @since 28
 */
export function entrust(storage: Storage, home: MemoryScope | null): boolean {
  const tenancy = tenancies.get(storage);
  if (!tenancy) return false;
  const scope = home?.stillOpen();
  if (!scope) tenancy.holds++;
  else if (tenancy.scope?.within(scope)) scope.adopt(storage);
  return !scope;
}

/** The owner lets go; with the last, the innermost scope frees the storage at its end. @since 28 */
export function letGo(storage: Storage): void {
  const tenancy = tenancies.get(storage);
  if (!tenancy || --tenancy.holds > 0 || tenancy.scope || tenancy.kept || storage.freed) return;
  if (innermost) innermost.adopt(storage);
  else orphans.add(storage);
}
