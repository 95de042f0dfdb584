/** A page has no command line; this twin only keeps the package whole. @since 53 */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** @throws UsageError always: there is no command line in a browser. @since 53 */
export function parseFineTuneOptions(): never {
  throw new UsageError('step 53 takes its options from a command line; run it under Node');
}

/** Nothing interrupts a page. @since 53 */
export function onInterrupt(): { readonly requested: boolean; dispose(): void } {
  return { requested: false, dispose: () => undefined };
}
