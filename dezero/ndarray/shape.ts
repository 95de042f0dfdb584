import type { Shape, View } from '../backends/backend';
import { ShapeError, ValueError } from '../backends/errors';

/** Number of elements of a shape. @since 28 */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const n of shape) size *= n;
  return size;
}

/** Strides of a shape stored row by row: the last axis moves fastest. @since 28 */
export function rowMajorStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step;
    step *= shape[i];
  }
  return strides;
}

/** True if the elements of a view lie one after the other, row by row. @since 28 */
export function isContiguous(x: Pick<View, 'shape' | 'strides'>): boolean {
  let step = 1;
  for (let i = x.shape.length - 1; i >= 0; i--) {
    if (x.shape[i] !== 1 && x.strides[i] !== step) return false;
    step *= x.shape[i];
  }
  return true;
}

/** True if two shapes are equal. @since 28 */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i]);
}

/** The common shape of a and b: aligned at the right, each pair of sizes equal or one of them 1. @since 28 */
export function broadcastShapes(operation: string, a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a;
  const shape = new Array<number>(Math.max(a.length, b.length));
  for (let i = 1; i <= shape.length; i++) {
    const m = a.length >= i ? a[a.length - i] : 1;
    const n = b.length >= i ? b[b.length - i] : 1;
    if (m !== n && m !== 1 && n !== 1) {
      throw new ShapeError(
        operation,
        [a, b],
        `axis −${i} has sizes ${m} and ${n}; they must be equal, or one of them 1`,
      );
    }
    shape[shape.length - i] = m === 1 ? n : m;
  }
  return shape;
}

/** An axis counted from the end (−1 is the last) as one counted from the start. @since 28 */
export function normalizeAxis(operation: string, axis: number, dimensions: number): number {
  if (!Number.isInteger(axis) || axis < -dimensions || axis >= dimensions) {
    throw new ValueError(`${operation}: axis ${axis} does not exist in an array of ${dimensions} axes`);
  }
  return axis < 0 ? axis + dimensions : axis;
}

/** One axis, several or (undefined) all, as ascending numbers from the start. @since 28 */
export function normalizeAxes(
  operation: string,
  axes: number | readonly number[] | null | undefined,
  dimensions: number,
): number[] {
  if (axes === undefined || axes === null) return Array.from({ length: dimensions }, (_, i) => i);
  const list = (typeof axes === 'number' ? [axes] : axes).map((axis) => normalizeAxis(operation, axis, dimensions));
  list.sort((a, b) => a - b);
  if (new Set(list).size !== list.length) throw new ValueError(`${operation}: an axis is named twice in [${list}]`);
  return list;
}

/** A shape in which one size may be −1, "whatever is left". @since 28 */
export function resolveShape(from: Shape, to: Shape): Shape {
  if (typeof (to as unknown) !== 'object') throw new ValueError(`reshape: a shape is a list of sizes: write [${String(to)}] instead of ${String(to)}`); // prettier-ignore
  const unknown = to.indexOf(-1);
  const size = sizeOf(from);
  let shape = to;
  if (unknown >= 0) {
    const known = sizeOf(to.filter((_, i) => i !== unknown));
    shape = to.map((n, i) => (i === unknown ? size / known : n));
  }
  if (sizeOf(shape) !== size || shape.some((n) => !Number.isInteger(n) || n < 0)) {
    throw new ShapeError('reshape', [from, to], `${size} elements cannot be laid out as the second`);
  }
  return shape;
}

/** Strides that read the same memory through another shape, or null if only a copy can. @since 28 */
export function reshapedStrides(x: Pick<View, 'shape' | 'strides'>, shape: Shape): number[] | null {
  if (isContiguous(x) || shape.includes(0)) return rowMajorStrides(shape);
  // Walk both shapes from the left in groups of equal size; inside a group the old axes must lie in one straight line.
  const shapeIn = x.shape.filter((n) => n !== 1);
  const stridesIn = x.strides.filter((_, i) => x.shape[i] !== 1);
  const strides = new Array<number>(shape.length);
  let i = 0;
  let j = 0;
  while (j < shape.length) {
    if (shape[j] === 1) {
      strides[j++] = 0;
      continue;
    }
    const first = i;
    const start = j;
    let sizeIn = shapeIn[i++];
    let sizeOut = shape[j++];
    while (sizeIn !== sizeOut) {
      if (sizeIn < sizeOut) sizeIn *= shapeIn[i++];
      else sizeOut *= shape[j++];
    }
    for (let k = first; k < i - 1; k++) if (stridesIn[k] !== stridesIn[k + 1] * shapeIn[k + 1]) return null;
    let step = stridesIn[i - 1];
    for (let k = j - 1; k >= start; k--) {
      strides[k] = step;
      step *= shape[k];
    }
  }
  return strides;
}
