import type { Shape } from './backend';

/** Shapes that do not fit an operation. The message names the operation, the shapes and the rule. @since 28 */
export class ShapeError extends Error {
  override name = 'ShapeError';
  /** `new ShapeError('matmul', [[2, 3], [4, 5]], 'the inner sizes must be equal')`. @since 28 */
  constructor(operation: string, shapes: readonly Shape[], rule: string) {
    super(`${operation}: shapes ${shapes.map(formatShape).join(' and ')} do not fit: ${rule}`);
  }
}

/** An element type that an operation cannot use. @since 28 */
export class DTypeError extends Error {
  override name = 'DTypeError';
}

/** A device that is missing, or arrays that lie on different devices. @since 28 */
export class DeviceError extends Error {
  override name = 'DeviceError';
}

/** A computational graph that cannot be walked backwards. @since 28 */
export class GraphError extends Error {
  override name = 'GraphError';
}

/** An array used after its memory scope has freed it. @since 28 */
export class FreedError extends Error {
  override name = 'FreedError';
}

/** A value that an operation or a setting cannot take. @since 28 */
export class ValueError extends Error {
  override name = 'ValueError';
}

/** A file, folder or download that cannot be used; the message names it and the mend. @since 28 */
export class DataError extends Error {
  override name = 'DataError';
}

/** A shape as people write it: `(2, 3)`, `(3,)`, `()`. @since 28 */
export function formatShape(shape: Shape): string {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
}
