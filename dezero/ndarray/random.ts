import type { Distribution } from '../backends/backend';
import { ValueError } from '../backends/errors';
import { PhiloxStream } from '../backends/philox';
import type { NDArray } from './ndarray';

/**
 * A seeded source of random numbers. The same seed and stream give the same numbers on every machine and device; streams of one
 * seed are independent of each other.
 * @example
 * const generator = new Generator(0);
 * generator.next(); // → 0.39904647231489565
 * generator.integer(6); // → 4
 * generator.permutation(5); // → Int32Array(5) [ 1, 3, 0, 2, 4 ]
 * @since 28
 */
export class Generator {
  private readonly key: [number, number];
  private readonly words: PhiloxStream;
  private fills = 0;

  /** `stream` numbers independent sequences of one seed. @since 28 */
  constructor(
    readonly seed: number,
    readonly stream = 0,
  ) {
    if (!Number.isSafeInteger(seed) || seed < 0)
      throw new ValueError(`seed must be a whole number from 0 on, not ${seed}`);
    this.key = [(seed ^ Math.imul(Math.floor(seed / 4294967296), 0x85ebca6b)) >>> 0, stream >>> 0];
    this.words = new PhiloxStream(this.key);
  }

  /** Uniform in [0, 1), 53 bits. @since 28 */
  next(): number {
    return this.words.uniform64();
  }

  /** A whole number from 0 to n − 1. @since 28 */
  integer(n: number): number {
    return Math.floor(this.next() * n);
  }

  /** Standard normal (Box and Muller, 1958). @since 28 */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }

  /** 0 … n − 1 in random order (Fisher and Yates). @since 28 */
  permutation(n: number): Int32Array {
    const order = Int32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order;
  }

  /** Fills an array on its own device: uniform in [0, 1) or standard normal. Each call draws a part of the stream of its own. @since 28 */
  fill(distribution: Distribution, out: NDArray): NDArray {
    // Blocks from 2³² on are for arrays, 2³² of them to each call, so that single numbers and arrays never share one.
    this.fills++;
    out.storage.backend.random(distribution, this.key, this.fills * 4294967296, out);
    return out;
  }

  /** One that goes on from the same place, to draw from in this one's stead without moving it. @since 36 */
  standIn(): Generator {
    const copy = new Generator(this.seed, this.stream);
    copy.words.seek(this.words.position);
    copy.fills = this.fills;
    return copy;
  }

  /** How far the generator has come: give it to `restore` to go on from here. @since 49 */
  get position(): readonly [number, number] {
    return [this.words.position, this.fills];
  }

  /** Goes on from a position. @since 49 */
  restore([words, fills]: readonly [number, number]): this {
    this.words.seek(words);
    this.fills = fills;
    return this;
  }
}

let shared = new Generator(0);

/**
 * The generator that dropout and new layers draw from unless they are given one.
 * @example
 * setSeed(0);
 * defaultGenerator().next(); // → 0.39904647231489565
 * @since 35
 */
export function defaultGenerator(): Generator {
  return shared;
}

/**
 * Seeds that generator. `stream` numbers independent sequences of one seed, one for each training step, say.
 * @example
 * setSeed(7);
 * defaultGenerator().integer(100); // → 95
 * setSeed(7);
 * defaultGenerator().integer(100); // → 95
 * @since 35
 */
export function setSeed(seed: number, stream = 0): void {
  shared = new Generator(seed, stream);
}

/** Runs f and gives back what it draws: afterwards the default generator goes on from where it was. @since 36 */
export function withoutDrawing<T>(f: () => T): T {
  const before = shared;
  shared = before.standIn();
  try {
    return f();
  } finally {
    shared = before;
  }
}
