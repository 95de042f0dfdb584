import { readFile } from '#files';
import { renderImage } from '#image';
import { ValueError } from '../backends/errors';
import { readHeader, type Box, type Geometry, type Picture } from './picture';

/**
 * A photo that is not decoded yet. Cropping, resizing and mirroring only note what is to be done; `picture()` does all of it at once.
 * Photos are never changed: each method gives a new one.
 * @example
 * const photo = new Photo(toPicture(full([40, 60], 0.5)), 'grey');
 * const half = photo.resize(30, 20).crop(5, 0, 20, 20); // as yet a plan
 * const { width, height } = await half.picture();
 * [width, height]; // → [ 20, 20 ]
 * @since 50
 */
export class Photo {
  /** `source`: a file's bytes, pixels, or a photo to go on from. `geometry` is for the class's own use. @since 50 */
  constructor(
    private readonly source: Uint8Array | Picture | Photo,
    readonly name: string,
    private readonly geometry: Geometry = untouched(source instanceof Uint8Array ? readHeader(source, name) : source),
  ) {}

  /** In pixels. @since 50 */
  get width(): number {
    return this.geometry.window.width;
  }

  /** In pixels. @since 50 */
  get height(): number {
    return this.geometry.window.height;
  }

  /** A piece of the photo. @throws ValueError if it reaches over the edge. @since 50 */
  crop(left: number, top: number, width: number, height: number): Photo {
    if (left < 0 || top < 0 || width < 1 || height < 1 || left + width > this.width || top + height > this.height) {
      const piece = `${width}×${height} at (${left}, ${top})`;
      throw new ValueError(
        `crop: ${piece} is not inside ${this.name}, which is ${this.width}×${this.height}; resize it first`,
      );
    }
    const { box, window, mirrored } = this.geometry;
    const fromLeft = window.left + (mirrored ? window.width - left - width : left);
    const part: Box = { left: fromLeft, top: window.top + top, width, height };
    if (this.isResized) return this.with({ window: part });
    const inBox = { ...part, left: box.left + part.left, top: box.top + part.top };
    return this.with({ ...untouched(part), box: inBox, mirrored });
  }

  /** The photo at another size, bilinear and antialiased. @since 50 */
  resize(width: number, height: number): Photo {
    const base = this.isResized ? new Photo(this, this.name) : this;
    const { box, mirrored } = base.geometry;
    return base.with({ ...untouched({ width, height }), box, mirrored });
  }

  /** Left and right exchanged. @since 51 */
  mirror(): Photo {
    return this.with({ mirrored: !this.geometry.mirrored });
  }

  /** The pixels. @throws DataError naming a broken photo. @since 50 */
  async picture(): Promise<Picture> {
    const source = this.source instanceof Photo ? await this.source.picture() : this.source;
    return renderImage(source, this.geometry, this.name);
  }

  private get isResized(): boolean {
    const { box, size } = this.geometry;
    return size.width !== box.width || size.height !== box.height;
  }

  private with(change: Partial<Geometry>): Photo {
    return new Photo(this.source, this.name, { ...this.geometry, ...change });
  }
}

function untouched({ width, height }: { readonly width: number; readonly height: number }): Geometry {
  const whole = { left: 0, top: 0, width, height };
  return { box: whole, size: { width, height }, window: whole, mirrored: false };
}

/**
 * A photo from a JPEG, PNG or WebP file. @throws DataError naming a file that is missing or broken.
 * @example
 * const white = await encodePng(toPicture(ones([40, 60])));
 * await writeFileSafely('white.png', white);
 * const photo = await readImage('white.png');
 * [photo.width, photo.height]; // → [ 60, 40 ]
 * @since 50
 */
export async function readImage(file: string): Promise<Photo> {
  return new Photo(await readFile(file), file);
}
