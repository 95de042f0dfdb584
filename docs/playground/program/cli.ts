/** The package's `#cli` in the playground: there is no command line, so step 53 gets what suits a page. */
import type { FineTuneOptions } from '../../../dezero/utils/index';

export { onInterrupt, resumeCommand, UsageError } from '../../../dezero/utils/cli.browser';

/** The built-in drawings: a page fetches no photos. */
export function parseFineTuneOptions(): FineTuneOptions {
  return { data: 'drawn', device: 'auto', seed: 0, out: 'out/step53', checkpoint: 'none', verbose: false };
}
