import type { ArithmeticOp, Backend, CompareOp, Distribution, DType, ParameterUpdate, ReduceOp, RunningMoments, Statistics, TypedArray, UnaryOp, UpdateRule, View, Window2d } from '../backend'; // prettier-ignore
import { DeviceError, DTypeError } from '../errors';
import * as channels from './batchNorm';
import * as convolution from './convolution';
import * as elementwise from './elementwise';
import * as indexing from './indexing';
import { countOf } from './layout';
import { inMiB, type Block, type Held } from './pool';
import { matmul } from './product';
import { Queue, USAGE, type Counters, type Narrowing } from './queue';
import { random } from './random';
import * as reductions from './reduce';
import { Scratch } from './scratch';
import * as rows from './softmax';
import type { GpuStorage } from './storage';
import { Timer, type Timing } from './timer';
import { update } from './update';
import * as windows from './windows';

/** Who made the device. @since 48 */
export interface GpuInfo {
  /** In words: 'nvidia ampere', 'google swiftshader'. @since 48 */
  readonly description: string;
  /** True if it only looks like a gpu and computes on the processor. @since 48 */
  readonly software: boolean;
}

/** The graphics processor, through WebGPU. Operations are recorded and submitted many at a time; only `download` waits. @since 48 */
export class WebGpuBackend implements Backend {
  /** 'gpu'. @since 48 */
  readonly name = 'gpu';
  /** WGSL has no float64. @since 48 */
  readonly dtypes: readonly DType[] = ['float32', 'int32', 'bool'];
  /** Who made the device. @since 48 */
  readonly info: GpuInfo;

  readonly #queue: Queue;
  readonly #scratch: Scratch;
  /** Arrays of no scope give their memory back when the garbage collector finds them. */
  readonly #forgotten: FinalizationRegistry<Block>;

  /** Takes charge of a device, and holds what it came from: under Node it crashes when that is collected as garbage before it. @since 48 */
  constructor(
    device: GPUDevice,
    info: GpuInfo,
    protected readonly source: unknown,
  ) {
    this.info = info;
    this.#queue = new Queue(device);
    this.sharesMemory = !info.software;
    this.#scratch = new Scratch(this, this.#queue);
    const { pool } = this.#queue;
    this.#forgotten = new FinalizationRegistry((block) => pool.give(block));
  }

  /** What is held in the device's memory now. @since 48 */
  get held(): Held {
    return this.#queue.pool.held;
  }

  /** What has been done so far. @since 48 */
  get counters(): Readonly<Counters> {
    return this.#queue.counters;
  }

  /** Whether kernels use shared memory; as suits the device, unless it is set. @since 48 */
  get sharesMemory(): boolean {
    return this.#queue.sharesMemory;
  }
  set sharesMemory(shares: boolean) {
    this.#queue.sharesMemory = shares;
  }

  /** Whether reductions use subgroups; where the device has them, unless it is set. @since 48 */
  get subgroups(): boolean {
    return this.#queue.subgroups;
  }
  set subgroups(use: boolean) {
    this.#queue.subgroups = use;
  }

  /** True if it can do products in mixed precision. @since 48 */
  get hasMixedPrecision(): boolean {
    return this.#queue.device.features.has('shader-f16');
  }

  /**
   * Mixed precision: products, convolutions among them, are of numbers of 16 bits, added up in 32; all else is float32. Default false.
   * @throws DeviceError if it is set where the device has no such numbers.
   * @since 48
   */
  get mixedPrecision(): boolean {
    return this.#queue.narrowing !== null;
  }
  set mixedPrecision(mixed: boolean) {
    if (mixed && !this.hasMixedPrecision) {
      throw new DeviceError(`mixed precision: this gpu (${this.info.description}) has no numbers of 16 bits (WebGPU's 'shader-f16'); go on in float32, without mixedPrecision (--mixed)`); // prettier-ignore
    }
    this.#queue.narrowing = mixed ? 'f16' : null;
  }

  /** How mixed precision is done; null where it is not. Tests round on any device. @since 48 */
  get narrowing(): Narrowing | null {
    return this.#queue.narrowing;
  }
  set narrowing(narrowing: Narrowing | null) {
    this.#queue.narrowing = narrowing;
  }

  /** The error that ended the work with this device, if there was one. @since 48 */
  get failure(): Error | null {
    return this.#queue.failure;
  }

  /** Ends the work with this device: its memory goes back to the system. @since 48 */
  close(): void {
    this.#queue.device.destroy();
  }

