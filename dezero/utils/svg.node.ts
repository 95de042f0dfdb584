import { DataError } from '../backends/errors';

/**
 * A drawing (SVG text) as the bytes of a PNG file.
 * `scale` pixels for each unit of the drawing, default 2; the background is transparent unless a colour is named.
 * @throws DataError if the text is no drawing.
 * @example
 * const png = await svgToPng(
 *   '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>',
 * );
 * String.fromCharCode(...png.slice(1, 4)); // → PNG
 * @since 28
 */
export async function svgToPng(
  svg: string,
  { scale = 2, background }: { scale?: number; background?: string } = {},
): Promise<Uint8Array> {
  const { default: sharp } = await import('sharp'); // only who draws pays for it, and needs it
  try {
    const drawing = sharp(new TextEncoder().encode(svg), { density: 72 * scale }); // at 72 a unit is a pixel
    const bytes = await (background ? drawing.flatten({ background }) : drawing).png().toBuffer();
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new DataError(`svgToPng: this is no drawing (${cause.split('\n')[0]})`);
  }
}
