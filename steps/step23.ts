// builds on step22, changes: Multiply, threeLoops, reordered, tiled, matmul, Speed, measureSpeeds, drawSpeeds, broadcastShapes, NDArray.reshape, NDArray.broadcastTo, unary, binary, ReduceOptions, reduction, nd
/**
 * Step 23 · The matrix product: from three loops to a fast kernel.
 *
 * Nearly all the time of a network goes into y(i, j) = sum over k of a(i, k) · b(k, j). The textbook's three loops are
 * right and slow: not for the arithmetic, but for the memory it waits for. The idea: walk along rows, not down columns;
 * and in tiles, so that a number that has been loaded takes part in several products before the next one is.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { inspect } from 'node:util';
import sharp from 'sharp';

export type Shape = readonly number[]; // how many elements there are along each axis: (2, 3) is two rows of three
export type Nested = number | readonly Nested[]; // numbers, in arrays, in arrays: as deep as there are axes

/** A shape as people write it: (2, 3), (3,), (). */
export const formatShape = (shape: Shape): string => `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`;

/** Shapes that do not fit an operation. */
export class ShapeError extends Error {
  override name = 'ShapeError';
  constructor(operation: string, shapes: readonly Shape[], rule: string) {
    super(`${operation}: shapes ${shapes.map(formatShape).join(' and ')} do not fit: ${rule}`);
  }
}

/** How many elements a shape has: its sizes multiplied. */
export const sizeOf = (shape: Shape): number => shape.reduce((size, n) => size * n, 1);

/** Strides of elements stored row by row: a step along one axis passes over all that the later axes hold. */
export const rowMajorStrides = (shape: Shape): number[] => shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));

/** An n-dimensional array: a buffer, read through a shape and strides. */
export class NDArray {
  readonly dtype = 'float64';

  constructor(
    readonly buffer: Float64Array,
    readonly shape: Shape,
    readonly strides: readonly number[] = rowMajorStrides(shape),
    readonly offset = 0,
  ) {}

  get size(): number {
    return sizeOf(this.shape);
  }

  /** Where the elements lie in the buffer, row by row: (i, j, …) at offset + i·strides[0] + j·strides[1] + … */
  get positions(): number[] {
    const walk = (places: number[], n: number, axis: number) => {
      const stride = this.strides[axis]!; // !: there is one for each axis
      return places.flatMap((at) => Array.from({ length: n }, (_, i) => at + i * stride));
    };
    return this.shape.reduce(walk, [this.offset]);
  }

  /** The elements, row by row. */
  get values(): Float64Array {
    return Float64Array.from(this.positions, (at) => this.buffer[at]!); // !: the shape was made to fit the buffer
  }

  /** The numbers in brackets, in columns of equal width. */
  toString(): string {
    const digits = this.shape.length === 0 ? 17 : 8; // 17 give a single number whole
    const cells = Array.from(this.values, (x) => String(Number(x.toPrecision(digits))));
    const width = cells.reduce((most, cell) => Math.max(most, cell.length), 0);
    let parts = cells.map((cell) => cell.padStart(width)); // each axis, from the inside, sets them a line further apart
    for (const [inner, n] of this.shape.toReversed().entries()) {
      const between = inner === 0 ? ' ' : '\n'.repeat(inner) + ' '.repeat(this.shape.length - inner);
      parts = Array.from({ length: parts.length / n }, (_, i) => `[${parts.slice(i * n, i * n + n).join(between)}]`);
    }
    return parts.join('') || '[]';
  }

  /** What console.log shows. */
  [inspect.custom](): string {
    return `array(${this.toString().replaceAll('\n', '\n      ')})`;
  }
}

/** An array from a number or nested arrays; an array stays as it is. */
export function array(data: Nested | NDArray): NDArray {
  if (data instanceof NDArray) return data;
  const shape: number[] = [];
  for (let x: unknown = data; Array.isArray(x); x = x[0]) shape.push(x.length);
  const flatten = (x: unknown, axis: number): number[] => {
    const length = Array.isArray(x) ? x.length : undefined; // a number has none, as there is no axis left
    if (length !== shape[axis]) throw new ShapeError('array', [shape], `at depth ${axis} not all lengths are equal`);
    if (Array.isArray(x)) return x.flatMap((inner) => flatten(inner, axis + 1));
    if (typeof x === 'number') return [x];
    throw new TypeError(`array: expected numbers or nested arrays of numbers, got a value of type ${typeof x}`);
  };
  return new NDArray(Float64Array.from(flatten(data, 0)), shape);
}

/** A way to multiply: a, M rows of K numbers, by b, K rows of N. (`!` below: the loops keep each index inside.) */
export type Multiply = (a: Float64Array, b: Float64Array, M: number, K: number, N: number) => Float64Array;

/** As the textbook has it. For each product b moves on by a whole row: N numbers further, in another part of memory. */
export const threeLoops: Multiply = (a, b, M, K, N) => {
  const y = new Float64Array(M * N);
  for (let i = 0; i < M; i++) {
    for (let j = 0; j < N; j++) {
      let sum = 0;
      for (let k = 0; k < K; k++) sum += a[i * K + k]! * b[k * N + j]!;
      y[i * N + j] = sum;
    }
  }
  return y;
};

