/** A worker that trains a network, so that the page stays alive: the package as it is bundled for browsers. */
import { array, full, keep, Linear, memoryScope, nd, noGrad, setDevice, setSeed, testMode, type DeviceName, type NDArray, type Variable } from '../../../dezero/index'; // prettier-ignore
import { DataLoader, MNIST, Spiral, Subset, type Dataset } from '../../../dezero/data/index';
import { flatten, maxPool, relu, softmax, softmaxCrossEntropy } from '../../../dezero/functions/index';
import { Conv2d } from '../../../dezero/layers/index';
import { evaluate, MLP, Sequential, type Model } from '../../../dezero/models/index';
import { Adam } from '../../../dezero/optimizers/index';
import { getBackend } from '../../../dezero/ndarray/index';
import { WebGpuBackend } from '../../../dezero/backends/webgpu/webgpu';
import type { SpiralPoint, TaskName, TestDigit, TrainEvent, TrainOrder, Where } from './protocol';

interface Task {
  readonly model: Model;
  readonly train: Dataset;
  readonly test: Dataset;
  readonly batch: number;
  readonly epochs: number;
  readonly rate: number;
  /** Batches for a point of the curve, and points from one test to the next. */
  readonly perPoint: number;
  readonly pointsPerTest: number;
  /** Milliseconds to look at each point: what is small would be learned before one has seen it. */
  readonly pause: number;
  readonly points: readonly SpiralPoint[];
  readonly digits: readonly TestDigit[];
}

const SIDE = 72; // points along a side of the spiral's map
const EDGE = 1.15; // the map goes from −EDGE to EDGE
const MAP_EVERY = 60; // milliseconds
const TESTED = 500; // of the 2,000 test digits: a second's work is enough
const SHOWN = 24;

const TASKS: Readonly<Record<TaskName, () => Promise<Task>>> = {
  spiral: () => {
    const train = new Spiral();
    const points = train.points.x.map((at, i) => ({ at, arm: train.points.t[i] ?? 0 }));
    const model = new MLP([30, 30, 3], { activation: relu, in: 2 });
    return Promise.resolve({ model, train, test: new Spiral({ split: 'test' }), batch: 50, epochs: 200, rate: 0.02, perPoint: 6, pointsPerTest: 2, pause: 40, points, digits: [] }); // prettier-ignore
  },
  digits: async () => {
    const test = await MNIST.open({ split: 'test' });
    const digits = Array.from({ length: SHOWN }, (_, i) => ({ pixels: test.pixels(i), label: test.labels[i] ?? 0 }));
    const conv = (filters: number, inputs: number) => new Conv2d(filters, { in: inputs, kernel: 3, pad: 1, activation: 'relu' }); // prettier-ignore
    const pool = (x: Variable) => maxPool(x, { kernel: 2 });
    const model = new Sequential(conv(16, 1), pool, conv(32, 16), pool, flatten, new Linear(64, { in: 1568 }), relu, new Linear(10, { in: 64 })); // prettier-ignore
    const some = new Subset(test, [...Array(TESTED).keys()]);
    return { model, train: await MNIST.open(), test: some, batch: 64, epochs: 4, rate: 2e-3, perPoint: 5, pointsPerTest: 5, pause: 0, points: [], digits }; // prettier-ignore
  },
};

/** Opens what the reader has chosen; its name for people. */
async function open(where: Where): Promise<[DeviceName, string]> {
  const device = await setDevice(where === 'wasm' ? 'cpu' : where);
  if (device === 'cpu') return [device, 'WebAssembly'];
  const backend = getBackend(device);
  const about = backend instanceof WebGpuBackend ? backend.info.description : 'gpu';
  return [device, `WebGPU (${about})`];
}

const tell = (event: TrainEvent): void => (globalThis as unknown as MessagePort).postMessage(event);

let goOn: (() => void) | null = null; // while it is paused
let going: Promise<void> = Promise.resolve();

/** Waits a little, in which orders arrive; returns when it is not paused. */
async function breathe(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  await going;
}

