// builds on step22, changes: Multiply, threeLoops, reordered, padded, tiled, matmul, Speed, measureSpeeds, drawSpeeds, broadcastShapes, NDArray.reshape, NDArray.broadcastTo, unary, binary, ReduceOptions, reduction, nd
/**
 * Step 23 · The matrix product: from three loops to a fast kernel.
 *
 * Nearly all the time of a network goes into y(i, j) = sum over k of a(i, k) · b(k, j). The textbook's three loops are
 * right and slow: not for the arithmetic, but for the memory it waits for. The idea: walk along rows, not down columns;
 * and in tiles, so that a number that has been loaded is used several times before the next one is.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { inspect } from 'node:util';
import sharp from 'sharp';
import type { Spec } from 'vega';

/** How many elements there are along each axis: (2, 3) is two rows of three. */
export type Shape = readonly number[];

/** Numbers, in arrays, in arrays: as deep as there are axes. */
export type Nested = number | readonly Nested[];

/** A shape as people write it: (2, 3), (3,), (). */
export function formatShape(shape: Shape): string {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
}

/** Shapes that do not fit an operation. */
export class ShapeError extends Error {
  override name = 'ShapeError';
  constructor(operation: string, shapes: readonly Shape[], rule: string) {
    super(`${operation}: shapes ${shapes.map(formatShape).join(' and ')} do not fit: ${rule}`);
  }
}

/** How many elements a shape has: its sizes multiplied. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((size, n) => size * n, 1);
}

/** Strides of elements stored row by row: a step along one axis passes over all that the later axes hold. */
export function rowMajorStrides(shape: Shape): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

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
    const bracket = (parts: string[], n: number, axis: number) => {
      const inner = this.shape.length - 1 - axis; // the axes inside this one: each sets its parts a line further apart
      const between = inner === 0 ? ' ' : '\n'.repeat(inner) + ' '.repeat(axis + 1);
      return Array.from({ length: parts.length / n }, (_, i) => `[${parts.slice(i * n, i * n + n).join(between)}]`);
    };
    const padded = cells.map((cell) => cell.padStart(width));
    return this.shape.reduceRight(bracket, padded).join('') || '[]';
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

/** A way to multiply: a, M rows of K numbers, by b, K rows of N; the result has M rows of N. */
export type Multiply = (a: Float64Array, b: Float64Array, M: number, K: number, N: number) => Float64Array;

// In the loops, `!` says that the limits keep every index inside its buffer.

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

/** A matrix with rows and columns of zeros added, so that whole tiles cover it: zeros add nothing to a sum. */
function padded(x: Float64Array, columns: number, toRows: number, toColumns: number): Float64Array {
  const y = new Float64Array(toRows * toColumns);
  for (let i = 0; i * columns < x.length; i++) y.set(x.subarray(i * columns, (i + 1) * columns), i * toColumns);
  return y;
}

/** Two rows of a and four of b at a time: each number of b that is loaded is used twice, each of y takes in four. */
export const tiled: Multiply = (a, b, M, K, N) => {
  const [rows, depth] = [Math.ceil(M / 2) * 2, Math.ceil(K / 4) * 4];
  const [A, B, y] = [padded(a, K, rows, depth), padded(b, N, depth, N), new Float64Array(rows * N)];
  for (let k = 0; k < depth; k += 4) {
    for (let i = 0; i < rows; i += 2) {
      const [p, q] = [i * depth + k, (i + 1) * depth + k];
      const [p0, p1, p2, p3] = [A[p]!, A[p + 1]!, A[p + 2]!, A[p + 3]!];
      const [q0, q1, q2, q3] = [A[q]!, A[q + 1]!, A[q + 2]!, A[q + 3]!];
      for (let j = 0; j < N; j++) {
        const at = k * N + j;
        const b0 = B[at]!;
        const b1 = B[at + N]!;
        const b2 = B[at + 2 * N]!;
        const b3 = B[at + 3 * N]!;
        y[i * N + j]! += p0 * b0 + p1 * b1 + p2 * b2 + p3 * b3;
        y[(i + 1) * N + j]! += q0 * b0 + q1 * b1 + q2 * b2 + q3 * b3;
      }
    }
  }
  return y.subarray(0, M * N);
};

