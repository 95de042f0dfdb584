/** The kernels of `assembly/`, made ready on a memory and called with matrices instead of addresses. */
import type { TypedArray } from '../backend';
import { openBlas } from '#blas';
import { cutForBlas, inTwo, isRight, LEAST_SHARED, readable, type Blas, type Cut } from './blas';
import { load, type Flavour } from './loader';
import type { KernelMemory } from './memory';
import { axes, countOf, NoRoom, Tables, type Axis } from './tables';
import { Crew } from './threads';

/** A matrix: the address of its first element, and the axes along its rows and along its columns. @since 28 */
export interface Matrix {
  readonly at: number;
  readonly rows: readonly Axis[];
  readonly columns: readonly Axis[];
}

/** c = a·b + bias, or c += a·b; then relu. @since 28 */
export interface Product {
  readonly a: Matrix;
  readonly b: Matrix;
  readonly c: Matrix;
  /** One value a row of c, or one a column. @since 28 */
  readonly bias?: { readonly at: number; readonly along: 'rows' | 'columns' } | null;
  readonly accumulate?: boolean;
  readonly relu?: boolean;
  /** Bytes of an element, 4 for float32 and 8 for float64; default 4. @since 28 */
  readonly bytes?: 4 | 8;
}

/** Planes in memory: the address of the first element, the axes from plane to plane and from tap to tap, and what lies between rows and between columns. @since 47 */
export interface Planes {
  readonly at: number;
  readonly planes: readonly Axis[];
  readonly taps: readonly Axis[];
  readonly steps: readonly [row: number, column: number];
}

/** Pictures in memory: (N, C, H, W) with these strides. @since 47 */
export interface Pictures {
  readonly at: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** Zeros around a picture. @since 47 */
export interface Frame {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** What an operation works with once its operands lie in the kernels' memory. @since 28 */
export interface Workplace {
  readonly engine: Engine;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly alloc: (bytes: number) => number;
}

/** What a job can be: the numbers of `work` in assembly/index.ts. @since 28 */
const KINDS = [
  'product', 'frame', 'unary', 'binary', 'where', 'copy', 'reduce', 'maxPool', 'poolGather', 'poolScatter', 'averagePool',
  'averagePoolInput', 'update', 'words', 'product64', 'gather', 'blas', 'blas64', 'softmax', 'channelSums', 'channelMap',
  'unary64', 'binary64', 'where64', 'copy64', 'convolvePlanes', 'correlatePlanes',
  'winogradFilters', 'winograd', 'winogradWeights', 'frame64', 'reduce64', 'maxPool64', 'poolGather64', 'poolScatter64',
  'averagePool64', 'averagePoolInput64', 'update64',
] as const; // prettier-ignore

/** What a job is. @since 28 */
export type Kind = (typeof KINDS)[number];

const AXES = { rows: 1, columns: 2 }; // of a bias
const JOB_BYTES = 256;
const LEAST_BLAS = 2 ** 15; // multiplications: the call itself takes a microsecond or two
const MOST_ROWS = 256; // in a piece of a product
const MOST_COLUMNS = 256;

/** The kernels on one memory. @since 28 */
export class Engine {
  /** The memory as numbers. @since 28 */
  readonly floats: Float32Array;
  readonly #memory: KernelMemory;
  readonly #tables: Tables;
  readonly #crew: Crew;
  readonly #ints: Int32Array;
  readonly #doubles: Float64Array;
  readonly #job: number;
  #blas: Blas | null | undefined;

