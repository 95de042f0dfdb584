import { ValueError, type NDArray } from '../ndarray';
import { Photo } from './photo';
import { Compose, cpuArray, Normalize, type Transform } from './transform';

/**
 * Means of red, green and blue over ImageNet.
 * @example
 * imagenetMean; // → [ 0.485, 0.456, 0.406 ]
 * @since 50
 */
export const imagenetMean: readonly number[] = [0.485, 0.456, 0.406];
/**
 * Standard deviations of red, green and blue over ImageNet.
 * @example
 * imagenetStd; // → [ 0.229, 0.224, 0.225 ]
 * @since 50
 */
export const imagenetStd: readonly number[] = [0.229, 0.224, 0.225];

/**
 * The photo at the size where its shorter side is `size`; the longer one keeps the proportions, rounded down.
 * @example
 * const photo = new Photo(toPicture(ones([40, 60])), 'white');
 * const { width, height } = new Resize(20).apply(photo);
 * [width, height]; // → [ 30, 20 ]
 * @since 50
 */
export class Resize implements Transform {
  /** `size` in pixels. @since 50 */
  constructor(readonly size: number) {
    checkSize('Resize', size);
  }

  /** @since 50 */
  apply(photo: Photo): Photo {
    const { width, height } = checkPhoto('Resize', photo);
    const long = (longer: number, shorter: number): number => Math.max(1, Math.trunc((this.size * longer) / shorter));
    return width <= height
      ? photo.resize(this.size, long(height, width))
      : photo.resize(long(width, height), this.size);
  }
}

/**
 * The square of side `size` from the middle of the photo; half a pixel is rounded to the even one.
 * @example
 * const photo = new Photo(toPicture(ones([40, 60])), 'white');
 * new CenterCrop(32).apply(photo).width; // → 32
 * @since 50
 */
export class CenterCrop implements Transform {
  /** `size` in pixels. @since 50 */
  constructor(readonly size: number) {
    checkSize('CenterCrop', size);
  }

  /** @throws ValueError if the photo is smaller than the square. @since 50 */
  apply(photo: Photo): Photo {
    const { width, height } = checkPhoto('CenterCrop', photo);
    return photo.crop(
      roundHalfEven((width - this.size) / 2),
      roundHalfEven((height - this.size) / 2),
      this.size,
      this.size,
    );
  }
}

/**
 * Red, green and blue bytes, pixel by pixel, to a float32 array of shape (3, H, W) between 0 and 1.
 * @example
 * const photo = new Photo(toPicture(ones([40, 60])), 'white');
 * (await new ToArray().apply(photo)).shape; // → [ 3, 40, 60 ]
 * @since 50
 */
export class ToArray implements Transform {
  /** @since 50 */
  async apply(photo: Photo): Promise<NDArray> {
    const { width, height, data } = await checkPhoto('ToArray', photo).picture();
    const area = width * height;
    const values = new Float32Array(3 * area);
    for (let i = 0, from = 0; i < area; i++) {
      values[i] = (data[from++] ?? 0) / 255;
      values[i + area] = (data[from++] ?? 0) / 255;
      values[i + 2 * area] = (data[from++] ?? 0) / 255;
    }
    return cpuArray('float32', values, [3, height, width]);
  }
}

/**
 * How networks trained on ImageNet are shown photos: shorter side 256, the middle 224×224, normalised.
 * @example
 * const photo = new Photo(toPicture(ones([300, 400])), 'white');
 * (await transformSample(imagenetEval(), photo, 0, 0)).shape;
 * // → [ 3, 224, 224 ]
 * @since 50
 */
export function imagenetEval({ size = 224 }: { size?: number } = {}): Compose {
  const steps = [new Resize(Math.round((size * 256) / 224)), new CenterCrop(size)];
  return new Compose([...steps, new ToArray(), new Normalize(imagenetMean, imagenetStd)]);
}

/** The photo, or an error that says which transform wanted one. @since 50 */
export function checkPhoto(transform: string, photo: unknown): Photo {
  if (photo instanceof Photo) return photo;
  throw new ValueError(`${transform}: works on photos; put it before ToArray`);
}

/** A size in pixels, or an error that names its owner. @since 50 */
export function checkSize(transform: string, size: number): void {
  if (Number.isInteger(size) && size >= 1) return;
  throw new ValueError(`${transform}: size must be a whole number of pixels from 1 on, not ${size}`);
}

function roundHalfEven(x: number): number {
  const down = Math.floor(x);
  return x - down === 0.5 ? down + (down % 2 === 0 ? 0 : 1) : Math.round(x);
}
