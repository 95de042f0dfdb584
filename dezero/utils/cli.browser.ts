/** A page has no command line; this twin only keeps the package whole. @since 53 */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** @throws UsageError always: there is no command line in a browser. @since 53 */
export function parseFineTuneOptions(): never {
  throw new UsageError('step 53 takes its options from a command line; run it under Node');
}

/** @throws UsageError always, as there is no command line. @since 53 */
export function resumeCommand(): never {
  throw new UsageError('there is no command line in a browser; call resume of a trainer instead');
}

/** Nothing interrupts a page. @since 53 */
export function onInterrupt(): { readonly requested: boolean; dispose(): void } {
  return { requested: false, dispose: () => undefined };
}
