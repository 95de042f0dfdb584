import { checkCount, Generator, type NDArray } from '../ndarray';
import { Dataset } from './dataset';
import { cpuArray, transformSample, type Transform } from './transform';

const ARMS = 3;

/** How many points, and which. @since 38 */
export interface SpiralOptions {
  /** Points on each of the three arms; default 100. @since 38 */
  readonly n?: number;
  /** Another seed, other points; default 0. @since 38 */
  readonly seed?: number;
}

/** Points (x, y) in a disc of radius about 1, and the arm, 0 to 2, that each lies on. @since 38 */
export interface SpiralPoints {
  readonly x: [number, number][];
  readonly t: number[];
}

/**
 * Three arms wound round each other, which no straight line can part: arm j at radius r in 0…1 has the angle 4j + 4r + 0.2·(normal noise)
 * radians. In random order.
 * @example
 * const { x, t } = spiral({ n: 2 });
 * x.length; // → 6
 * t; // → [ 0, 0, 1, 1, 2, 2 ]
 * @since 38
 */
export function spiral({ n = 100, seed = 0 }: SpiralOptions = {}): SpiralPoints {
  checkCount('spiral: n', n, 1);
  const generator = new Generator(seed);
  const points = Array.from({ length: ARMS * n }, (_, i) => {
    const arm = Math.floor(i / n);
    const radius = (i % n) / n;
    const angle = 4 * (arm + radius) + 0.2 * generator.normal();
    return { x: [radius * Math.sin(angle), radius * Math.cos(angle)] as [number, number], t: arm };
  });
  const shuffled = Array.from(generator.permutation(points.length), (i) => points[i]).filter((p) => p !== undefined);
  return { x: shuffled.map(({ x }) => x), t: shuffled.map(({ t }) => t) };
}

/**
 * The spiral's points as a data set: x (2), float32.
 * @example
 * const set = new Spiral();
 * set.length; // → 300
 * await set.get(0); // → [ array([ 0.45505342 -0.11758569]), 0 ]
 * @since 39
 */
export class Spiral extends Dataset {
  /** Where the points are. @since 39 */
  readonly points: SpiralPoints;
  private readonly transform: Transform | null;

  /** Training and test points have nothing in common; default the former, 100 on each arm. @since 39 */
  constructor({
    split = 'train',
    n = 100,
    seed = 0,
    transform,
  }: SpiralOptions & { readonly split?: 'train' | 'test'; readonly transform?: Transform } = {}) {
    super();
    this.points = spiral({ n, seed: 2 * seed + (split === 'train' ? 0 : 1) });
    this.transform = transform ?? null;
  }

  /** How many points there are. @since 39 */
  get length(): number {
    return this.points.t.length;
  }

  /** A point and its arm. @since 39 */
  override async get(index: number, epoch = 0): Promise<[NDArray, number]> {
    const point = this.points.x[this.checkIndex(index)] ?? [0, 0];
    const x = cpuArray('float32', Float32Array.from(point), [2]);
    return [this.transform ? await transformSample(this.transform, x, epoch, index) : x, this.points.t[index] ?? 0];
  }
}
