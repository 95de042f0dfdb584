/** What the engine does, changed only for the length of a call: the latest setting in force counts, by default true. */
const settings = {
  /** Record the graph while computing. */
  enableGrad: [] as { readonly value: boolean }[],
  /** Training (dropout drops, batch norm measures) or use. */
  train: [] as { readonly value: boolean }[],
};

function withSetting<T>(name: keyof typeof settings, value: boolean, f: () => T): T {
  const inForce = settings[name];
  const mine = { value };
  inForce.push(mine);
  // Async calls may end in any order: each takes away its own.
  const restore = () => void inForce.splice(inForce.lastIndexOf(mine), 1);
  let waiting = false;
  try {
    const result = f();
    if (result instanceof Promise) {
      waiting = true;
      return result.finally(restore) as T;
    }
    return result;
  } finally {
    if (!waiting) restore();
  }
}

/**
 * Runs f without recording a graph: no memory for it, no backward through it. Takes async functions too.
 * @example
 * const x = variable(3);
 * noGrad(() => x.mul(x)).creator; // → null
 * @since 28
 */
export function noGrad<T>(f: () => T): T {
  return withSetting('enableGrad', false, f);
}

/**
 * Runs f as in use, not in training: dropout lets everything pass. Takes async functions too.
 * @example
 * testMode(() => F.dropout(variable([1, 2, 3]))); // → variable([1 2 3])
 * @since 42
 */
export function testMode<T>(f: () => T): T {
  return withSetting('train', false, f);
}

/**
 * Runs f with recording on or off.
 * @example
 * withGrad(false, () => isGradEnabled()); // → false
 * @since 28
 */
export function withGrad<T>(enabled: boolean, f: () => T): T {
  return withSetting('enableGrad', enabled, f);
}

/**
 * Runs f as in training or as in use.
 * @example
 * withTraining(false, () => isTraining()); // → false
 * @since 28
 */
export function withTraining<T>(enabled: boolean, f: () => T): T {
  return withSetting('train', enabled, f);
}

/**
 * True while the graph is recorded.
 * @example
 * isGradEnabled(); // → true
 * noGrad(() => isGradEnabled()); // → false
 * @since 28
 */
export function isGradEnabled(): boolean {
  return settings.enableGrad.at(-1)?.value ?? true;
}

/**
 * True outside `testMode`.
 * @example
 * isTraining(); // → true
 * testMode(() => isTraining()); // → false
 * @since 42
 */
export function isTraining(): boolean {
  return settings.train.at(-1)?.value ?? true;
}
