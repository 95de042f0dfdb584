import type { Point, Series } from './chart';

/** Where a curve begins, and how it looks. @since 40 */
export interface CurveOptions extends Omit<Series, 'name' | 'points'> {
  /** The x of the first value; default 1. @since 40 */
  readonly from?: number;
}

/**
 * Values over 1, 2, 3, …, as a series for `plot`: `plot({ title, x, y, series: [curve('train', losses)] }, { to })` has a loss for each epoch.
 * @example
 * curve('loss', [3, 2, 1.5]).points; // → [ [ 1, 3 ], [ 2, 2 ], [ 3, 1.5 ] ]
 * @since 40
 */
export function curve(name: string, values: ArrayLike<number>, { from = 1, ...look }: CurveOptions = {}): Series {
  return { name, points: Array.from(values, (y, i): Point => [from + i, y]), ...look };
}
