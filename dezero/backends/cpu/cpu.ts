import type { ArithmeticOp, Backend, CompareOp, Distribution, DType, ParameterUpdate, ReduceOp, RunningMoments, Statistics, Storage, TypedArray, UnaryOp, UpdateRule, View, Window2d } from '../backend'; // prettier-ignore
import { PhiloxStream } from '../philox';
import * as channels from './batchNorm';
import * as reference from './elementwise';
import type { Flavour } from './loader';
import { isShared, kernelMemory, type KernelMemory } from './memory';
import { getThreads } from './threads';
import * as products from './products';
import * as rows from './softmax';
import type { CpuStorage } from './storage';
import { update } from './updates';
import { ElementKernels } from './elementKernels';
import { FusedKernels } from './fusedKernels';
import { kernels } from './wasm';

const elements = new ElementKernels(kernels);
const fused = new FusedKernels(kernels);

const FOR_KERNELS = 1 / 8; // of the memory: without room for what lies elsewhere they could not work
const MOST_NORMALS = 4096; // drawn at a time

/** Box and Muller, 1958: 1 − u is never 0, so the logarithm is finite. */
function normal(u: number, v: number): number {
  return Math.sqrt(-2 * Math.log(1 - u)) * Math.cos(2 * Math.PI * v);
}

const KINDS = { float64: Float64Array, float32: Float32Array, int32: Int32Array, bool: Uint8Array };

/** The processor. The reference operations are plain loops; float32 products run in WebAssembly where it is to be had. @since 28 */
export class CpuBackend implements Backend {
  /** 'cpu'. @since 28 */
  readonly name = 'cpu';
  /** All of them. @since 28 */
  readonly dtypes: readonly DType[] = ['float64', 'float32', 'int32', 'bool'];

  /** On the memory of this process. @since 28 */
  constructor(private readonly memory: KernelMemory = kernelMemory) {}

  /** Pooled memory is a piece of the kernels' memory, so that they need no copy; other memory is an ordinary typed array. @since 28 */
  alloc(dtype: DType, length: number, pooled: boolean): CpuStorage {
    const Kind = KINDS[dtype];
    const pointer = pooled ? this.memory.alloc(length * Kind.BYTES_PER_ELEMENT, FOR_KERNELS) : null;
    if (pointer === null) {
      if (pooled) this.tellFull();
      return this.wrap(dtype, new Kind(length), -1);
    }
    const storage = this.wrap(dtype, new Kind(this.memory.buffer, pointer, length), pointer);
    const owner = ++this.allocations;
    this.owners.set(pointer, owner);
    this.lost.register(storage, { pointer, owner });
    return storage;
  }

  /** Whose each block is: storages are numbered, since an address is given out again and again. */
  private readonly owners = new Map<number, number>();
  private allocations = 0;

  /** Takes a block back whose storage the garbage collector found: one that was kept, or of a model that nobody has any more. */
  private readonly lost = new FinalizationRegistry<{ pointer: number; owner: number }>(({ pointer, owner }) => {
    if (this.owners.get(pointer) === owner) this.takeBack(pointer);
  });

  private told = false;

  private tellFull(): void {
    const bytes = this.memory.memory?.buffer.byteLength;
    if (bytes === undefined || this.told) return;
    this.told = true;
    const size = (bytes / 2 ** 30).toFixed(bytes < 2 ** 30 ? 2 : 0);
    console.warn(
      `the kernels' memory of ${size} GiB is full: arrays from here on are ordinary ones, and training is slower; a smaller batch needs less`,
    );
  }

  private takeBack(pointer: number): void {
    this.owners.delete(pointer);
    this.memory.free(pointer);
  }

  private wrap(dtype: DType, values: TypedArray, pointer: number): CpuStorage {
    return { backend: this, dtype, length: values.length, freed: false, values, pointer };
  }

  /** See the contract. @since 28 */
  free(storage: Storage): void {
    if (storage.freed) return;
    storage.freed = true;
    const { pointer } = storage as CpuStorage;
    if (pointer >= 0) this.takeBack(pointer);
  }

