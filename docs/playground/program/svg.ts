/** The package's `#svg` in the playground: a worker cannot draw an SVG, the page can. */
import { DataError } from '../../../dezero/backends/errors';
import { ask } from './page';

export function svgToPng(
  svg: string,
  { scale = 2, background }: { scale?: number; background?: string } = {},
): Promise<Uint8Array> {
  return ask({ what: 'png', svg, scale, background }).catch(() => {
    throw new DataError('svgToPng: this is no drawing');
  });
}