/** The loops over j and k change places: b and y are now read along their rows. */
export const reordered: Multiply = (a, b, M, K, N) => {
  const y = new Float64Array(M * N);
  for (let i = 0; i < M; i++) {
    for (let k = 0; k < K; k++) {
      const factor = a[i * K + k]!;
      for (let j = 0; j < N; j++) y[i * N + j]! += factor * b[k * N + j]!;
    }
  }
  return y;
};

/** Four rows of b at a time: each number of y that is loaded takes in four products before it is stored again. */
export const tiled: Multiply = (a, b, M, K, N) => {
  const [B, y] = [new Float64Array((K + 3) * N), new Float64Array(M * N)];
  B.set(b); // rows of zeros follow it, so that the last tile is whole: they add nothing to a sum
  for (let k = 0; k < K; k += 4) {
    for (let i = 0; i < M; i++) {
      const [a0 = 0, a1 = 0, a2 = 0, a3 = 0] = a.subarray(i * K + k, i * K + Math.min(k + 4, K));
      for (let j = 0, at = k * N; j < N; j++, at++) {
        y[i * N + j]! += a0 * B[at]! + a1 * B[at + N]! + a2 * B[at + 2 * N]! + a3 * B[at + 3 * N]!;
      }
    }
  }
  return y;
};

/** The matrix product, (M, K) by (K, N). */
export function matmul(a: NDArray, b: NDArray, multiply: Multiply = tiled): NDArray {
  const [[M = 0, K = 0], [rows = 0, N = 0]] = [a.shape, b.shape];
  if (a.shape.length !== 2 || b.shape.length !== 2 || K !== rows) {
    throw new ShapeError('matmul', [a.shape, b.shape], '(M, K) times (K, N) gives (M, N): both sizes K must be equal');
  }
  return new NDArray(multiply(a.values, b.values, M, K, N), [M, N]);
}

export type Speed = { readonly way: string; readonly gflops: number }; // thousands of millions of operations a second

/** The speed of each way for n by n numbers: the best of three runs, in processor time. */
export async function measureSpeeds(n: number): Promise<Speed[]> {
  const { multiply } = await import('mathjs');
  const rows = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => Math.sin(i * n + j)));
  const values = Float64Array.from(rows.flat());
  const ways = Object.entries({ 'three loops': threeLoops, reordered, tiled, mathjs: () => multiply(rows, rows) });
  return ways.map(([way, run]) => {
    const seconds = [1, 2, 3].map(() => {
      const start = process.cpuUsage();
      run(values, values, n, n, n);
      return process.cpuUsage(start).user / 1e6;
    });
    return { way, gflops: (2 * n ** 3) / Math.min(...seconds) / 1e9 };
  });
}

/** The speeds as bars. */
export async function drawSpeeds(values: Speed[], n: number): Promise<string> {
  const [vega, { compile }] = [await import('vega'), await import('vega-lite')];
  const ink = '#777d86'; // seen on white and on dark
  const look = { width: 380, height: 160, padding: 12, background: 'transparent', config: { view: { stroke: null } } };
  const title = { text: `${n} by ${n} times ${n} by ${n}: GFLOP/s`, color: ink };
  const axis = { labelColor: ink, labelPadding: 8, domain: false, ticks: false };
  const y = { field: 'way', sort: null, title: null, axis, scale: { paddingInner: 0.25 } };
  const x = { field: 'gflops', type: 'quantitative', axis: null } as const;
  const bar = { type: 'bar', color: '#3b82d6' } as const;
  const figure = { type: 'text', align: 'left', dx: 6, color: ink } as const;
  const layer = [{ mark: bar }, { mark: figure, encoding: { text: { field: 'gflops', format: '.2f' } } }];
  const { spec } = compile({ ...look, title, data: { values }, encoding: { x, y }, layer });
  return new vega.View(vega.parse(spec), { renderer: 'none' }).toSVG();
}

export async function main(): Promise<void> {
  const [x, W] = [array([[1, 2, 3], [4, 5, 6]]), array([[1, 0], [0, 1], [1, -1]])]; // prettier-ignore
  console.log('x, of shape (2, 3), times W, of shape (3, 2):');
  console.log(matmul(x, W));

  const n = 512;
  console.log(`\nMatrices of ${n} by ${n}, multiplied in four ways, in GFLOP/s:`);
  const speeds = await measureSpeeds(n);
  for (const { way, gflops } of speeds) console.log(`  ${way.padEnd(12)}~${gflops.toFixed(2)}`);

  const svg = await drawSpeeds(speeds, n);
  mkdirSync('out/step23', { recursive: true });
  writeFileSync('out/step23/gflops.svg', svg);
  await sharp(Buffer.from(svg), { density: 144 }).png().toFile('out/step23/gflops.png');
  console.log('  out/step23/gflops.svg\n  out/step23/gflops.png');
}

if (require.main === module) void main();
