import { checkCount, Generator, ValueError, type NDArray } from '../ndarray';
import { DataLoader, type DataLoaderOptions } from './dataloader';
import { Dataset, Subset } from './dataset';
import { cpuArray } from './transform';
import { verses } from './verses';

/** Which curve. @since 44 */
export interface SinCurveOptions {
  /** A noisy sine to train, a clean cosine to test: the same swing, from another start; default 'train'. @since 44 */
  readonly split?: 'train' | 'test';
  /** Points; default 1000. @since 44 */
  readonly n?: number;
  /** Points of one swing; default 100. @since 44 */
  readonly period?: number;
  /** Standard deviation of the noise; default 0.05. @since 44 */
  readonly noise?: number;
  /** Decides the noise; default 0. @since 44 */
  readonly seed?: number;
}

/**
 * A curve to be foretold: sample i is its point i, and the target is point i + 1, both of shape (1), float32.
 * @example
 * const set = new SinCurve({ noise: 0 });
 * set.length; // → 999
 * await set.get(25); // a point, and the next
 * // → [ array([1]), array([0.99802673]) ]
 * @since 44
 */
export class SinCurve extends Dataset {
  /** The curve, one point more than there are samples. @since 44 */
  readonly points: readonly number[];

  /** All options have defaults. @since 44 */
  constructor({ split = 'train', n = 1000, period = 100, noise = 0.05, seed = 0 }: SinCurveOptions = {}) {
    super();
    checkCount('SinCurve: n', n, 2);
    if (!(period > 0)) throw new ValueError(`SinCurve: period must be above 0, not ${period}`);
    const generator = new Generator(seed);
    const angle = (i: number) => (2 * Math.PI * i) / period;
    const train = (i: number) => Math.sin(angle(i)) + noise * generator.normal();
    this.points = Array.from({ length: n }, (_, i) => (split === 'train' ? train(i) : Math.cos(angle(i))));
  }

  /** How many pairs of neighbours there are. @since 44 */
  get length(): number {
    return this.points.length - 1;
  }

  /** A point and the next. @since 44 */
  override get(index: number): Promise<[NDArray, NDArray]> {
    const at = this.checkIndex(index);
    const point = (i: number) => cpuArray('float32', Float32Array.of(this.points[i] ?? 0), [1]);
    return Promise.resolve([point(at), point(at + 1)]);
  }
}

/**
 * A text, letter by letter: sample i is the number of letter i, an int32 of no axes, and the target is the number of the next.
 * Letters are numbered in the order of their codes.
 * @example
 * const set = new Letters('hello');
 * set.alphabet; // → [ 'e', 'h', 'l', 'o' ]
 * await set.get(0); // 'h', and that 'e' comes next
 * // → [ array(1), 0 ]
 * @since 45
 */
export class Letters extends Dataset {
  /** Each letter that occurs, by number. @since 45 */
  readonly alphabet: readonly string[];
  private readonly ids: Int32Array;
  private readonly numbers: ReadonlyMap<string, number>;

  /** Default: some verses of Lewis Carroll's, about 7,000 letters. @since 45 */
  constructor(text: string = verses) {
    super();
    if (text.length < 2) throw new ValueError('Letters: the text must have at least two letters');
    this.alphabet = [...new Set(text)].sort();
    this.numbers = new Map(this.alphabet.map((letter, id) => [letter, id]));
    this.ids = this.encode(text);
  }

  /** How many pairs of neighbours there are. @since 45 */
  get length(): number {
    return this.ids.length - 1;
  }

  /** A letter and the next. @since 45 */
  override get(index: number): Promise<[NDArray, number]> {
    const at = this.checkIndex(index);
    return Promise.resolve([cpuArray('int32', Int32Array.of(this.ids[at] ?? 0), []), this.ids[at + 1] ?? 0]);
  }

  /** Letters as numbers. @throws ValueError for a letter that does not occur in the text. @since 45 */
  encode(text: string): Int32Array {
    return Int32Array.from([...text], (letter) => {
      const id = this.numbers.get(letter);
      if (id === undefined) throw new ValueError(`Letters: '${letter}' does not occur in the text`);
      return id;
    });
  }

  /** Numbers as letters. @since 45 */
  decode(ids: Iterable<number>): string {
    return Array.from(ids, (id) => this.alphabet[id] ?? '').join('');
  }
}

/**
 * A sequence in batches: cut into `batch` pieces of equal length that are read side by side, so that a recurrent layer's state carries
 * on from batch to batch. Batch s holds sample s of each piece; a rest that fills no batch is left out. Unlike a DataLoader's, a batch is
 * not freed when the next is asked for: a loss over many steps still goes back through it.
 * @example
 * const set = new Letters('abcdefgh.');
 * const batches: string[] = [];
 * for await (const [x] of new SeqDataLoader(set, { batch: 2 }))
 *   batches.push(set.decode(x.values));
 * batches; // → [ 'ae', 'bf', 'cg', 'dh' ]
 * @since 45
 */
export class SeqDataLoader extends DataLoader {
  protected override readonly frees = false;

  /** @throws ValueError for a batch larger than the set. @since 45 */
  constructor(set: Dataset, { batch, ...options }: Pick<DataLoaderOptions, 'batch' | 'prefetch' | 'notice'>) {
    const steps = Math.floor(set.length / batch) || 1;
    const order = Array.from({ length: steps * batch }, (_, i) => (i % batch) * steps + Math.floor(i / batch));
    super(batch <= set.length ? new Subset(set, order) : set, { batch, ...options });
  }
}
