import { create, parseDependencies, type MathJsInstance } from 'mathjs/number';

/** mathjs with its parser alone: a bundler leaves out the rest. @since 29 */
export function loadMathjs(): MathJsInstance {
  return create({ ...parseDependencies });
}
