/** What the engine does by default; changed only for the length of a call, and always restored. */
const config = {
  /** Record the graph while computing. */
  enableGrad: true,
  /** Training (dropout drops, batch norm measures) or use. */
  train: true,
};

function withSetting<T>(name: keyof typeof config, value: boolean, f: () => T): T {
  const before = config[name];
  const restore = () => {
    config[name] = before;
  };
  config[name] = value;
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

/** Runs f without recording a graph: no memory for it, no backward through it. Takes async functions too. @since 28 */
export function noGrad<T>(f: () => T): T {
  return withSetting('enableGrad', false, f);
}

/** Runs f as in use, not in training: dropout lets everything pass. Takes async functions too. @since 42 */
export function testMode<T>(f: () => T): T {
  return withSetting('train', false, f);
}

/** Runs f with recording on or off. @since 28 */
export function withGrad<T>(enabled: boolean, f: () => T): T {
  return withSetting('enableGrad', enabled, f);
}

/** True while the graph is recorded. @since 28 */
export function isGradEnabled(): boolean {
  return config.enableGrad;
}

/** True outside `testMode`. @since 42 */
export function isTraining(): boolean {
  return config.train;
}
