import { ValueError, type Generator } from '../ndarray';
import { Photo } from './photo';
import { checkPhoto, checkSize, imagenetMean, imagenetStd, ToArray } from './photoTransforms';
import type { Picture } from './picture';
import { Compose, Normalize, type Transform } from './transform';

/** Low and high end of a random choice. @since 51 */
export type Range = readonly [low: number, high: number];

/**
 * A random piece of the photo, brought to size×size (Szegedy et al. 2015). The piece has `scale` of the photo's area (default 0.08 to 1,
 * evenly) and is `ratio` times as wide as high (default 3/4 to 4/3, evenly on a log scale); when ten tries do not fit, the middle of
 * the photo is taken, as much as `ratio` allows.
 * @example
 * const photo = new Photo(toPicture(ones([40, 60])), 'white');
 * new RandomResizedCrop(32).apply(photo, new Generator(0)).width; // → 32
 * @since 51
 */
export class RandomResizedCrop implements Transform {
  /** @since 51 */
  readonly scale: Range;
  /** @since 51 */
  readonly ratio: Range;

  /** `size` in pixels. @throws ValueError for a range that is empty or not positive. @since 51 */
  constructor(
    readonly size: number,
    { scale = [0.08, 1], ratio = [3 / 4, 4 / 3] }: { scale?: Range; ratio?: Range } = {},
  ) {
    checkSize('RandomResizedCrop', size);
    this.scale = checkRange('RandomResizedCrop: scale', scale);
    this.ratio = checkRange('RandomResizedCrop: ratio', ratio);
  }

  /** @since 51 */
  apply(photo: Photo, generator: Generator): Photo {
    const [left, top, width, height] = this.choose(checkPhoto('RandomResizedCrop', photo), generator);
    return photo.crop(left, top, width, height).resize(this.size, this.size);
  }

  private choose({ width, height }: Photo, generator: Generator): [number, number, number, number] {
    const [narrow, wide] = this.ratio;
    for (let attempt = 0; attempt < 10; attempt++) {
      const area = width * height * between(generator, this.scale);
      const ratio = Math.exp(between(generator, [Math.log(narrow), Math.log(wide)]));
      const [w, h] = [Math.round(Math.sqrt(area * ratio)), Math.round(Math.sqrt(area / ratio))];
      if (w < 1 || h < 1 || w > width || h > height) continue;
      return [generator.integer(width - w + 1), generator.integer(height - h + 1), w, h];
    }
    const w = Math.max(1, Math.min(width, Math.round(height * wide)));
    const h = Math.max(1, Math.min(height, Math.round(width / narrow)));
    return [Math.floor((width - w) / 2), Math.floor((height - h) / 2), w, h];
  }
}

/**
 * Left and right exchanged with probability p, default 0.5.
 * @example
 * const photo = new Photo(toPicture(array([[0, 1]])), 'black and white');
 * const mirrored = new RandomHorizontalFlip(1).apply(photo, new Generator(0));
 * (await mirrored.picture()).data[0]; // → 255
 * @since 51
 */
export class RandomHorizontalFlip implements Transform {
  /** @throws ValueError if p is no probability. @since 51 */
  constructor(readonly p = 0.5) {
    if (!(p >= 0 && p <= 1)) throw new ValueError(`RandomHorizontalFlip: p must be from 0 to 1, not ${p}`);
  }

  /** @since 51 */
  apply(photo: Photo, generator: Generator): Photo {
    return generator.next() < this.p ? checkPhoto('RandomHorizontalFlip', photo).mirror() : photo;
  }
}

/** How far colours may move: a factor between 1 − x and 1 + x. @since 51 */
export interface JitterOptions {
  readonly brightness?: number;
  readonly contrast?: number;
  readonly saturation?: number;
}

/**
 * Brightness, contrast and saturation each changed by a random factor f in [1 − x, 1 + x], in random order. Each mixes the photo with a
 * duller one, y = dull + f·(x − dull), cut to 0 … 255: black for brightness, its mean grey for contrast, its own grey for
 * saturation. Default 0: no change.
 * @example
 * const photo = new Photo(toPicture(full([4, 4], 0.5)), 'grey');
 * const jitter = new ColorJitter({ brightness: 0.5 });
 * const other = await jitter.apply(photo, new Generator(0));
 * (await other.picture()).data[0]; // 128 before
 * // → 188
 * @since 51
 */
