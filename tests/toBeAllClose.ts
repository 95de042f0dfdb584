import { expect } from 'vitest';
import { Variable } from '../dezero/core';
import { array, formatShape, NDArray, sameShape, type ArrayLike } from '../dezero/ndarray';

/** How far apart is close: |actual − expected| ≤ atol + rtol · |expected|. */
export interface Tolerance {
  /** Default 1e-7. */
  readonly rtol?: number;
  /** Default 1e-9. */
  readonly atol?: number;
}

function asArray(x: unknown): NDArray {
  if (x instanceof Variable) return x.data;
  return x instanceof NDArray ? x : array(x as ArrayLike);
}

/** The index of element i of a shape, as people write it. */
function placeOf(i: number, shape: readonly number[]): string {
  const index: number[] = [];
  for (const n of shape.toReversed()) {
    index.unshift(i % n);
    i = Math.floor(i / n);
  }
  return `[${index.join(', ')}]`;
}

function compare(received: unknown, expected: unknown, { rtol = 1e-7, atol = 1e-9 }: Tolerance = {}) {
  const [x, y] = [asArray(received), asArray(expected)];
  if (!sameShape(x.shape, y.shape)) {
    return { pass: false, message: () => `shape ${formatShape(x.shape)} is not the expected ${formatShape(y.shape)}` };
  }
  let worst = { excess: 0, at: -1, count: 0 };
  x.values.forEach((a: number, i: number) => {
    const b = y.values[i] ?? NaN;
    if (Object.is(a, b) || a === b) return;
    const excess = Math.abs(a - b) / (atol + rtol * Math.abs(b));
    if (excess <= 1) return;
    const most = !(excess <= worst.excess);
    worst = { excess: most ? excess : worst.excess, at: most ? i : worst.at, count: worst.count + 1 };
  });
  const pass = worst.count === 0;
  const message = () =>
    pass
      ? `all ${x.size} elements are close (rtol ${rtol}, atol ${atol})`
      : `${worst.count} of ${x.size} elements are not close (rtol ${rtol}, atol ${atol}); the worst is ${placeOf(worst.at, x.shape)}: ` +
        `${x.values[worst.at]}, expected ${y.values[worst.at]}`;
  return { pass, message };
}

expect.extend({ toBeAllClose: compare });

declare module 'vitest' {
  // The name and the parameter are vitest's.
  interface Matchers<T> {
    /** Element by element close to numbers, nested arrays, a typed array, an NDArray or a Variable, and of the same shape. */
    toBeAllClose(expected: ArrayLike | Variable, tolerance?: Tolerance): T;
  }
}
