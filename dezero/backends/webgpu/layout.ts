/** Which element of which operand: what kernels are told about shapes and strides. */
import type { Shape, View } from '../backend';

/** Number of elements of a view. @since 48 */
export const countOf = (x: Pick<View, 'shape'>): number => x.shape.reduce((product, n) => product * n, 1);

/** True if the elements lie one after the other. @since 48 */
export function isDense({ shape, strides }: Pick<View, 'shape' | 'strides'>): boolean {
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] !== 1 && strides[i] !== step) return false;
    step *= shape[i];
  }
  return true;
}

/** Axes that several operands go through together, and how far each goes on along each axis. @since 48 */
export interface Axes {
  readonly sizes: readonly number[];
  /** One list an operand. @since 48 */
  readonly strides: readonly (readonly number[])[];
}

/** As few axes as say the same: those of size 1 go, and neighbours that every operand goes straight through become one. @since 48 */
export function merge(shape: Shape, operands: readonly (readonly number[])[]): Axes {
  const sizes: number[] = [];
  const strides: number[][] = operands.map(() => []);
  shape.forEach((n, axis) => {
    if (n === 1) return;
    const last = sizes.length - 1;
    if (last >= 0 && operands.every((steps, k) => strides[k][last] === steps[axis] * n)) {
      sizes[last] *= n;
      operands.forEach((steps, k) => (strides[k][last] = steps[axis]));
      return;
    }
    sizes.push(n);
    operands.forEach((steps, k) => strides[k].push(steps[axis]));
  });
  return { sizes, strides };
}

/** A view of the part of x where the first axis is at `i`. @since 48 */
export function part(x: View, i: number): View {
  const { storage, dtype, shape, strides, offset } = x;
  return { storage, dtype, shape: shape.slice(1), strides: strides.slice(1), offset: offset + i * strides[0] };
}

/** x with other axes, in the same memory. @since 48 */
export function seen(x: View, shape: Shape, strides: readonly number[], offset = x.offset): View {
  return { storage: x.storage, dtype: x.dtype, shape, strides, offset };
}

/** Strides of a shape stored row by row. @since 48 */
export function rowMajor(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  for (let i = shape.length - 1, step = 1; i >= 0; step *= shape[i--]) strides[i] = step;
  return strides;
}
