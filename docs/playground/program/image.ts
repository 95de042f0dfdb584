/** The package's `#image` in the playground: the browser's, but that the page draws what is an SVG. */
import { decodeImage as decode, encodePng, renderImage as render } from '../../../dezero/data/image.browser';
import type { Geometry, Picture } from '../../../dezero/data/picture';
import { applyGeometry } from '../../../dezero/data/resample';
import { ask } from './page';

export { encodePng };

export async function decodeImage(bytes: Uint8Array, name: string): Promise<Picture> {
  if (bytes[0] !== '<'.charCodeAt(0)) return decode(bytes, name);
  return decode(await ask({ what: 'png', svg: new TextDecoder().decode(bytes), scale: 1 }), name);
}

export async function renderImage(source: Uint8Array | Picture, geometry: Geometry, name: string): Promise<Picture> {
  return source instanceof Uint8Array
    ? applyGeometry(await decodeImage(source, name), geometry)
    : render(source, geometry, name);
}
