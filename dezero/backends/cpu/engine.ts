/** The product kernel of `assembly/`, made ready on a memory and called with matrices instead of addresses. */
import { load, type Exports, type Flavour } from './loader';
import type { KernelMemory } from './memory';
import { axes, countOf, NoRoom, Tables, type Axis } from './tables';

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

const JOB_BYTES = 64 * 4;

/** The kernels on one memory. @since 28 */
export class Engine {
  /** The memory as numbers. @since 28 */
  readonly floats: Float32Array;
  readonly #memory: KernelMemory;
  readonly #tables: Tables;
  readonly #exports: Exports;
  readonly #ints: Int32Array;
  readonly #job: number;
  readonly #work: number;

  /** @throws NoRoom if there is no memory. @since 28 */
  constructor(memory: KernelMemory, flavour: Flavour) {
    if (!memory.memory) throw new NoRoom();
    this.floats = new Float32Array(memory.buffer);
    this.#memory = memory;
    this.#tables = new Tables(memory);
    this.#exports = load(flavour, memory.memory);
    this.#ints = new Int32Array(memory.buffer);
    this.#job = this.alloc(JOB_BYTES);
    this.#work = this.alloc(this.#exports.workspace());
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

  /** Runs one product. @throws NoRoom. @since 28 */
  product({ a, b, c, bias = null, accumulate = false, relu = false }: Product): void {
    const tables = ({ at, rows, columns }: Matrix) => [at, this.#tables.get(rows), this.#tables.get(columns)];
    const sizes = [countOf(c.rows), countOf(c.columns), countOf(a.columns)];
    const biasAxis = bias ? { rows: 1, columns: 2 }[bias.along] : 0;
    const settings = [bias?.at ?? 0, biasAxis, Number(accumulate), Number(relu), this.#work];
    this.#ints.set([...sizes, ...tables(a), ...tables(b), ...tables(c), ...settings], this.#job / 4);
    this.#exports.product(this.#job);
  }

  /** Copies pictures to `buffer` with zeros around each. @throws NoRoom. @since 47 */
  frame({ at, shape: [N, C, H, W], strides: [sn, sc, sh, sw] }: Pictures, frame: Frame, buffer: number): Pictures {
    const [height, width] = [H + frame.top + frame.bottom, W + frame.left + frame.right];
    const planes = this.#tables.get(axes([N, C], [sn, sc]));
    this.#exports.frame(at, planes, N * C, H, W, sh * 4, sw * 4, buffer, height, width, frame.top, frame.left);
    return { at: buffer, shape: [N, C, height, width], strides: [C * height * width, height * width, width, 1] };
  }
}
