/** The ways that run in processes of their own, and what a family of comparisons is. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Options } from './bench';
import { Child, type Answer, type Settings } from './child';
import { copies, multiplyAmount } from './children/amounts';
import {
  compare,
  Unavailable,
  type Comparison,
  type Limit,
  type Pace,
  type Result,
  type Way,
  type Work,
} from './compare';

/** What a family is given. */
export interface Bench {
  readonly options: Options;
  readonly pace: Pace;
  readonly children: Children;
}

/** Comparisons that belong together. */
export interface Family {
  /** What is measured, in a line. */
  readonly about: string;
  /** The ways that are ours: the others are measured against them. */
  ours(options: Options): readonly string[];
  /** Results, comparison by comparison. */
  run(bench: Bench): AsyncIterable<readonly Result[]>;
}

/** False for what `--only` leaves out. */
export function wanted(title: string, { options }: Bench): boolean {
  return title.includes(options.only);
}

/** A family of plain comparisons. */
export async function* each(comparisons: Iterable<Comparison>, bench: Bench): AsyncGenerator<Result[]> {
  for (const comparison of comparisons)
    if (wanted(comparison.title, bench)) yield await compare(comparison, bench.pace);
}

const here = (file: string) => path.join(__dirname, file);
const typescript = (file: string, ...args: string[]) => [
  process.execPath,
  '-r',
  'ts-node/register',
  here(file),
  ...args,
];

/** Programs, by the name of the way. */
function programs({ python }: Options): Readonly<Record<string, readonly string[]>> {
  return {
    wasm: typescript('children/ours.ts', 'wasm'),
    plain: typescript('children/ours.ts', 'plain'),
    blas: typescript('children/ours.ts', 'blas'),
    gpu: typescript('children/ours.ts', 'gpu'),
    limits: typescript('children/limits.ts'),
    mathjs: typescript('peers/mathjs.ts'),
    'tfjs-cpu': [process.execPath, here('peers/tfjs.mjs'), 'cpu'],
    'tfjs-wasm': [process.execPath, here('peers/tfjs.mjs'), 'wasm'],
    numpy: [python, here('peers/numpy_peer.py')],
    'numpy int64': [python, here('peers/numpy_peer.py'), 'int64'],
    torch: [python, here('peers/torch_peer.py')],
  };
}

/** Ways that are ours, in processes of their own. */
export function oursOf({ device }: Options): string[] {
  return [...(device === 'gpu' ? ['gpu'] : []), 'wasm', 'blas'];
}

/** Ways that are asked for by `--peers`. */
export function peersOf({ peers }: Options): string[] {
  return peers ? ['numpy', 'torch'] : [];
}

/** Everybody at their best: BLAS is not told what the processor is, and the allocator keeps the memory it has. */
export function environment(name: string, threads: number, from: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const { OPENBLAS_CORETYPE: _type, OPENBLAS_L2_SIZE: _size, DEZERO_BLAS, DEZERO_BACKEND: _backend, ...rest } = from;
  return {
    ...rest,
    DEZERO_THREADS: `${threads}`,
    OPENBLAS_NUM_THREADS: `${threads}`,
    OMP_NUM_THREADS: `${threads}`,
    MALLOC_MMAP_THRESHOLD_: `${2 ** 32}`,
    MALLOC_TRIM_THRESHOLD_: `${2 ** 34}`,
    MALLOC_TOP_PAD_: `${2 ** 26}`,
    ...(name === 'blas'
      ? DEZERO_BLAS !== 'off' && DEZERO_BLAS !== undefined && { DEZERO_BLAS }
      : { DEZERO_BLAS: 'off' }),
  };
}

/** Children by name, started when they are first asked. */
export class Children {
  /** What each says it is. */
  readonly described: Record<string, string> = {};
  readonly #open = new Map<string, Child>();

  constructor(private readonly options: Options) {}

  /**
   * Asks a child, which is started if it does not run; `instance` tells apart two of the same program.
   * @throws as `Child.ask`; Unavailable also says how to install what is missing.
   */
  async ask(program: string, task: string, settings: Settings, calls = 1, instance = ''): Promise<Answer> {
    const child = this.#get(program, program + instance);
    if (program !== 'limits') this.described[program] ??= (await child.ask('about')).note ?? '';
    return child.ask(task, settings, calls);
  }

  #get(program: string, key: string): Child {
    let child = this.#open.get(key);
    if (!child || child.ended) {
      if (program.startsWith('tfjs') && !existsSync(here('node_modules/@tensorflow/tfjs'))) {
        throw new Unavailable('not installed: npm ci --prefix bench');
      }
      const { threads, quick } = this.options;
      const limit = quick ? 30 : this.options.limit;
      const command = programs(this.options)[program] ?? [];
      child = new Child(command, environment(program, threads), limit * 1000);
      this.#open.set(key, child);
    }
    return child;
  }

  /** A task as a way. */
  way(program: string, task: string, settings: Settings, instance = '', name = program): Way {
    return {
      name,
      time: async (calls) => (await this.ask(program, task, settings, calls, instance)).milliseconds,
    };
  }

  /** Ways to do a task: ours, then the others that were asked for. */
  ways(task: string, settings: Settings, { more = [] }: { more?: readonly string[] } = {}): Way[] {
    const ours = [...oursOf(this.options), ...more.filter((name) => name === 'plain')];
    const others = [...more.filter((name) => name !== 'plain'), 'tfjs-cpu', 'tfjs-wasm'];
    return [...ours, ...peersOf(this.options), ...others].map((name) => this.way(name, task, settings));
  }

  /**
   * What bounds each of `ways`. Arithmetic: multiply-adds in registers for what is made of WebAssembly, the best product of BLAS for
   * what is native. Memory: a copy of `bytes`.
   */
  limits(work: Work, ways: readonly Way[], bytes = 0): Record<string, Limit> {
    const { threads, quick } = this.options;
    const copying: Limit = {
      way: this.way('limits', 'copy', { threads, bytes }, ' copy', 'copy'),
      amount: 2 * bytes * copies(bytes),
    };
    const simd: Limit = {
      way: this.way('limits', 'multiply', { threads }, '', 'registers'),
      amount: multiplyAmount * threads,
    };
    const n = quick ? 256 : 1024;
    const blas: Limit = {
      way: this.way('blas', 'matmul', { m: n, n, k: n, form: 'AB' }, ' limit', `${n}³`),
      amount: 2 * n ** 3,
    };
    const native = ['blas', 'numpy', 'numpy int64', 'torch'];
    const bound = (name: string) => (work.kind === 'bytes' ? copying : native.includes(name) ? blas : simd);
    const bounded = ways.filter(({ name }) => name !== 'gpu');
    return Object.fromEntries(bounded.map(({ name }) => [name, bound(name)]));
  }

  closeAll(): void {
    for (const child of this.#open.values()) child.close();
    this.#open.clear();
  }
}
