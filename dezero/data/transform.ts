import {
  Generator,
  getBackend,
  NDArray,
  ShapeError,
  typedArray,
  ValueError,
  type DType,
  type Shape,
  type TypedArray,
} from '../ndarray';

/**
 * A change made to each sample on its way out of a data set. A random one draws from the generator it is given and from nothing
 * else, so that the same generator gives the same result.
 * @since 39
 */
export interface Transform {
  /** What it draws from starts with this seed; default 0. @since 39 */
  readonly seed?: number;
  /** The changed sample, or a promise of it; `x` itself stays as it is. @since 39 */
  apply(x: unknown, generator: Generator): unknown;
}

/**
 * Transforms one after the other: `new Compose([new Resize(256), new CenterCrop(224)])`. Default seed 0.
 * @example
 * const transform = new Compose([
 *   new ToArray(),
 *   new Normalize([0.5, 0.5, 0.5], [0.5, 0.5, 0.5]),
 * ]);
 * const photo = new Photo(toPicture(ones([40, 60])), 'white');
 * (await transformSample(transform, photo, 0, 0)).shape; // → [ 3, 40, 60 ]
 * @since 39
 */
export class Compose implements Transform {
  /** What random transforms draw from starts with this seed. @since 39 */
  readonly seed: number;

  /** `transforms` are applied from the first to the last. @since 39 */
  constructor(
    readonly transforms: readonly Transform[],
    { seed = 0 }: { seed?: number } = {},
  ) {
    this.seed = seed;
  }

  /** What the last transform gives. @since 39 */
  async apply(x: unknown, generator: Generator): Promise<unknown> {
    let out = x;
    for (const transform of this.transforms) out = await transform.apply(out, generator);
    return out;
  }
}

/**
 * y = (x − mean) / std for each channel (the first axis), mean and std a number a channel.
 * @example
 * new Normalize([0.5], [0.5]).apply(array([[0, 0.5, 1]]));
 * // → array([[-1  0  1]])
 * @since 39
 */
export class Normalize implements Transform {
  /** @throws ValueError if the lengths differ or a std is not positive. @since 39 */
  constructor(
    readonly mean: readonly number[],
    readonly std: readonly number[],
  ) {
    if (mean.length !== std.length || mean.length === 0) {
      throw new ValueError(
        `Normalize: ${mean.length} means and ${std.length} stds; give one of each for every channel`,
      );
    }
    if (!std.every((s) => s > 0)) throw new ValueError(`Normalize: every std must be above 0, not ${std.join(', ')}`);
  }

  /** x of shape (C, …); the result has its shape, and its dtype if that is a float. @throws ShapeError. @since 39 */
  apply(x: NDArray): NDArray {
    if (!(x instanceof NDArray)) throw new ValueError('Normalize: works on arrays; put ToArray before it');
    const channels = this.mean.length;
    if (x.shape[0] !== channels) {
      throw new ShapeError(
        'Normalize',
        [x.shape, [channels]],
        'there must be one mean and std for each channel (the first axis)',
      );
    }
    const values = x.values;
    const dtype = x.dtype === 'float64' ? 'float64' : 'float32';
    const out = typedArray(dtype, values.length);
    const length = values.length / channels;
    for (let c = 0; c < channels; c++) {
      const scale = 1 / (this.std[c] ?? 1);
      const shift = -(this.mean[c] ?? 0) * scale;
      for (let i = c * length; i < (c + 1) * length; i++) out[i] = (values[i] ?? 0) * scale + shift;
    }
    return cpuArray(dtype, out, x.shape);
  }
}

/** An array on the cpu around these values, in nobody's memory scope: samples are made while others compute. @since 39 */
export function cpuArray(dtype: DType, values: TypedArray, shape: Shape): NDArray {
  return new NDArray(getBackend('cpu').upload(dtype, values), shape);
}

/**
 * The generator of one sample in one epoch. It depends on nothing else, so results are the same in whatever order samples are loaded,
 * and a run resumed at some epoch draws what an unbroken one would. Each epoch takes a stretch of streams, 2³² golden sections apart.
 * @example
 * sampleGenerator(0, 0, 7).next() === sampleGenerator(0, 0, 7).next(); // → true
 * @since 39
 */
export function sampleGenerator(seed: number, epoch: number, index: number): Generator {
  return new Generator(seed, (Math.imul(epoch + 1, 0x9e3779b1) + index) >>> 0);
}

/**
 * Sends a sample through a transform with its own generator. @throws ValueError if no array comes out.
 * @example
 * await transformSample(new Normalize([1], [2]), array([[1, 3, 5]]), 0, 0);
 * // → array([[0 1 2]])
 * @since 39
 */
export async function transformSample(
  transform: Transform,
  x: unknown,
  epoch: number,
  index: number,
): Promise<NDArray> {
  const out = await transform.apply(x, sampleGenerator(transform.seed ?? 0, epoch, index));
  if (out instanceof NDArray) return out;
  throw new ValueError('transform: the last one must give an array; for photos end with ToArray (and Normalize)');
}