  /** `leastBlas`: products of fewer multiplications are not left to BLAS; Infinity is none. @throws NoRoom if there is no memory. @since 28 */
  constructor(
    memory: KernelMemory,
    flavour: Flavour,
    private readonly leastBlas = LEAST_BLAS,
  ) {
    if (!memory.memory) throw new NoRoom();
    this.flavour = flavour;
    const { module, exports } = load(flavour, memory.memory, (...numbers) => this.#blas?.gemm(...numbers));
    this.floats = new Float32Array(memory.buffer);
    this.#memory = memory;
    this.#tables = new Tables(memory);
    this.#ints = new Int32Array(memory.buffer);
    this.#doubles = new Float64Array(memory.buffer);
    this.#job = this.alloc(JOB_BYTES);
    this.#crew = new Crew(memory, module, exports);
  }

  /** Numbers at an address, of the same kind as others. @since 28 */
  like(values: TypedArray, at: number, length: number): TypedArray {
    const Kind = values.constructor as new (buffer: ArrayBufferLike, at: number, length: number) => TypedArray;
    return new Kind(this.floats.buffer, at, length);
  }

  /** The address of a block. @throws NoRoom. @since 28 */
  alloc(bytes: number): number {
    const at = this.#memory.alloc(bytes);
    if (at === null) throw new NoRoom();
    return at;
  }

  /** Calls `body` with an `alloc` whose blocks last until it returns. @since 28 */
  scratch(body: (alloc: (bytes: number) => number) => void): void {
    this.#tables.trim();
    const taken: number[] = [];
    try {
      body((bytes) => {
        const at = this.alloc(bytes);
        taken.push(at);
        return at;
      });
    } finally {
      for (const at of taken) this.#memory.free(at);
    }
  }

  /** The address of a table of byte offsets along some axes, good until `scratch` returns. @throws NoRoom. @since 28 */
  table(along: readonly Axis[], bytes = 4): number {
    return this.#tables.get(along, bytes);
  }

  /** Does a job in so many pieces: whole numbers, then float64 numbers, as the kind's class in `assembly/` has them. @since 28 */
  run(kind: Kind, pieces: number, whole: readonly number[], numbers: readonly number[] = []): void {
    if (pieces === 0) return;
    const blas = pieces > 1 ? this.blas() : null; // first of all: the check of a BLAS is a job too
    this.#ints.set([KINDS.indexOf(kind), pieces, 0, ...whole], this.#job / 4);
    this.#doubles.set(numbers, this.#job / 8 + Math.ceil((3 + whole.length) / 2));
    this.#crew.run(this.#job, pieces, blas?.source);
  }

  /** Runs one product, through BLAS if there is one and it pays. @throws NoRoom. @since 28 */
  product(product: Product): void {
    const { a, c } = product;
    const multiplications = countOf(c.rows) * countOf(c.columns) * countOf(a.columns);
    if (multiplications >= this.leastBlas && this.blas()) this.blasProduct(product);
    else this.kernelProduct(product);
  }

  /** Which kernels these are. @since 28 */
  readonly flavour: Flavour;

  /** The BLAS that products go through, or null. @since 28 */
  blas(): Blas | null {
    if (this.#blas === undefined) {
      const { memory } = this.#memory;
      this.#blas = memory && this.leastBlas < Infinity ? openBlas(memory, (line) => console.warn(line)) : null;
      if (this.#blas && !isRight(this.#blas, this)) {
        console.warn(`${this.#blas.name} multiplies wrongly on this machine; going on without BLAS`);
        this.#blas = null;
      }
    }
    return this.#blas;
  }

  /** Runs one product in the kernels. @throws NoRoom. @since 28 */
  kernelProduct(product: Product): void {
    const { a, c, bytes = 4 } = product;
    const [m, n, k] = [countOf(c.rows), countOf(c.columns), countOf(a.columns)];
    const shared = { rows: part(m, MOST_ROWS, 4), columns: part(n, MOST_COLUMNS, 8), depth: k };
    const cut = m * n * k < LEAST_SHARED ? { rows: m, columns: n, depth: k } : inTwo(m, n, shared);
    this.#cut(bytes === 4 ? 'product' : 'product64', product, cut);
  }

  /** Runs one product through BLAS, which must be there. @throws NoRoom. @since 28 */
  blasProduct(product: Product): void {
    const { a, bytes = 4 } = product;
    const cut = cutForBlas(product);
    this.scratch((alloc) => {
      this.#cut(bytes === 4 ? 'blas' : 'blas64', { ...product, a: readable(a, cut.depth, this, alloc, bytes) }, cut);
    });
  }

  #cut(kind: Kind, { a, b, c, bias = null, accumulate = false, relu = false, bytes = 4 }: Product, cut: Cut): void {
    const tables = ({ at, rows, columns }: Matrix) => [at, this.table(rows, bytes), this.table(columns, bytes)];
    const [m, n, k] = [countOf(c.rows), countOf(c.columns), countOf(a.columns)];
    const pieces = Math.ceil(m / cut.rows) * Math.ceil(n / cut.columns);
    const biasAxis = bias ? AXES[bias.along] : 0;
    const settings = [bias?.at ?? 0, biasAxis, Number(accumulate), Number(relu), cut.rows, cut.columns, cut.depth];
    this.run(kind, pieces, [m, n, k, ...tables(a), ...tables(b), ...tables(c), ...settings]);
  }