  /** See the contract. @since 28 */
  upload(dtype: DType, values: TypedArray): CpuStorage {
    return this.wrap(dtype, values, -1);
  }

  /** See the contract. @since 28 */
  async download(x: View): Promise<TypedArray> {
    return this.read(x);
  }

  /** See the contract. @since 28 */
  read(x: View): TypedArray {
    return reference.dense(x);
  }

  /** See the contract. @since 28 */
  fill(value: number, out: View): void {
    reference.dense(out).fill(value);
  }

  /** See the contract. @since 28 */
  copy(x: View, out: View): void {
    if (!elements.copy(x, out)) reference.copy(x, out);
  }

  /** See the contract. @since 28 */
  unary(op: UnaryOp, x: View, out: View): void {
    if (!elements.unary(op, x, out)) reference.unary(op, x, out);
  }

  /** See the contract. @since 28 */
  binary(op: ArithmeticOp | CompareOp, a: View | number, b: View | number, out: View): void {
    if (!elements.binary(op, a, b, out)) reference.binary(op, a, b, out);
  }

  /** See the contract. @since 28 */
  accumulate(x: View, out: View): void {
    this.binary('add', out, x, out);
  }

  /** See the contract. @since 28 */
  where(mask: View, a: View | number, b: View | number, out: View): void {
    if (!elements.where(mask, a, b, out)) reference.where(mask, a, b, out);
  }

  /** See the contract. @since 28 */
  reduce(op: ReduceOp, x: View, axes: readonly number[], out: View): void {
    if (!elements.reduce(op, x, axes, out)) reference.reduce(op, x, axes, out);
  }

  /** See the contract. @since 28 */
  argMax(x: View, axis: number, out: View): void {
    reference.argMax(x, axis, out);
  }

  /** See the contract. @since 28 */
  gather(x: View, axis: number, indices: View, out: View): void {
    reference.gather(x, axis, indices, out);
  }

  /** See the contract. @since 28 */
  scatterAdd(x: View, axis: number, indices: View, out: View): void {
    reference.scatterAdd(x, axis, indices, out);
  }

  /** See the contract. @since 28 */
  matmul(a: View, b: View, bias: View | null, out: View): void {
    if (!kernels.matmul(a, b, bias, out)) products.matmul(a, b, bias, out);
  }

  /** See the contract. @since 47 */
  conv2d(x: View, W: View, b: View | null, window: Window2d, relu: boolean, out: View): void {
    if (!kernels.conv2d(x, W, b, window, relu, out)) products.conv2d(x, W, b, window, relu, out);
  }

  /** See the contract. @since 47 */
  conv2dInput(gy: View, W: View, window: Window2d, out: View): void {
    if (!kernels.conv2dInput(gy, W, window, out)) products.conv2dInput(gy, W, window, out);
  }

  /** See the contract. @since 47 */
  conv2dWeight(x: View, gy: View, window: Window2d, out: View): void {
    if (!kernels.conv2dWeight(x, gy, window, out)) products.conv2dWeight(x, gy, window, out);
  }

  /** See the contract. @since 46 */
  im2col(x: View, window: Window2d, out: View): void {
    products.im2col(x, window, out);
  }

  /** See the contract. @since 46 */
  col2im(cols: View, window: Window2d, out: View): void {
    products.col2im(cols, window, out);
  }

  /** See the contract. @since 47 */
  maxPool(x: View, window: Window2d, out: View, places: View): void {
    if (!elements.maxPool(x, window, out, places)) products.maxPool(x, window, out, places);
  }

  /** See the contract. @since 47 */
  poolGather(x: View, places: View, out: View): void {
    if (!elements.poolGather(x, places, out)) products.poolGather(x, places, out);
  }

  /** See the contract. @since 47 */
  poolScatter(gy: View, places: View, out: View): void {
    if (!elements.poolScatter(gy, places, out)) products.poolScatter(gy, places, out);
  }

  /** See the contract. @since 47 */
  averagePool(x: View, window: Window2d, out: View): void {
    if (!elements.averagePool(x, window, out)) products.averagePool(x, window, out);
  }

