import { createRequire } from 'node:module';
import type * as Mathjs from 'mathjs/number';

/** mathjs with its parser alone, loaded when first asked for: what uses no `expr` does not wait for it. @since 29 */
export function loadMathjs(): Mathjs.MathJsInstance {
  const { create, parseDependencies } = createRequire(__filename)('mathjs/number') as typeof Mathjs;
  return create({ ...parseDependencies });
}