  /**
   * Runs f and measures what it gave the device to do: how long each run of a kernel took, by the device's own clock (null where it has none),
   * what was counted meanwhile, and the most bytes in use at once.
   * @since 48
   */
  async measure(f: () => unknown): Promise<{ timings: Timing[] | null; counters: Counters; peak: number }> {
    const queue = this.#queue;
    const { device, pool } = queue;
    queue.submit();
    pool.forgetPeak();
    const before = { ...queue.counters };
    const timer = device.features.has('timestamp-query') ? new Timer(device) : null;
    queue.timer = timer;
    try {
      await f();
      queue.submit();
      const counters = { ...queue.counters };
      for (const name of Object.keys(counters) as (keyof Counters)[]) counters[name] -= before[name];
      await device.queue.onSubmittedWorkDone();
      return { timings: (await timer?.read()) ?? null, counters, peak: pool.held.peak };
    } finally {
      queue.timer = null;
    }
  }

  /** See the contract. @since 48 */
  alloc(dtype: DType, length: number): GpuStorage {
    return this.#storage(dtype, length, false);
  }

  #storage(dtype: DType, length: number, untouched: boolean): GpuStorage {
    if (dtype === 'float64') {
      throw new DTypeError("the gpu has no float64; convert with x.astype('float32') first, or make it with { dtype: 'float32' }"); // prettier-ignore
    }
    if (this.failure) throw this.failure;
    const block = this.#queue.pool.take(length * 4, this.#queue.submitted, untouched);
    const storage: GpuStorage = { backend: this, dtype, length, freed: false, block };
    this.#forgotten.register(storage, block, storage);
    return storage;
  }

  /** See the contract. @since 48 */
  free(storage: GpuStorage): void {
    if (storage.freed) return;
    storage.freed = true;
    this.#forgotten.unregister(storage);
    this.#queue.pool.give(storage.block);
  }

  /** See the contract. @since 48 */
  upload(dtype: DType, values: TypedArray): GpuStorage {
    // What is written now would overtake operations that are recorded but not submitted: it needs memory that none of them uses.
    const storage = this.#storage(dtype, values.length, true);
    // Copies: Dawn crashes on a view of shared memory, and a slice is a view of its own, unshared.
    const copy = dtype === 'bool' ? Uint32Array.from(values) : values.slice();
    if (values.length > 0) this.#queue.device.queue.writeBuffer(storage.block.buffer, 0, copy);
    this.#queue.counters.uploads++;
    return storage;
  }

  /** See the contract. @since 48 */
  async download(x: View): Promise<TypedArray> {
    const length = countOf(x);
    const queue = this.#queue;
    const Kind = x.dtype === 'float32' ? Float32Array : Int32Array;
    if (length === 0) return x.dtype === 'bool' ? new Uint8Array(0) : new Kind(0);
    const bytes = length * 4;
    const readable = queue.device.createBuffer({ size: bytes, usage: USAGE.MAP_READ | USAGE.COPY_DST });
    this.#scratch.dense(x, ({ storage, offset }) =>
      queue.copy((storage as GpuStorage).block, offset * 4, readable, bytes),
    );
    queue.submit();
    queue.counters.readBacks++;
    try {
      await readable.mapAsync(1); // GPUMapMode.READ
    } catch (error) {
      await Promise.race([queue.device.lost, new Promise((resolve) => setTimeout(resolve, 100))]); // a lost device may say so later
      throw queue.failure ?? new DeviceError(`${inMiB(bytes)} could not be read back from the gpu: ${String(error)}`);
    }
    if (queue.failure) throw queue.failure;
    const values = new Kind(readable.getMappedRange().slice(0));
    readable.destroy();
    return x.dtype === 'bool' ? Uint8Array.from(values) : values;
  }

  /** See the contract. @since 48 */
  read(x: View): TypedArray {
    throw new DeviceError(
      `an array of shape (${x.shape.join(', ')}) lies on the gpu, which may still be computing it: ` +
        "wait for it with `await x.to('cpu')`, then read that",
    );
  }

  /** See the contract. @since 48 */
  fill(value: number, out: View): void {
    elementwise.fill(this.#queue, value, out);
  }

  /** See the contract. @since 48 */
  copy(x: View, out: View): void {
    elementwise.copy(this.#queue, x, out);
  }

  /** See the contract. @since 48 */
  unary(op: UnaryOp, x: View, out: View): void {
    elementwise.unary(this.#queue, op, x, out);
  }

  /** See the contract. @since 48 */
  binary(op: ArithmeticOp | CompareOp, a: View | number, b: View | number, out: View): void {
    elementwise.binary(this.#queue, op, a, b, out);
  }

  /** See the contract. @since 48 */
  accumulate(x: View, out: View): void {
    elementwise.accumulate(this.#queue, x, out);
  }

  /** See the contract. @since 48 */
  where(mask: View, a: View | number, b: View | number, out: View): void {
    elementwise.where(this.#queue, mask, a, b, out);
  }

  /** See the contract. @since 48 */
  reduce(op: ReduceOp, x: View, axes: readonly number[], out: View): void {
    reductions.reduce(this.#queue, this.#scratch, op, x, axes, out);
  }

  /** See the contract. @since 48 */
  argMax(x: View, axis: number, out: View): void {
    reductions.argMax(this.#queue, x, axis, out);
  }

  /** See the contract. @since 48 */
  gather(x: View, axis: number, indices: View, out: View): void {
    indexing.gather(this.#queue, this.#scratch, x, axis, indices, out);
  }

  /** See the contract. @since 48 */
  scatterAdd(x: View, axis: number, indices: View, out: View): void {
    indexing.scatterAdd(this.#queue, this.#scratch, x, axis, indices, out);
  }

  /** See the contract. @since 48 */
  matmul(a: View, b: View, bias: View | null, out: View): void {
    matmul(this.#queue, this.#scratch, a, b, bias, out);
  }

  /** See the contract. @since 48 */
  conv2d(x: View, W: View, b: View | null, window: Window2d, relu: boolean, out: View): void {
    convolution.conv2d(this.#queue, this.#scratch, x, W, b, window, relu, out);
  }

  /** See the contract. @since 48 */
  conv2dInput(gy: View, W: View, window: Window2d, out: View): void {
    convolution.conv2dInput(this.#queue, this.#scratch, gy, W, window, out);
  }

  /** See the contract. @since 48 */
  conv2dWeight(x: View, gy: View, window: Window2d, out: View): void {
    convolution.conv2dWeight(this.#queue, this.#scratch, x, gy, window, out);
  }

  /** See the contract. @since 48 */
  im2col(x: View, window: Window2d, out: View): void {
    windows.im2col(this.#queue, this.#scratch, x, window, out);
  }

  /** See the contract. @since 48 */
  col2im(cols: View, window: Window2d, out: View): void {
    windows.col2im(this.#queue, this.#scratch, cols, window, out);
  }

  /** See the contract. @since 48 */
  maxPool(x: View, window: Window2d, out: View, places: View): void {
    windows.maxPool(this.#queue, this.#scratch, x, window, out, places);
  }

  /** See the contract. @since 48 */
  poolGather(x: View, places: View, out: View): void {
    windows.poolGather(this.#queue, this.#scratch, x, places, out);
  }

  /** See the contract. @since 48 */
  poolScatter(gy: View, places: View, out: View, window?: Window2d): void {
    windows.poolScatter(this.#queue, this.#scratch, gy, places, out, window);
  }

  /** See the contract. @since 48 */
  averagePool(x: View, window: Window2d, out: View): void {
    windows.averagePool(this.#queue, this.#scratch, x, window, out);
  }

  /** See the contract. @since 48 */
  averagePoolInput(gy: View, window: Window2d, out: View): void {
    windows.averagePoolInput(this.#queue, this.#scratch, gy, window, out);
  }

  /** See the contract. @since 48 */
  softmax(x: View, axis: number, log: boolean, out: View): void {
    rows.softmax(this.#queue, this.#scratch, x, axis, log, out);
  }

  /** See the contract. @since 48 */
  crossEntropy(x: View, labels: View, out: View): void {
    rows.crossEntropy(this.#queue, this.#scratch, x, labels, out);
  }

  /** See the contract. @since 48 */
  crossEntropyInput(x: View, labels: View, gy: View, out: View): void {
    rows.crossEntropyInput(this.#queue, this.#scratch, x, labels, gy, out);
  }

  /** See the contract. @since 48 */
  moments(x: View, mean: View, variance: View, running: RunningMoments | null): void {
    channels.moments(this.#queue, this.#scratch, x, mean, variance, running);
  }

  /** See the contract. @since 48 */
  batchNorm(x: View, by: Statistics, gamma: View, beta: View, out: View): void {
    channels.batchNorm(this.#queue, this.#scratch, x, by, gamma, beta, out);
  }

  /** See the contract. @since 48 */
  batchNormGradients(x: View, gy: View, by: Statistics, gamma: View, gx: View, ggamma: View, gbeta: View): void {
    channels.batchNormGradients(this.#queue, this.#scratch, x, gy, by, gamma, gx, ggamma, gbeta);
  }

  /** See the contract. @since 48 */
  random(distribution: Distribution, key: readonly [number, number], counter: number, out: View): void {
    random(this.#queue, distribution, key, counter, out);
  }

  /** See the contract. @since 48 */
  update(rule: UpdateRule, members: readonly ParameterUpdate[]): void {
    update(this.#queue, rule, members);
  }
}
