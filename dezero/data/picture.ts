import { DataError } from '../backends/errors';

/** A decoded picture: `data` holds red, green, blue of each pixel, row by row. @since 39 */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** A rectangle of pixels. @since 50 */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** What is done to a photo, in this order: `box` is cut out, brought to `size`, `window` is cut out of that, and mirrored. @since 50 */
export interface Geometry {
  readonly box: Box;
  readonly size: { readonly width: number; readonly height: number };
  readonly window: Box;
  readonly mirrored: boolean;
}

/** What a photo file says about itself before it is decoded. `rgb`: it holds red, green and blue (or grey), and no more. @since 50 */
export interface ImageHeader {
  readonly width: number;
  readonly height: number;
  readonly rgb: boolean;
}

/**
 * Width and height from the first bytes of a JPEG, PNG or WebP file, as stored: a camera's note to turn the photo is not followed.
 * @throws DataError naming the file if it is none of these, or cut off.
 * @since 50
 */
export function readHeader(bytes: Uint8Array, name: string): ImageHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = (at: number, length: number): string => String.fromCharCode(...bytes.subarray(at, at + length));
  let header: ImageHeader | null = null;
  try {
    if (view.getUint16(0) === 0xffd8) header = readJpeg(view);
    else if (text(1, 3) === 'PNG')
      header = { width: view.getUint32(16), height: view.getUint32(20), rgb: view.getUint8(25) === 2 };
    else if (text(0, 4) === 'RIFF' && text(8, 4) === 'WEBP') header = readWebp(view, text(12, 4));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new DataError(`${name}: broken photo: the file ends within its header; replace or remove it`);
  }
  if (header && header.width > 0 && header.height > 0) return header;
  throw new DataError(`${name}: broken photo: its content is no JPEG, PNG or WebP; replace or remove it`);
}

/** Walks from segment to segment up to the frame header, SOF0 … SOF15, three of which mean something else. */
function readJpeg(view: DataView): ImageHeader | null {
  for (let at = 2; view.getUint8(at) === 0xff;) {
    const marker = view.getUint8(at + 1);
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      return { height: view.getUint16(at + 5), width: view.getUint16(at + 7), rgb: view.getUint8(at + 9) <= 3 };
    }
    at += marker === 0xff ? 1 : 2 + view.getUint16(at + 2); // 0xff before a marker is padding
  }
  return null;
}

function readWebp(view: DataView, kind: string): ImageHeader | null {
  const uint24 = (at: number): number => view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
  if (kind === 'VP8X') return { width: uint24(24) + 1, height: uint24(27) + 1, rgb: (view.getUint8(20) & 0x10) === 0 };
  if (kind === 'VP8 ') {
    return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff, rgb: true };
  }
  if (kind !== 'VP8L') return null;
  const bits = view.getUint32(21, true);
  return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1, rgb: false };
}
