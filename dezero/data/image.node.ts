import sharp from 'sharp';
import { DataError } from '../backends/errors';

import { readHeader, type Geometry, type Picture } from './picture';
import { applyGeometry } from './resample';

// One thread a photo, several photos at a time (libuv's pool), and nothing kept between them: memory stays flat.
sharp.cache(false);
sharp.concurrency(1);

/** Pixels as they are stored: no colour profile is applied and nothing is turned. A photo cut off or damaged is an error. */
const options: sharp.SharpOptions = {
  failOn: 'error',
  ignoreIcc: true,
  sequentialRead: true,
  limitInputPixels: 2 ** 28,
};

/**
 * Pixels of a photo file, off the main thread: grey is tripled, transparency dropped. @throws DataError naming it.
 * @example
 * const bytes = await encodePng(toPicture(ones([40, 60])));
 * const { width, height } = await decodeImage(bytes, 'white.png');
 * [width, height]; // → [ 60, 40 ]
 * @since 50
 */
export async function decodeImage(bytes: Uint8Array, name: string): Promise<Picture> {
  try {
    const image = sharp(bytes, options);
    const { space } = await image.metadata();
    if (space === 'cmyk') return await decodeInks(bytes);
    return await pixels(image.removeAlpha());
  } catch (error) {
    throw broken(name, error);
  }
}

/**
 * Pixels of a photo after cropping, resizing and mirroring. A file is decoded and resized in one go, off the main thread and
 * without ever holding all its pixels; on average within 0.3/255 of `applyGeometry`.
 * @throws DataError naming the photo.
 * @since 50
 */
export async function renderImage(source: Uint8Array | Picture, geometry: Geometry, name: string): Promise<Picture> {
  const { box, size, window, mirrored } = geometry;
  // sharp would weigh colours by their transparency; Pillow's convert('RGB') drops that first, and so do we.
  const from = source instanceof Uint8Array && !readHeader(source, name).rgb ? await decodeImage(source, name) : source;
  try {
    const image = from instanceof Uint8Array ? sharp(from, options) : fromPixels(from);
    // sharp enlarges with a shift of half a pixel, so that is left to our own code
    if (size.width > box.width || size.height > box.height) {
      const whole = { ...box, left: 0, top: 0 };
      return applyGeometry(await pixels(image.extract(box)), { ...geometry, box: whole });
    }
    image.extract(box).resize(size.width, size.height, { fit: 'fill', kernel: 'linear', fastShrinkOnLoad: false });
    // sharp mirrors before it cuts out the window
    const left = mirrored ? size.width - window.left - window.width : window.left;
    return await pixels(image.flop(mirrored).extract({ ...window, left }));
  } catch (error) {
    throw broken(name, error);
  }
}

/**
 * A picture as the bytes of a PNG file.
 * @example
 * const bytes = await encodePng(toPicture(ones([40, 60])));
 * String.fromCharCode(...bytes.slice(1, 4)); // → PNG
 * @since 50
 */
export async function encodePng(picture: Picture): Promise<Uint8Array> {
  return fromPixels(picture).png().toBuffer();
}

function fromPixels({ width, height, data }: Picture): sharp.Sharp {
  return sharp(data, { raw: { width, height, channels: 3 } });
}

async function pixels(image: sharp.Sharp): Promise<Picture> {
  const { data, info } = await image
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

/** Printing inks (CMYK) as light: red is what cyan and black leave, (255 − C)(255 − K) / 255, and so on. */
async function decodeInks(bytes: Uint8Array): Promise<Picture> {
  const image = sharp(bytes, options).pipelineColourspace('cmyk').toColourspace('cmyk');
  const { data: inks, info } = await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  const data = new Uint8Array(info.width * info.height * 3);
  for (let i = 0; i < info.width * info.height; i++) {
    const light = 255 - inks.readUInt8(i * 4 + 3);
    for (let c = 0; c < 3; c++) data[i * 3 + c] = light - Math.round((inks.readUInt8(i * 4 + c) * light) / 255);
  }
  return { width: info.width, height: info.height, data };
}

/** libvips reports its reasons for several photos at once, so they are only attached, not told. */
function broken(name: string, cause: unknown): DataError {
  if (cause instanceof DataError) return cause;
  return new DataError(`${name}: broken photo: its content is cut off or damaged; replace or remove it`, { cause });
}
