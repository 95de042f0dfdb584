import {
  defaultGenerator,
  empty,
  mul,
  outsideScopes,
  type DType,
  type Generator,
  type NDArray,
  type Shape,
} from '../ndarray';

/**
 * Normal numbers of variance gain / fan, for weights that keep the size of what passes through them; or of a given `std`.
 * @example
 * L.initialWeight([100, 10], 100, {}).shape; // → [ 100, 10 ]
 * @since 35
 */
export function initialWeight(
  shape: Shape,
  fan: number,
  { dtype = 'float32', generator = defaultGenerator(), std }: { dtype?: DType; generator?: Generator; std?: number },
  gain = 1,
): NDArray {
  return outsideScopes(() => mul(generator.fill('normal', empty(shape, dtype)), std ?? Math.sqrt(gain / fan)));
}
