import { writeFileSafely } from '#files';
import { imageSheet } from '#sheet';
import { ValueError } from '../ndarray';
import type { SheetCell, SheetOptions } from './sheet';

/**
 * Draws pictures in a grid, each with its caption below, into a PNG file, and makes its folder; returns the path:
 * `await plotImages([{ picture: toPicture(x), caption: ['a 7'] }], { to: 'out/digits.png' })`. Defaults: 4 columns, 200 pixels.
 * @throws ValueError for another ending than .png, or no pictures; DataError if the file cannot be written.
 * @example
 * const white = toPicture(ones([8, 8]));
 * await plotImages([{ picture: white, caption: ['white'] }], {
 *   to: 'out/white.png',
 * });
 * // → out/white.png
 * @since 41
 */
export async function plotImages(
  cells: readonly SheetCell[],
  { to, ...options }: SheetOptions & { readonly to: string },
): Promise<string> {
  if (!/\.png$/i.test(to)) throw new ValueError(`plotImages: '${to}' is to hold pixels; let it end in .png`);
  await writeFileSafely(to, await imageSheet(cells, options));
  return to;
}
