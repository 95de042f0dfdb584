/** A child that does nothing but reach what bounds the others: multiply-adds in registers, copies in memory; on all threads at once. */
import { Worker } from 'node:worker_threads';
import { setFlagsFromString } from 'node:v8';
import { CHAINS, copies, ROUNDS } from './amounts';
import { number, serve, type Task } from './serve';

setFlagsFromString('--experimental-wasm-relaxed-simd'); // Node 20 has it behind a flag
setFlagsFromString('--no-liftoff'); // optimised at once: a call is one long loop

/** Multiply-adds on values that never leave the registers, and copies. */
function source(fused: boolean): string {
  const chains = Array.from({ length: CHAINS }, (_, i) => `a${i}`);
  const step = (a: string) => (fused ? `f32x4.relaxed_madd(x, y, ${a})` : `f32x4.add(f32x4.mul(x, y), ${a})`);
  return `
    export function multiply(rounds: i32): f32 {
      let x = f32x4.splat(0.5), y = f32x4.splat(1.0);
      let ${chains.map((a, i) => `${a} = f32x4.splat(${i}.0)`).join(', ')};
      for (let i = 0; i < rounds; i++) { ${chains.map((a) => `${a} = ${step(a)};`).join(' ')} }
      return f32x4.extract_lane(${chains.reduce((sum, a) => `f32x4.add(${sum}, ${a})`)}, 0);
    }
    export function copy(to: i32, from: i32, bytes: i32, times: i32): void {
      for (let i = 0; i < times; i++) memory.copy(to, from, bytes);
    }`;
}

/** The compiler, as far as it is used. Its own types would redeclare what Node has. */
interface Compiler {
  compileString(
    source: string,
    options: Readonly<Record<string, unknown>>,
  ): Promise<{ binary: Uint8Array | null; error: Error | null }>;
}

async function compile(): Promise<WebAssembly.Module> {
  const name: string = 'assemblyscript/asc';
  const asc = ((await import(name)) as { default: Compiler }).default;
  for (const fused of [true, false]) {
    const features = fused ? { enable: ['simd', 'relaxed-simd', 'threads'] } : { enable: ['simd', 'threads'] };
    const memory = { importMemory: true, sharedMemory: true, initialMemory: 1, maximumMemory: 65536 };
    const { binary, error } = await asc.compileString(source(fused), {
      optimizeLevel: 3,
      runtime: 'stub',
      ...memory,
      ...features,
    });
    if (!binary) throw error ?? new Error('the limits cannot be compiled');
    const bytes = Uint8Array.from(binary);
    if (WebAssembly.validate(bytes)) return new WebAssembly.Module(bytes);
  }
  throw new Error('this engine has no WebAssembly SIMD');
}

let compiled: Promise<WebAssembly.Module> | undefined;

interface Share {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly words: Int32Array;
  readonly job: readonly number[];
  readonly multiply: boolean;
}

interface Kernels {
  multiply(rounds: number): number;
  copy(to: number, from: number, bytes: number, times: number): void;
}

/** One thread's part, done as often as it is asked for. It is sent to its thread as text, and uses nothing from outside. */
function work({ module, memory, job, multiply }: Share): () => void {
  const kernels = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels;
  const [a = 0, b = 0, c = 0, times = 0] = job;
  return () => void (multiply ? kernels.multiply(a) : kernels.copy(a, b, c, times));
}

/** A job cut into one part a thread: this one does the first, workers the others. */
async function together(parts: readonly (readonly number[])[], bytes: number, multiply: boolean): Promise<Task> {
  const module = await (compiled ??= compile());
  const pages = Math.ceil(bytes / 65536) + 1;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: 65536, shared: true });
  new Uint8Array(memory.buffer).fill(1); // real memory behind every page
  const words = new Int32Array(new SharedArrayBuffer(8)); // how many jobs have been called for; parts done of the last
  const serveJobs = `
    const { workerData } = require('node:worker_threads');
    const { words } = workerData;
    const part = (${work.toString()})(workerData);
    for (let seen = 0; ;) {
      for (let spins = 0; spins < 20000 && Atomics.load(words, 0) === seen; spins++);
      Atomics.wait(words, 0, seen);
      if (Atomics.load(words, 0) === seen) continue;
      seen++;
      part();
      Atomics.add(words, 1, 1);
      Atomics.notify(words, 1);
    }`;
  const shares = parts.map((job): Share => ({ module, memory, words, job, multiply }));
  const workers = shares.slice(1).map((workerData) => new Worker(serveJobs, { eval: true, workerData, execArgv: [] }));
  await Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('online', resolve))));
  const [first] = shares;
  if (!first) throw new Error('there must be a thread');
  const mine = work(first);
  return {
    call() {
      Atomics.store(words, 1, 0);
      Atomics.add(words, 0, 1);
      Atomics.notify(words, 0);
      mine();
      for (let done = Atomics.load(words, 1); done < workers.length; done = Atomics.load(words, 1)) {
        Atomics.wait(words, 1, done, 1);
      }
    },
    dispose: () => Promise.all(workers.map((worker) => worker.terminate())),
  };
}

void serve({
  multiply: (settings) =>
    together(
      Array.from({ length: number(settings, 'threads') }, () => [ROUNDS]),
      0,
      true,
    ),
  copy(settings) {
    const [threads, bytes] = [number(settings, 'threads'), number(settings, 'bytes')];
    const share = Math.ceil(bytes / threads / 64) * 64;
    const [from, to] = [64, 64 + share * threads];
    const parts = Array.from({ length: threads }, (_, i) => [to + i * share, from + i * share, share, copies(bytes)]);
    return together(parts, to + share * threads, false);
  },
});
