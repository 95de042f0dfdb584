/** Operations on their way to the device: recorded in order, submitted many at a time. */
import type { DType, View } from '../backend';
import { DeviceError } from '../errors';
import { Pool, type Block } from './pool';
import type { GpuStorage } from './storage';
import type { Timer } from './timer';

/** One run of a kernel. @since 48 */
export interface Job {
  /** The operation, for messages and the profiler. @since 48 */
  readonly name: string;
  /** Everything that the body depends on, beside the operands' dtypes and the names of the numbers. @since 48 */
  readonly key: string;
  /** WGSL: functions and `main`. Operands are arrays by their names here; numbers are `n.name`. @since 48 */
  readonly body: () => string;
  /** Operands that are only read. @since 48 */
  readonly reads: Readonly<Record<string, View>>;
  /** Operands that are written. @since 48 */
  readonly writes: Readonly<Record<string, View>>;
  /** Whole numbers, i32 in WGSL. @since 48 */
  readonly whole?: Readonly<Record<string, number>>;
  /** Other numbers, f32 in WGSL. @since 48 */
  readonly real?: Readonly<Record<string, number>>;
  /** What of WGSL has to be asked for by name: 'subgroups', 'f16'. @since 48 */
  readonly enable?: readonly string[];
  /** How many workgroups; beyond the limit of one direction they are folded into two. @since 48 */
  readonly groups: number;
}

interface Pipeline {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  readonly signature: string;
}

/** What has been done so far. @since 48 */
export interface Counters {
  dispatches: number;
  submissions: number;
  readBacks: number;
  uploads: number;
}

const SLOT = 256; // bytes of numbers for one run: the least distance that every device allows
/** How many numbers one run can have. @since 48 */
export const MOST_NUMBERS = SLOT / 4;
const SLOTS = 1024; // runs in one submission at most
const OFTEN = 256; // runs after which the device may begin
const MOST_GROUPS = 4096; // bind groups to remember

/** The types of elements in WGSL; a bool takes four bytes. @since 48 */
export const WGSL: Record<DType, string> = { float32: 'f32', int32: 'i32', bool: 'u32', float64: 'f64' };

/** By the type f16, or, for tests of what comes of it where a device has no such type, by rounding to what it can hold. @since 48 */
export type Narrowing = 'f16' | 'rounding';

/** Records kernels and submits them. @since 48 */
export class Queue {
  /** The device itself. @since 48 */
  readonly device: GPUDevice;
  /** Its memory. @since 48 */
  readonly pool: Pool;
  /** What has been done so far. @since 48 */
  readonly counters: Counters = { dispatches: 0, submissions: 0, readBacks: 0, uploads: 0 };
  /** Whether invocations are to work together through shared memory: the quick way on real gpus, the slow one on those of software. @since 48 */
  sharesMemory = true;
  /** Whether invocations that run in step hand numbers to each other directly. @since 48 */
  subgroups: boolean;
  /** How the factors of products become numbers of 16 bits; null: they stay as they are. @since 48 */
  narrowing: Narrowing | null = null;
  /** Measures each run, while a profile is taken. @since 48 */
  timer: Timer | null = null;

  readonly #numbers: GPUBuffer;
  readonly #slots = new ArrayBuffer(SLOT * SLOTS);
  readonly #whole = new Int32Array(this.#slots);
  readonly #real = new Float32Array(this.#slots);
  #used = 0;
  readonly #pipelines = new Map<string, Pipeline>();
  readonly #layouts = new Map<string, GPUBindGroupLayout>();
  readonly #groups = new Map<string, GPUBindGroup>();
  #dropped = 0;
  #encoder: GPUCommandEncoder | null = null;
  #pass: GPUComputePassEncoder | null = null;
  #failure: Error | null = null;

