import type { Backend, DeviceName, View } from '../backends/backend';
import { WebGpuBackend } from '../backends/webgpu/webgpu';
import { openDevices, sizeOf, type Shape } from '../ndarray';

/** What all runs of one operation came to. @since 48 */
export interface OperationProfile {
  readonly device: DeviceName;
  readonly name: string;
  readonly count: number;
  /** On the gpu by its own clock; NaN where it has none. @since 48 */
  readonly milliseconds: number;
  /** Additions and multiplications of products, in thousand millions; 0 elsewhere. @since 48 */
  readonly gigaflop: number;
  /** Bytes read and written, each operand counted once. @since 48 */
  readonly bytes: number;
}

/** What a profile found. @since 48 */
export interface Profile {
  /** Those that took longest first. @since 48 */
  readonly operations: readonly OperationProfile[];
  /** Of the whole call, by the clock on the wall. @since 48 */
  readonly milliseconds: number;
  /** Kernels run on the gpu, times they were handed to it, and times something was read back; 0 on the cpu. @since 48 */
  readonly dispatches: number;
  readonly submissions: number;
  readonly readBacks: number;
  /** The most bytes in use at once on the gpu. @since 48 */
  readonly peak: number;
}

/** How a profile is taken. @since 48 */
export interface ProfileOptions {
  /** How many steps f does, for the figures per step; default 1. @since 48 */
  readonly steps?: number;
  /** Where the table goes; default `console.log`. @since 48 */
  readonly print?: (line: string) => void;
}

interface Sum {
  count: number;
  milliseconds: number;
  gigaflop: number;
  bytes: number;
}

/** The operations of the contract, and those of them that are several in one: their first argument says which. */
const OPERATIONS = [
  'fill', 'copy', 'unary', 'binary', 'accumulate', 'where', 'reduce', 'argMax', 'gather', 'scatterAdd', 'matmul', 'conv2d', 'conv2dInput', 'conv2dWeight',
  'im2col', 'col2im', 'maxPool', 'poolGather', 'poolScatter', 'averagePool', 'averagePoolInput', 'softmax', 'crossEntropy',
  'crossEntropyInput', 'moments', 'batchNorm', 'batchNormGradients', 'random', 'update',
] as const satisfies readonly (keyof Backend)[]; // prettier-ignore
const SEVERAL: ReadonlySet<string> = new Set(['unary', 'binary', 'reduce', 'update']);

/**
 * Runs f, which may be async, and prints where its time went: for each operation how often it ran, how long it took, its GFLOP/s and the bytes
 * it moved; and for each step what the gpu was given to do.
 * @example
 * const x = variable(ones([64, 64]));
 * const { operations } = await profile(() => F.matmul(x, x), {
 *   print: () => undefined,
 * });
 * operations.map(({ name }) => name); // → [ 'matmul' ]
 * @since 48
 */
export async function profile(
  f: () => unknown,
  { steps = 1, print = console.log }: ProfileOptions = {},
): Promise<Profile> {
  const open = openDevices();
  const watches = open.map((backend) => new Watch(backend));
  const gpu = open.find((backend) => backend instanceof WebGpuBackend);
  const began = performance.now();
  let onGpu = { dispatches: 0, submissions: 0, readBacks: 0, peak: 0 };
  try {
    if (gpu) {
      const { counters, peak, timings } = await gpu.measure(f);
      onGpu = { ...counters, peak };
      watches.find(({ backend }) => backend === gpu)?.clock(timings);
    } else await f();
  } finally {
    for (const watch of watches) watch.stop();
  }
  const milliseconds = performance.now() - began;
  const operations = watches.flatMap((watch) => watch.operations());
  operations.sort((a, b) => (b.milliseconds || 0) - (a.milliseconds || 0));
  const { dispatches, submissions, readBacks, peak } = onGpu;
  const found = { operations, milliseconds, dispatches, submissions, readBacks, peak };
  for (const line of table(found, steps)) print(line);
  return found;
}

/** Counts and times what a backend is asked for, by stepping in front of its operations. */
class Watch {
  private readonly sums = new Map<string, Sum>();
  private depth = 0;

