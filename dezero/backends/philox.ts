/**
 * Philox 4x32-10: random numbers as a function of (key, counter), so that any device can draw any part of the stream.
 * Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 */

const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9; // the golden ratio
const W1 = 0xbb67ae85; // √3 − 1

/** High 32 bits of the 64-bit product of two unsigned 32-bit numbers. */
function mulHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const middle2 = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + (middle >>> 16) + (middle2 >>> 16)) >>> 0;
}

/** Turns the four counter words in `block` into four random words, in place. @since 28 */
export function philox(block: Uint32Array, key0: number, key1: number): void {
  let [c0, c1, c2, c3] = [block[0], block[1], block[2], block[3]];
  let k0 = key0;
  let k1 = key1;
  for (let round = 0; round < 10; round++) {
    const high0 = mulHigh(M0, c0);
    const low0 = Math.imul(M0, c0) >>> 0;
    const high1 = mulHigh(M1, c2);
    const low1 = Math.imul(M1, c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
    k0 = (k0 + W0) >>> 0;
    k1 = (k1 + W1) >>> 0;
  }
  block[0] = c0;
  block[1] = c1;
  block[2] = c2;
  block[3] = c3;
}

/**
 * A stretch of one stream, word by word. Block n of a stream has counter (n low, n high, 0, 0); a number in [0, 1) is one word's
 * upper 24 bits (float32, the same on every device) or two words' upper 53 (float64).
 * @since 28
 */
export class PhiloxStream {
  private readonly block = new Uint32Array(4);
  private used = 4;

  /** `counter` is the first block to draw from. @since 28 */
  constructor(
    private readonly key: readonly [number, number],
    private counter = 0,
  ) {}

  /** Words drawn so far, counted from block 0. @since 28 */
  get position(): number {
    return this.counter * 4 - (4 - this.used);
  }

  /** Goes on from a position. @since 28 */
  seek(position: number): void {
    this.counter = Math.floor(position / 4);
    this.used = 4;
    for (let i = position % 4; i > 0; i--) this.word();
  }

  /** The next 32 random bits. @since 28 */
  word(): number {
    if (this.used === 4) {
      this.block[0] = this.counter >>> 0;
      this.block[1] = Math.floor(this.counter / 4294967296);
      this.block[2] = 0;
      this.block[3] = 0;
      philox(this.block, this.key[0], this.key[1]);
      this.counter++;
      this.used = 0;
    }
    return this.block[this.used++];
  }

  /** 24 random bits as a number in [0, 1). @since 28 */
  uniform32(): number {
    return (this.word() >>> 8) * 2 ** -24;
  }

  /** 53 random bits as a number in [0, 1). @since 28 */
  uniform64(): number {
    const high = this.word() >>> 5;
    return (high * 67108864 + (this.word() >>> 6)) * 2 ** -53;
  }
}