  /**
   * y(plane, h, w) = Σ w(plane, tap) · x(plane, h, w, tap) + bias(plane), then relu if asked, for planes y of `size`.
   * @throws NoRoom. @since 47
   */
  convolvePlanes(
    x: Planes,
    w: Omit<Planes, 'steps'>,
    y: Omit<Planes, 'taps'>,
    size: readonly [rows: number, columns: number],
    bias: Omit<Planes, 'taps' | 'steps'> | null = null,
    relu = false,
  ): void {
    const planes = countOf(y.planes);
    const [share, pieces] = shares(planes, size[0] * size[1]);
    const pictures = [x.at, this.table(x.planes), this.table(x.taps), ...x.steps];
    const weights = [w.at, this.table(w.planes), this.table(w.taps)];
    const finish = [bias?.at ?? 0, bias ? this.table(bias.planes) : 0, Number(relu)];
    const sizes = [planes, share, ...size, countOf(x.taps)];
    this.run('convolvePlanes', pieces, [...sizes, ...pictures, ...weights, y.at, this.table(y.planes), ...y.steps, ...finish]);
  } // prettier-ignore

  /**
   * gw(filter, tap) = Σ gy(filter, picture, h, w) · x(filter, picture, h, w, tap), or added to it, for planes gy of `size`.
   * @throws NoRoom. @since 47
   */
  correlatePlanes(
    x: Planes,
    gy: Omit<Planes, 'taps'>,
    gw: Omit<Planes, 'steps'>,
    size: readonly [rows: number, columns: number],
    accumulate: boolean,
  ): void {
    const filters = countOf(gw.planes);
    const pictures = countOf(gy.planes) / filters;
    const [share, pieces] = shares(filters, pictures * size[0] * size[1]);
    const factors = [x.at, this.table(x.planes), this.table(x.taps), ...x.steps, gy.at, this.table(gy.planes), ...gy.steps];
    const sums = [gw.at, this.table(gw.planes), this.table(gw.taps), Number(accumulate)];
    this.run('correlatePlanes', pieces, [filters, share, pictures, ...size, countOf(x.taps), ...factors, ...sums]);
  } // prettier-ignore

  /** A copy of a matrix, row by row; `unit` columns at a time are neighbours. @throws NoRoom. @since 28 */
  layOut({ at, rows, columns }: Matrix, unit: number, alloc: (bytes: number) => number, bytes: 4 | 8): Matrix {
    const [rowCount, count] = [countOf(rows), countOf(columns)];
    const plain = alloc(rowCount * count * bytes);
    const [share, pieces] = shares(rowCount, count);
    const sizes = [rowCount, share, count, unit, (unit * bytes) / 4];
    this.run('gather', pieces, [...sizes, at, this.table(rows, bytes), this.table(columns, bytes), plain]);
    return { at: plain, rows: [[rowCount, count]], columns: [[count, 1]] };
  }

  /** Copies pictures to `buffer` with zeros around each. @throws NoRoom. @since 47 */
  frame(
    { at, shape: [N, C, H, W], strides: [sn, sc, sh, sw] }: Pictures,
    frame: Frame,
    buffer: number,
    bytes: 4 | 8 = 4,
  ): Pictures {
    const [height, width] = [H + frame.top + frame.bottom, W + frame.left + frame.right];
    const planes = this.table(axes([N, C], [sn, sc]), bytes);
    const [share, pieces] = shares(N * C, height * width);
    const from = [at, planes, sh * bytes, sw * bytes, H, W];
    this.run(bytes === 4 ? 'frame' : 'frame64', pieces, [
      N * C,
      share,
      ...from,
      buffer,
      height,
      width,
      frame.top,
      frame.left,
    ]);
    return { at: buffer, shape: [N, C, height, width], strides: [C * height * width, height * width, width, 1] };
  }
}

const SHARE = 2 ** 15; // elements that a piece touches, or a few more

/** How many of `count` things of `size` elements each are a piece, in whole `unit`s, and how many pieces that makes. @since 28 */
export function shares(count: number, size: number, unit = 1): [share: number, pieces: number] {
  const share = Math.max(unit, Math.ceil(SHARE / Math.max(size, 1) / unit) * unit);
  return [share, Math.ceil(count / share)];
}

/** An even number of equal parts of `n`, of at most `most` and in whole `unit`s, or all of it. @since 28 */
export function part(n: number, most: number, unit: number): number {
  const parts = n <= most / 2 ? 1 : 2 * Math.ceil(n / (2 * most));
  return Math.ceil(n / parts / unit) * unit;
}