  constructor(readonly backend: Backend) {
    for (const method of OPERATIONS) {
      const original = backend[method].bind(backend) as (...args: unknown[]) => void;
      const inFront = (...args: unknown[]) => {
        if (this.depth > 0) return original(...args);
        this.depth++;
        const began = performance.now();
        try {
          original(...args);
        } finally {
          this.depth--;
          const sum = this.sumOf(SEVERAL.has(method) ? String(args[0]) : method);
          sum.count++;
          if (backend.name === 'cpu') sum.milliseconds += performance.now() - began;
          sum.gigaflop += flopsOf(method, args) / 1e9;
          for (const x of viewsIn(args)) sum.bytes += bytesOf(x);
        }
      };
      Object.defineProperty(backend, method, { value: inFront, configurable: true });
    }
  }

  /** Puts the operations back. */
  stop(): void {
    for (const method of OPERATIONS) Reflect.deleteProperty(this.backend, method);
  }

  /** Takes over the times that the device itself has measured. */
  clock(timings: readonly { readonly name: string; readonly milliseconds: number }[] | null): void {
    if (!timings) for (const sum of this.sums.values()) sum.milliseconds = NaN;
    for (const { name, milliseconds } of timings ?? []) this.sumOf(name).milliseconds += milliseconds;
  }

  operations(): OperationProfile[] {
    return [...this.sums].map(([name, sum]) => ({ device: this.backend.name, name, ...sum }));
  }

  private sumOf(name: string): Sum {
    const sum = this.sums.get(name) ?? { count: 0, milliseconds: 0, gigaflop: 0, bytes: 0 };
    this.sums.set(name, sum);
    return sum;
  }
}

/** All operands, in lists and records too. */
function viewsIn(x: unknown): View[] {
  if (isView(x)) return [x];
  return typeof x === 'object' && x !== null ? Object.values(x).flatMap(viewsIn) : [];
}

function isView(x: unknown): x is View {
  return typeof x === 'object' && x !== null && 'storage' in x;
}

/** Bytes of memory behind a view; what a broadcast repeats is counted once. */
function bytesOf({ dtype, shape, strides }: View): number {
  const elements = sizeOf(shape.filter((_, axis) => strides[axis] !== 0));
  return elements * { float64: 8, float32: 4, int32: 4, bool: 1 }[dtype];
}

/** Additions and multiplications of a product. */
function flopsOf(method: (typeof OPERATIONS)[number], args: readonly unknown[]): number {
  const shapes = args.filter(isView).map((x) => x.shape);
  const out = shapes.at(-1) ?? [];
  const [first = [], second = []] = shapes;
  const filters = (W: Shape) => sizeOf(W) / (W[0] ?? 1); // C·KH·KW
  if (method === 'matmul') return 2 * sizeOf(out) * (first.at(-1) ?? 0);
  if (method === 'conv2d') return 2 * sizeOf(out) * filters(second);
  if (method === 'conv2dInput') return 2 * sizeOf(first) * filters(second);
  return method === 'conv2dWeight' ? 2 * sizeOf(second) * filters(out) : 0;
}

function table(
  { operations, milliseconds, dispatches, submissions, readBacks, peak }: Profile,
  steps: number,
): string[] {
  const several = new Set(operations.map(({ device }) => device)).size > 1;
  const rows = operations.map(({ device, name, count, milliseconds: ms, gigaflop, bytes }) => [
    several ? `${name} (${device})` : name,
    String(count),
    Number.isNaN(ms) ? '–' : ms.toFixed(2),
    gigaflop > 0 && ms > 0 ? ((1000 * gigaflop) / ms).toFixed(1) : '',
    (bytes / 2 ** 20).toFixed(2),
  ]);
  const all = [['operation', 'count', 'ms', 'GFLOP/s', 'MiB'], ...rows];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lines = all.map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ')); // prettier-ignore
  const perStep = (n: number) => Number((n / steps).toFixed(1));
  lines.push(`${milliseconds.toFixed(1)} ms in all${steps > 1 ? `, ${(milliseconds / steps).toFixed(1)} ms a step` : ''}`); // prettier-ignore
  if (dispatches > 0) {
    lines.push(`gpu, each step: ${perStep(dispatches)} dispatches, ${perStep(submissions)} submissions, ${perStep(readBacks)} read-backs; at most ${(peak / 2 ** 20).toFixed(1)} MiB in use`); // prettier-ignore
  }
  return lines;
}