/** The matrix product, (M, K) by (K, N). */
export function matmul(a: NDArray, b: NDArray, multiply: Multiply = tiled): NDArray {
  const [M = 0, K = 0] = a.shape;
  const [rows = 0, N = 0] = b.shape;
  if (a.shape.length !== 2 || b.shape.length !== 2 || K !== rows) {
    throw new ShapeError('matmul', [a.shape, b.shape], '(M, K) times (K, N) gives (M, N): both sizes K must be equal');
  }
  return new NDArray(multiply(a.values, b.values, M, K, N), [M, N]);
}

/** Thousands of millions of multiplications and additions a second. */
export interface Speed {
  readonly way: string;
  readonly gflops: number;
}

/** The speed of each way for n by n numbers: its best run in 0.3 seconds of processor time, or its only one. */
export async function measureSpeeds(n: number): Promise<Speed[]> {
  const { multiply } = await import('mathjs');
  const rows = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => Math.sin(i * n + j)));
  const values = Float64Array.from(rows.flat());
  const ways: [string, () => unknown][] = [
    ['three loops', () => threeLoops(values, values, n, n, n)],
    ['reordered', () => reordered(values, values, n, n, n)],
    ['tiled', () => tiled(values, values, n, n, n)],
    ['mathjs', () => multiply(rows, rows)],
  ];
  const seconds = () => process.cpuUsage().user / 1e6;
  return ways.map(([way, run]) => {
    const end = seconds() + 0.3;
    let best = Infinity;
    for (let start = seconds(); start < end; start = seconds()) {
      run();
      best = Math.min(best, seconds() - start);
    }
    return { way, gflops: (2 * n ** 3) / best / 1e9 };
  });
}

/** The speeds as bars. */
export async function drawSpeeds(speeds: readonly Speed[], n: number): Promise<string> {
  const vega = await import('vega');
  const ink = { value: '#777d86' }; // seen on white and on dark
  const bar = {
    y: { scale: 'way', field: 'way' },
    height: { scale: 'way', band: 1 },
    x: { value: 0 },
    x2: { scale: 'gflops', field: 'gflops' },
    fill: { value: '#3b82d6' },
  };
  const figure = {
    y: { scale: 'way', field: 'way', band: 0.5 },
    x: { scale: 'gflops', field: 'gflops', offset: 6 },
    baseline: { value: 'middle' as const },
    text: { signal: "format(datum.gflops, '.2f')" },
    fill: ink,
  };
  const spec: Spec = {
    width: 380,
    height: 160,
    padding: 12,
    title: { text: `${n} by ${n} times ${n} by ${n}: GFLOP/s`, color: ink.value },
    data: [{ name: 'rows', values: speeds.map((speed) => ({ ...speed })) }],
    scales: [
      { name: 'way', type: 'band', domain: { data: 'rows', field: 'way' }, range: 'height', padding: 0.25 },
      { name: 'gflops', domain: { data: 'rows', field: 'gflops' }, range: 'width', zero: true, nice: true },
    ],
    axes: [{ scale: 'way', orient: 'left', labelColor: ink.value, domain: false, ticks: false, labelPadding: 8 }],
    marks: [
      { type: 'rect', from: { data: 'rows' }, encode: { update: bar } },
      { type: 'text', from: { data: 'rows' }, encode: { update: figure } },
    ],
  };
  return new vega.View(vega.parse(spec), { renderer: 'none' }).toSVG();
}

export async function main(): Promise<void> {
  const x = array([[1, 2, 3], [4, 5, 6]]); // prettier-ignore
  const W = array([[1, 0], [0, 1], [1, -1]]); // prettier-ignore
  console.log('x, of shape (2, 3), times W, of shape (3, 2):');
  console.log(matmul(x, W));
  try {
    matmul(x, x);
  } catch (error) {
    console.log(String(error));
  }

  const n = 512;
  console.log(`\nMatrices of ${n} by ${n}, multiplied in four ways, in GFLOP/s:`);
  const speeds = await measureSpeeds(n);
  for (const { way, gflops } of speeds) console.log(`  ${way.padEnd(12)}~${gflops.toFixed(2)}`);

  const svg = await drawSpeeds(speeds, n);
  mkdirSync('out/step23', { recursive: true });
  writeFileSync('out/step23/gflops.svg', svg);
  await sharp(Buffer.from(svg), { density: 144 }).png().toFile('out/step23/gflops.png');
  console.log('  out/step23/gflops.svg');
  console.log('  out/step23/gflops.png');
}

if (require.main === module) void main();