  /** Takes charge of a device. @since 48 */
  constructor(device: GPUDevice) {
    this.device = device;
    this.subgroups = device.features.has('subgroups');
    const { STORAGE, COPY_SRC, COPY_DST, UNIFORM } = USAGE;
    this.pool = new Pool(device, STORAGE | COPY_SRC | COPY_DST, (error) => this.fail(error));
    this.#numbers = device.createBuffer({ size: SLOT * SLOTS, usage: UNIFORM | COPY_DST });
    device.addEventListener('uncapturederror', ({ error }) => this.fail(new Error(`the gpu refused a command: ${error.message}`))); // prettier-ignore
    void device.lost.then(({ message }) => this.fail(lost(message)));
  }

  /** The error that ended the work, if there was one. @since 48 */
  get failure(): Error | null {
    return this.#failure;
  }

  /** Ends the work: every later operation throws this error, the first of them if there are several. @since 48 */
  fail(error: Error): void {
    this.#failure ??= error;
  }

  /** The number of the submission that is being recorded. @since 48 */
  get submitted(): number {
    return this.counters.submissions - 1;
  }

  /** Records a run. Nothing has been computed when it returns. @since 48 */
  run(job: Job): void {
    if (this.#failure) throw this.#failure;
    if (this.#used === SLOTS) this.submit();
    const { pipeline, layout, signature } = this.#pipelineOf(job);
    for (const { storage } of Object.values(job.writes)) (storage as GpuStorage).block.writer ??= job.name;
    const views = [...Object.values(job.reads), ...Object.values(job.writes)];
    const group = this.#groupOf(
      layout,
      signature,
      views.map((x) => this.#blockOf(x)),
    );
    const pass = this.#openPass(job);
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group, [this.#put(job)]);
    const most = this.device.limits.maxComputeWorkgroupsPerDimension;
    const across = Math.min(job.groups, most);
    pass.dispatchWorkgroups(across, Math.ceil(job.groups / across));
    this.counters.dispatches++;
    if (this.timer) this.#closePass();
    if (this.#used >= OFTEN) this.submit();
  }

  /** Records a copy of bytes from one buffer to another. @since 48 */
  copy(from: Block, offset: number, to: GPUBuffer, bytes: number): void {
    this.#closePass();
    from.usedIn = this.counters.submissions;
    this.#openEncoder().copyBufferToBuffer(from.buffer, offset, to, 0, bytes);
  }

  /** Hands what has been recorded to the device. @since 48 */
  submit(): void {
    if (this.#failure) throw this.#failure;
    this.#closePass();
    if (!this.#encoder) return;
    // Runs in order behind what was submitted before, so the same slots can be used each time.
    if (this.#used > 0) this.device.queue.writeBuffer(this.#numbers, 0, this.#slots, 0, this.#used * SLOT);
    this.timer?.resolve(this.#encoder);
    this.device.queue.submit([this.#encoder.finish()]);
    this.#encoder = null;
    this.#used = 0;
    this.counters.submissions++;
  }

  #openEncoder(): GPUCommandEncoder {
    return (this.#encoder ??= this.device.createCommandEncoder());
  }

  #openPass({ name }: Job): GPUComputePassEncoder {
    return (this.#pass ??= this.#openEncoder().beginComputePass(this.timer?.next(name)));
  }

  #closePass(): void {
    this.#pass?.end();
    this.#pass = null;
  }

  #blockOf({ storage }: View): Block {
    const { block } = storage as GpuStorage;
    block.usedIn = this.counters.submissions;
    return block;
  }

  /** Writes a job's numbers into the next slot; returns its place. */
  #put({ name, whole = {}, real = {} }: Job): number {
    let at = (this.#used * SLOT) / 4;
    const end = at + MOST_NUMBERS;
    for (const value of Object.values(whole)) this.#whole[at++] = value;
    for (const value of Object.values(real)) this.#real[at++] = value;
    if (at > end) throw new RangeError(`${name}: more than ${MOST_NUMBERS} numbers for one kernel`);
    return this.#used++ * SLOT;
  }

  #groupOf(layout: GPUBindGroupLayout, signature: string, blocks: readonly Block[]): GPUBindGroup {
    if (this.#dropped !== this.pool.dropped || this.#groups.size > MOST_GROUPS) this.#groups.clear();
    this.#dropped = this.pool.dropped;
    const key = signature + blocks.map(({ id }) => id).join();
    let group = this.#groups.get(key);
    if (!group) {
      const entries: GPUBindGroupEntry[] = [{ binding: 0, resource: { buffer: this.#numbers, size: SLOT } }];
      blocks.forEach(({ buffer }, i) => entries.push({ binding: i + 1, resource: { buffer } }));
      group = this.device.createBindGroup({ layout, entries });
      this.#groups.set(key, group);
    }
    return group;
  }

  #pipelineOf(job: Job): Pipeline {
    const { reads, writes, whole = {}, real = {} } = job;
    const types = (views: Readonly<Record<string, View>>) => Object.values(views).map((x) => x.dtype);
    const key = [job.name, job.key, ...types(reads), ...types(writes), ...Object.keys(whole), ...Object.keys(real)].join(); // prettier-ignore
    let found = this.#pipelines.get(key);
    if (!found) {
      const signature = `${'r'.repeat(Object.keys(reads).length)}${'w'.repeat(Object.keys(writes).length)}:`;
      const layout = this.#layoutOf(signature);
      const module = this.device.createShaderModule({ label: job.name, code: head(job) + job.body() });
      const pipeline = this.device.createComputePipeline({
        label: job.name,
        layout: this.device.createPipelineLayout({ bindGroupLayouts: [layout] }),
        compute: { module, entryPoint: 'main' },
      });
      found = { pipeline, layout, signature };
      this.#pipelines.set(key, found);
    }
    return found;
  }

  /** One layout for all kernels with so many operands read and written, so that they can share bind groups. */
  #layoutOf(signature: string): GPUBindGroupLayout {
    let layout = this.#layouts.get(signature);
    if (!layout) {
      const visibility = 4; // GPUShaderStage.COMPUTE
      const entries: GPUBindGroupLayoutEntry[] = [
        { binding: 0, visibility, buffer: { type: 'uniform', hasDynamicOffset: true, minBindingSize: SLOT } },
      ];
      for (const kind of signature.slice(0, -1)) {
        const type = kind === 'r' ? 'read-only-storage' : 'storage';
        entries.push({ binding: entries.length, visibility, buffer: { type } });
      }
      layout = this.device.createBindGroupLayout({ entries });
      this.#layouts.set(signature, layout);
    }
    return layout;
  }
}

/** The bits of GPUBufferUsage, which is a global only in browsers. @since 48 */
export const USAGE = { MAP_READ: 1, COPY_SRC: 4, COPY_DST: 8, UNIFORM: 64, STORAGE: 128, QUERY_RESOLVE: 512 } as const;

/** The declarations that a kernel's body begins with: its numbers (`n`) and its operands. */
function head({ reads, writes, whole = {}, real = {}, enable = [] }: Job): string {
  const fields = [...Object.keys(whole).map((name) => `${name}: i32`), ...Object.keys(real).map((name) => `${name}: f32`)]; // prettier-ignore
  const lines = [
    `struct Numbers { ${fields.join(', ') || 'none: i32'} }`,
    '@group(0) @binding(0) var<uniform> n: Numbers;',
  ];
  const declare =
    (access: string) =>
    ([name, { dtype }]: [string, View]) =>
      lines.push(`@group(0) @binding(${lines.length - 1}) var<storage, ${access}> ${name}: array<${WGSL[dtype]}>;`);
  Object.entries(reads).forEach(declare('read'));
  Object.entries(writes).forEach(declare('read_write'));
  return [...enable.map((name) => `enable ${name};`), ...lines].join('\n') + '\n';
}

function lost(message: string): DeviceError {
  const why = message ? ` (${message.split('\n', 1)[0]})` : '';
  return new DeviceError(`the gpu was lost${why}: what lay in its memory is gone; \`await setDevice('gpu')\` opens it again, and what was saved can be loaded`); // prettier-ignore
}