  /** See the contract. @since 47 */
  averagePoolInput(gy: View, window: Window2d, out: View): void {
    if (!elements.averagePoolInput(gy, window, out)) products.averagePoolInput(gy, window, out);
  }

  /** See the contract. @since 48 */
  softmax(x: View, axis: number, log: boolean, out: View): void {
    if (!fused.softmax(x, axis, log, out)) rows.softmax(x, axis, log, out);
  }

  /** See the contract. @since 48 */
  crossEntropy(x: View, labels: View, out: View): void {
    if (!fused.crossEntropy(x, labels, out)) rows.crossEntropy(x, labels, out);
  }

  /** See the contract. @since 48 */
  crossEntropyInput(x: View, labels: View, gy: View, out: View): void {
    if (!fused.crossEntropyInput(x, labels, gy, out)) rows.crossEntropyInput(x, labels, gy, out);
  }

  /** See the contract. @since 48 */
  moments(x: View, mean: View, variance: View, running: RunningMoments | null): void {
    if (!fused.moments(x, mean, variance, running)) channels.moments(x, mean, variance, running);
  }

  /** See the contract. @since 48 */
  batchNorm(x: View, by: Statistics, gamma: View, beta: View, out: View): void {
    if (!fused.batchNorm(x, by, gamma, beta, out)) channels.batchNorm(x, by, gamma, beta, out);
  }

  /** See the contract. @since 48 */
  batchNormGradients(x: View, gy: View, by: Statistics, gamma: View, gx: View, ggamma: View, gbeta: View): void {
    const operands = [x, gy, by, gamma, gx, ggamma, gbeta] as const;
    if (!fused.batchNormGradients(...operands)) channels.batchNormGradients(...operands);
  }

  /** See the contract. @since 28 */
  random(distribution: Distribution, key: readonly [number, number], counter: number, out: View): void {
    if (distribution === 'uniform' && elements.words(key, counter, out)) return;
    const y = reference.dense(out);
    if (distribution === 'normal' && out.dtype === 'float32') return this.normals(key, counter, y);
    const stream = new PhiloxStream(key, counter);
    const uniform = () => (y instanceof Float64Array ? stream.uniform64() : stream.uniform32());
    for (let i = 0; i < y.length; i++) y[i] = distribution === 'uniform' ? uniform() : normal(uniform(), uniform());
  }

  /** Normal numbers of float32, from two words each, which are drawn many at a time. */
  private normals(key: readonly [number, number], counter: number, y: TypedArray): void {
    const uniforms = this.alloc('float32', 2 * MOST_NORMALS, true);
    const u = uniforms.values;
    for (let from = 0; from < y.length; from += MOST_NORMALS) {
      const count = Math.min(MOST_NORMALS, y.length - from);
      const drawn = { storage: uniforms, dtype: 'float32', shape: [u.length], strides: [1], offset: 0 } as const;
      const first = counter + from / 2;
      if (count < MOST_NORMALS / 8 || !elements.words(key, first, drawn)) {
        const stream = new PhiloxStream(key, first);
        for (let i = 0; i < 2 * count; i++) u[i] = stream.uniform32();
      }
      for (let i = 0; i < count; i++) y[from + i] = normal(u[2 * i], u[2 * i + 1]);
    }
    this.free(uniforms);
  }

  /** See the contract. @since 37 */
  update(rule: UpdateRule, members: readonly ParameterUpdate[]): void {
    for (const member of members) if (!elements.update(rule, member)) update(rule, member);
  }
}

/** What this machine has to compute with: for `npm run doctor`. @since 28 */
export function cpuFeatures(): {
  readonly kernels: Flavour | null;
  readonly threads: number;
  readonly memory: number;
  readonly shared: boolean;
  readonly blas: string | null;
} {
  const engine = kernels.engine();
  const { memory } = kernelMemory;
  const shared = memory !== null && isShared(memory);
  return {
    kernels: engine?.flavour ?? null,
    threads: engine && shared ? getThreads() : 1,
    memory: memory?.buffer.byteLength ?? 0,
    shared,
    blas: engine?.blas()?.name ?? null,
  };
}