async function train(task: Task, device: DeviceName): Promise<void> {
  const { model, batch, perPoint, pointsPerTest } = task;
  const optimizer = new Adam({ lr: task.rate }).setup(model);
  const loader = new DataLoader(task.train, { batch, shuffle: true });
  const grid = task.points.length > 0 ? await gridOn(device) : null;
  const test = async () => {
    const { accuracy, answers } = await evaluate(model, new DataLoader(task.test, { batch: 100 }));
    const said = answers.slice(0, task.digits.length).map(({ prediction }) => prediction);
    tell({ kind: 'test', batches, accuracy, said });
  };
  let [batches, rate, mapped] = [0, 0, -Infinity];
  await test();
  for (let epoch = 1; epoch <= task.epochs; epoch++) {
    using _epoch = memoryScope();
    let sum = full([], 0, { dtype: 'float32', device });
    let [count, began] = [0, performance.now()];
    for await (const [x, t] of loader) {
      using _ = memoryScope();
      const loss = softmaxCrossEntropy(model.call(await x.to(device)), t);
      model.clearGrads();
      loss.backward();
      optimizer.update();
      sum = nd.add(sum, loss.data); // on the device, so that a point of the curve is read back and not each batch
      keep(sum);
      batches++;
      if (++count < perPoint && batches % loader.length > 0) continue;
      const mean = (await sum.to('cpu')).item() / count;
      const now = (1000 * count) / Math.max(1, performance.now() - began);
      rate = rate === 0 ? now : 0.8 * rate + 0.2 * now;
      tell({ kind: 'loss', batches, epoch, loss: mean, rate });
      if (grid && performance.now() - mapped > MAP_EVERY) {
        tell({ kind: 'map', side: SIDE, probabilities: await mapOf(model, grid) });
        mapped = performance.now();
      }
      if (Math.ceil(batches / perPoint) % pointsPerTest === 0) await test();
      await breathe(task.pause);
      sum = full([], 0, { dtype: 'float32', device });
      keep(sum);
      [count, began] = [0, performance.now()];
    }
  }
  if (grid) tell({ kind: 'map', side: SIDE, probabilities: await mapOf(model, grid) });
  await test();
}

/** Points all over the square, (SIDE², 2), row by row from the top. */
async function gridOn(device: DeviceName): Promise<NDArray> {
  const at = (i: number) => EDGE * ((2 * i + 1) / SIDE - 1);
  const points = Float32Array.from({ length: 2 * SIDE * SIDE }, (_, i) => {
    const [row, column] = [Math.floor(i / 2 / SIDE), Math.floor(i / 2) % SIDE];
    return i % 2 === 0 ? at(column) : -at(row);
  });
  return array(points, { shape: [SIDE * SIDE, 2] }).to(device);
}

async function mapOf(model: Model, grid: NDArray): Promise<Uint8Array> {
  using _ = memoryScope();
  const y = testMode(() => noGrad(() => softmax(model.call(grid))));
  return Uint8Array.from((await y.data.to('cpu')).values, (p) => Math.round(255 * p));
}

async function begin(name: TaskName, where: Where): Promise<void> {
  const [device, about] = await open(where);
  setSeed(0);
  const task = await TASKS[name]();
  const parameters = [...task.model.parameters()].reduce((sum, [, { size }]) => sum + size, 0);
  const { points, digits, epochs } = task;
  tell({ kind: 'ready', device: about, parameters, tests: task.test.length, epochs, points, digits });
  await train(task, device);
  tell({ kind: 'ended' });
}

globalThis.addEventListener('message', ({ data: order }: MessageEvent<TrainOrder>) => {
  if (order.kind === 'start') {
    begin(order.task, order.where).catch((error: unknown) => {
      const words = error instanceof Error ? error.message : String(error);
      tell({ kind: 'trouble', words: words.split('\n')[0] ?? '' });
    });
  } else if (order.kind === 'pause') going = new Promise((resolve) => (goOn = resolve));
  else goOn?.();
});
