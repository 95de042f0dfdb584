import { assetPath, fetchDigits, readGzip, type OnProgress } from '../io';
import { DataError, Generator, type NDArray } from '../ndarray';
import { Dataset } from './dataset';
import { cpuArray, transformSample, type Transform } from './transform';

/** Which digits to open. @since 41 */
export interface MNISTOptions {
  /** Default 'train'. @since 41 */
  readonly split?: 'train' | 'test';
  /** The whole set, 60,000 and 10,000 digits, from the cache or fetched; default false: 8,000 and 2,000 that are part of the package. @since 41 */
  readonly full?: boolean;
  /** Of (1, 28, 28), float32, 0 to 1; default none. @since 41 */
  readonly transform?: Transform;
  /** How the packaged digits are split, and their order; default 0. @since 41 */
  readonly seed?: number;
  /** Is told how far downloads are. @since 41 */
  readonly onProgress?: OnProgress;
}

const SIDE = 28;
const PIXELS = SIDE * SIDE;
const TRAIN = 0.8; // of the packaged digits of each class

/** Labels 0 to 9, and grey values 0 to 255 of each digit, row by row. */
interface Digits {
  readonly labels: Uint8Array;
  readonly pixels: Uint8Array;
}

/**
 * Handwritten digits, 28 × 28, white on black (LeCun, Cortes and Burges, 1998): `await MNIST.open({ split: 'test' })`.
 * @example
 * const set = await MNIST.open({ split: 'test' });
 * set.length; // → 2000
 * const [x, t] = await set.get(0);
 * x.shape; // → [ 1, 28, 28 ]
 * @since 41
 */
export class MNIST extends Dataset {
  /** Names of the classes. @since 41 */
  readonly classes: readonly string[] = Array.from('0123456789');

  private constructor(
    private readonly digits: Digits,
    private readonly transform: Transform | null,
  ) {
    super();
  }

  /** @throws DataError if the full set cannot be had, or a file is damaged. @since 41 */
  static async open({
    split = 'train',
    full = false,
    transform,
    seed = 0,
    onProgress,
  }: MNISTOptions = {}): Promise<MNIST> {
    const digits = full ? await fullDigits(split, onProgress) : splitDigits(await packagedDigits(), split, seed);
    return new MNIST(digits, transform ?? null);
  }

  /** How many digits there are. @since 41 */
  get length(): number {
    return this.digits.labels.length;
  }

  /** The class of each digit. @since 41 */
  get labels(): Uint8Array {
    return this.digits.labels;
  }

  /** A digit as it was scanned, grey values 0 to 255, row by row. @since 41 */
  pixels(index: number): Uint8Array {
    const at = this.checkIndex(index) * PIXELS;
    return this.digits.pixels.subarray(at, at + PIXELS);
  }

  /** A digit as (1, 28, 28), 0 to 1, or what the transform makes of it; and its class. @since 41 */
  override async get(index: number, epoch = 0): Promise<[NDArray, number]> {
    const grey = Float32Array.from(this.pixels(index), (value) => value / 255);
    const x = cpuArray('float32', grey, [1, SIDE, SIDE]);
    const label = this.digits.labels[index] ?? 0;
    return [this.transform ? await transformSample(this.transform, x, epoch, index) : x, label];
  }
}

async function packagedDigits(): Promise<Digits> {
  const file = assetPath('data/digits/digits.gz');
  const bytes = await readGzip(file);
  const count = bytes.length / (1 + PIXELS);
  if (!Number.isInteger(count)) throw new DataError(`${file}: ${bytes.length} bytes are no whole number of digits`);
  return { labels: bytes.subarray(0, count), pixels: bytes.subarray(count) };
}

/** The same share of each class to train; the rest to test. */
function splitDigits({ labels, pixels }: Digits, split: 'train' | 'test', seed: number): Digits {
  const places = Array.from({ length: 10 }, (): number[] => []);
  for (const at of new Generator(seed).permutation(labels.length)) places[labels[at] ?? 0]?.push(at);
  const chosen = places.flatMap((own) => {
    const cut = Math.round(TRAIN * own.length);
    return split === 'train' ? own.slice(0, cut) : own.slice(cut);
  });
  const order = new Generator(seed, 1).permutation(chosen.length);
  const picked = Array.from(order, (i) => chosen[i] ?? 0);
  const out = { labels: new Uint8Array(picked.length), pixels: new Uint8Array(picked.length * PIXELS) };
  picked.forEach((at, i) => {
    out.labels[i] = labels[at] ?? 0;
    out.pixels.set(pixels.subarray(at * PIXELS, (at + 1) * PIXELS), i * PIXELS);
  });
  return out;
}

async function fullDigits(split: 'train' | 'test', onProgress?: OnProgress): Promise<Digits> {
  const { images, labels } = await fetchDigits(split, onProgress);
  return { labels: await readIdx(labels, [null]), pixels: await readIdx(images, [null, SIDE, SIDE]) };
}

/** The bytes of an IDX file: 0, 0, 8 (bytes), how many sizes, the sizes (big-endian), the elements. */
async function readIdx(file: string, expected: readonly (number | null)[]): Promise<Uint8Array> {
  const bytes = await readGzip(file);
  const start = 4 + 4 * expected.length;
  const view = new DataView(bytes.buffer);
  if (bytes.length < start || view.getUint32(0) !== 0x0800 + expected.length)
    throw new DataError(`${file}: it does not begin like an IDX file of bytes with ${expected.length} sizes`);
  const sizes = expected.map((_, i) => view.getUint32(4 + 4 * i));
  const elements = sizes.reduce((product, n) => product * n, 1);
  if (sizes.some((n, i) => i > 0 && n !== expected[i]) || bytes.length !== start + elements)
    throw new DataError(`${file}: it is to hold ${sizes.join(' × ')} bytes, and holds ${bytes.length - start}`);
  return bytes.subarray(start);
}
