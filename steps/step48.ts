/**
 * Step 48 · The GPU: the same code on another device.
 *
 * A gpu has thousands of small processors and memory of its own. `await setDevice('gpu')` makes new arrays there, `x.to('gpu')` moves one; all
 * else stays as it was. What changes is time: an operation only puts its order into a queue and returns, so that the gpu works while we go
 * on; we wait where a number is needed here, `await x.to('cpu')`, and nowhere else. And since no garbage collector sees that memory, a
 * `memoryScope` at the top of a loop's body frees what the body makes, on every device; `keep` is for what must live on.
 */
import { full, hasDevice, keep, memoryInfo, memoryScope, nd, randn, setDevice, setSeed, type DeviceName } from 'dezero';
import { DataLoader, Spiral } from 'dezero/data';
import * as F from 'dezero/functions';
import { MLP } from 'dezero/models';
import { Adam } from 'dezero/optimizers';
import { plot, profile } from 'dezero/utils';

/** A training, which does not know what it runs on. */
export class Run {
  readonly model = new MLP([30, 30, 3], { activation: F.relu, in: 2 });
  readonly optimizer = new Adam({ lr: 0.02 }).setup(this.model);
  readonly loader = new DataLoader(new Spiral(), { batch: 50, shuffle: true });

  constructor(readonly device: DeviceName) {}

  /** One epoch: its mean loss, the only number that leaves the device. */
  async epoch(): Promise<number> {
    using _epoch = memoryScope();
    let sum = full([], 0, { dtype: 'float32', device: this.device });
    for await (const [x, t] of this.loader) {
      using _ = memoryScope();
      const loss = F.softmaxCrossEntropy(this.model.call(await x.to(this.device)), t);
      this.model.clearGrads();
      loss.backward();
      this.optimizer.update();
      sum = nd.add(sum, loss.data);
      keep(sum); // for the scope of the epoch
    }
    return (await sum.to('cpu')).item() / this.loader.length;
  }
}

/** The losses of a training on a device, its weights drawn there from one seed. */
export async function train(device: DeviceName, epochs: number): Promise<number[]> {
  await setDevice(device);
  setSeed(0);
  const run = new Run(device);
  const losses: number[] = [];
  while (losses.length < epochs) losses.push(await run.epoch());
  await setDevice('cpu');
  return losses;
}

/** Milliseconds for a product of two matrices n × n, the best of three: until the call returns, and until the result is here. */
export async function timeProduct(device: DeviceName, n: number): Promise<[returns: number, done: number]> {
  const a = await randn([n, n], { seed: 0, dtype: 'float32' }).to(device);
  let best: [number, number] = [Infinity, Infinity];
  for (let i = 0; i < 4; i++) {
    using _ = memoryScope();
    const began = performance.now();
    const corner = nd.matmul(a, a).slice([0, 0]);
    const returned = performance.now();
    await corner.to('cpu');
    const done = performance.now();
    if (i > 0 && done - began < best[1]) best = [returned - began, done - began]; // the first run builds the kernel
  }
  return best;
}

/** Bytes in use on a device after each of some iterations that make an array of a MiB, with a scope round each or with one round all. */
export function bytesHeld(device: DeviceName, scoped: boolean, iterations = 3): number[] {
  using _all = memoryScope();
  const before = memoryInfo(device).bytes;
  return Array.from({ length: iterations }, () => {
    const scope = scoped ? memoryScope() : null;
    full([512, 512], 1, { dtype: 'float32', device });
    scope?.dispose(); // what `using` does at the end of a block
    return memoryInfo(device).bytes - before;
  });
}

export async function main({ epochs = 40, sizes = [32, 64, 128, 256, 512] } = {}): Promise<void> {
  const devices: DeviceName[] = (await hasDevice('gpu')) ? ['cpu', 'gpu'] : ['cpu'];
  if (devices.length < 2) console.log('There is no gpu here that WebGPU can use; this is what the cpu does.\n');

  console.log('The same training, the same seed: the loss of the first, a middle and the last epoch');
  const losses: number[][] = [];
  for (const device of devices) {
    const list = await train(device, epochs);
    losses.push(list);
    console.log(`  ${device}  ${[0, Math.floor(epochs / 2), epochs - 1].map((i) => list[i]?.toFixed(5)).join('  ')}`);
  }
  const [here = [], there] = losses;
  const apart = Math.max(...here.map((loss, i) => Math.abs(loss - (there?.[i] ?? NaN))));
  if (there) console.log(`  never further apart than ${apart.toExponential(0)}`);

  console.log('\nA product of n × n: milliseconds until the call returns, and until the result is here');
  const series = devices.map((name) => ({ name, points: [] as [number, number][] }));
  for (const n of sizes)
    for (const { name, points } of series) {
      const [returns, done] = await timeProduct(name, n);
      points.push([n, done]);
      console.log(
        `  ${name}  n ${String(n).padEnd(4)} ${returns.toFixed(2).padStart(8)} ${done.toFixed(2).padStart(8)}`,
      );
    }
  const chart = { title: 'A product n × n', x: { label: 'n' }, y: { label: 'milliseconds', log: true }, series };
  console.log(`  ${await plot(chart, { to: 'out/step48/times.svg' })}`);

  const device = devices.at(-1) ?? 'cpu';
  const list = (bytes: readonly number[]) => bytes.map((n) => n / 2 ** 20).join(', ');
  console.log(`\nMiB held on the ${device} after each of three iterations that make one`);
  console.log(`  a scope in each: ${list(bytesHeld(device, true))}`);
  console.log(`  one around all:  ${list(bytesHeld(device, false))}`);

  console.log(`\nWhere the time of an epoch goes on the ${device}`);
  await setDevice(device);
  const run = new Run(device);
  await setDevice('cpu');
  await run.epoch(); // builds the kernels
  await profile(() => run.epoch(), { steps: run.loader.length, print: (line) => console.log(`  ${line}`) });
}

if (require.main === module) void main();