export class ColorJitter implements Transform {
  private readonly changes: readonly (readonly [amount: number, change: Recolour])[];

  /** @throws ValueError for a negative amount. @since 51 */
  constructor({ brightness = 0, contrast = 0, saturation = 0 }: JitterOptions = {}) {
    for (const [name, amount] of Object.entries({ brightness, contrast, saturation })) {
      if (!(amount >= 0)) throw new ValueError(`ColorJitter: ${name} must be 0 or more, not ${amount}`);
    }
    this.changes = [[brightness, brighten], [contrast, changeContrast], [saturation, saturate]]; // prettier-ignore
  }

  /** @since 51 */
  async apply(photo: Photo, generator: Generator): Promise<Photo> {
    let picture = await checkPhoto('ColorJitter', photo).picture();
    for (const i of generator.permutation(this.changes.length)) {
      const [amount, change] = this.changes[i] ?? [0, brighten];
      const factor = between(generator, [Math.max(0, 1 - amount), 1 + amount]);
      if (amount > 0) picture = change(picture, factor);
    }
    return new Photo(picture, photo.name);
  }
}

type Recolour = (picture: Picture, factor: number) => Picture;

/** y = f·x. @since 51 */
export function brighten(picture: Picture, factor: number): Picture {
  return mix(picture, 0, factor);
}

/** y = m + f·(x − m), m the photo's mean grey. @since 51 */
export function changeContrast(picture: Picture, factor: number): Picture {
  const { data } = picture;
  let sum = 0;
  for (let i = 0; i < data.length; i += 3) sum += grey(data[i] ?? 0, data[i + 1] ?? 0, data[i + 2] ?? 0);
  return mix(picture, Math.floor(sum / (data.length / 3) + 0.5), factor);
}

/** y = g + f·(x − g), g the pixel's own grey. @since 51 */
export function saturate({ width, height, data }: Picture, factor: number): Picture {
  const out = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 3) {
    const [r, g, b] = [data[i] ?? 0, data[i + 1] ?? 0, data[i + 2] ?? 0];
    const dull = grey(r, g, b);
    out[i] = toByte(dull + factor * (r - dull));
    out[i + 1] = toByte(dull + factor * (g - dull));
    out[i + 2] = toByte(dull + factor * (b - dull));
  }
  return { width, height, data: out };
}

function mix({ width, height, data }: Picture, dull: number, factor: number): Picture {
  const table = Uint8Array.from({ length: 256 }, (_, x) => toByte(dull + factor * (x - dull)));
  const out = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) out[i] = table[data[i] ?? 0] ?? 0;
  return { width, height, data: out };
}

/** Brightness as the eye has it (ITU-R BT.601), in 1/65536. */
function grey(r: number, g: number, b: number): number {
  return (r * 19595 + g * 38470 + b * 7471 + 32768) >> 16;
}

function toByte(x: number): number {
  return x <= 0 ? 0 : x >= 255 ? 255 : Math.trunc(x);
}

/**
 * How photos are varied while training: a random piece at 224×224, mirrored half the time, colours moved by up to `jitter`, then
 * normalised as ImageNet networks expect. Defaults: scale 0.08 to 1, jitter 0.
 * @example
 * const photo = new Photo(toPicture(ones([300, 400])), 'white');
 * (await transformSample(imagenetTrain({ seed: 1 }), photo, 0, 0)).shape;
 * // → [ 3, 224, 224 ]
 * @since 51
 */
export function imagenetTrain({ seed = 0, size = 224, scale = [0.08, 1] as Range, jitter = 0 } = {}): Compose {
  const colours = jitter > 0 ? [new ColorJitter({ brightness: jitter, contrast: jitter, saturation: jitter })] : [];
  const geometry = [new RandomResizedCrop(size, { scale }), new RandomHorizontalFlip()];
  return new Compose([...geometry, ...colours, new ToArray(), new Normalize(imagenetMean, imagenetStd)], { seed });
}

function between(generator: Generator, [low, high]: Range): number {
  return low + (high - low) * generator.next();
}

function checkRange(what: string, range: Range): Range {
  if (range[0] > 0 && range[0] <= range[1]) return range;
  throw new ValueError(`${what} must be [low, high] with 0 < low ≤ high, not [${range.join(', ')}]`);
}
