import type { NDArray } from '../ndarray';
import { ShapeError } from '../ndarray';
import type { Picture } from './picture';

/** How numbers become brightness. @since 39 */
export interface ToPictureOptions {
  /** What is shown black; default 0. @since 39 */
  readonly low?: number;
  /** What is shown white; default 1. @since 39 */
  readonly high?: number;
  /** Undo a Normalize first: x·std + mean, a number a channel. @since 39 */
  readonly normalized?: { readonly mean: readonly number[]; readonly std: readonly number[] };
}

/**
 * An array (H, W), (1, H, W) grey or (3, H, W) red, green, blue as a picture. @throws ShapeError for another shape.
 * @example
 * const { width, height, data } = toPicture(array([[0, 1]])); // black, white
 * [width, height]; // → [ 2, 1 ]
 * data; // → Uint8Array(6) [ 0, 0, 0, 255, 255, 255 ]
 * @since 39
 */
export function toPicture(x: NDArray, { low = 0, high = 1, normalized }: ToPictureOptions = {}): Picture {
  const [channels = 0, height = 0, width = 0] = x.shape.length === 2 ? [1, ...x.shape] : x.shape;
  if (x.shape.length > 3 || ![1, 3].includes(channels))
    throw new ShapeError('toPicture', [x.shape], 'a picture is (H, W), (1, H, W) or (3, H, W)');
  const values = x.values;
  const { mean, std } = normalized ?? {};
  const data = new Uint8Array(3 * width * height); // clamped by hand: Uint8Array would wrap around
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) {
      const from = channels === 1 ? 0 : c;
      const value = (values[from * width * height + i] ?? 0) * (std?.[from] ?? 1) + (mean?.[from] ?? 0);
      data[3 * i + c] = Math.round(255 * Math.min(1, Math.max(0, (value - low) / (high - low))));
    }
  }
  return { width, height, data };
}
