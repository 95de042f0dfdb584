import { DataError } from '../backends/errors';
import type { Geometry, Picture } from './picture';
import { applyGeometry } from './resample';

// The browser's twin of image.node.ts: the browser decodes, and `resample.ts` resizes as Pillow would.

/** Pixels of a photo file: grey is tripled, transparency dropped. @throws DataError naming it. @since 50 */
export async function decodeImage(bytes: Uint8Array, name: string): Promise<Picture> {
  const blob = new Blob([Uint8Array.from(bytes)]);
  const asStored = { imageOrientation: 'none', colorSpaceConversion: 'none', premultiplyAlpha: 'none' } as const;
  // Browsers older than 2023 know no 'none' for the orientation and stored it as such by default
  const bitmap = await createImageBitmap(blob, asStored as ImageBitmapOptions).catch((error: unknown) => {
    const cause = error instanceof Error ? error.message : String(error);
    throw new DataError(`${name}: broken photo: ${cause}; replace or remove it`);
  });
  const { width, height } = bitmap;
  const pen = penOf(new OffscreenCanvas(width, height));
  pen.drawImage(bitmap, 0, 0);
  bitmap.close();
  const rgba = pen.getImageData(0, 0, width, height).data;
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) data.set(rgba.subarray(i * 4, i * 4 + 3), i * 3);
  return { width, height, data };
}

/** Pixels of a photo after cropping, resizing and mirroring. @throws DataError naming the photo. @since 50 */
export async function renderImage(source: Uint8Array | Picture, geometry: Geometry, name: string): Promise<Picture> {
  return applyGeometry(source instanceof Uint8Array ? await decodeImage(source, name) : source, geometry);
}

/** A picture as the bytes of a PNG file. @since 50 */
export async function encodePng({ width, height, data }: Picture): Promise<Uint8Array> {
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let i = 0; i < width * height; i++) rgba.set(data.subarray(i * 3, i * 3 + 3), i * 4);
  const canvas = new OffscreenCanvas(width, height);
  penOf(canvas).putImageData(new ImageData(rgba, width, height), 0, 0);
  return new Uint8Array(await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer());
}

function penOf(canvas: OffscreenCanvas): OffscreenCanvasRenderingContext2D {
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  if (!pen) throw new DataError('this browser cannot draw on an OffscreenCanvas; use a current one');
  return pen;
}
