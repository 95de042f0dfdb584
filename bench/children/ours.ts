/** A child that does each task with DeZero. What it may use is said by its environment, and by its arguments: `gpu`, or `plain` for no relaxed SIMD. */
import { memoryScope, setDevice, type NDArray } from 'dezero';
import { relu, softmaxCrossEntropy } from 'dezero/functions';
import { Layer, Linear, LSTM } from 'dezero/layers';
import { MLP, SqueezeNet10, VGG16 } from 'dezero/models';
import * as nd from 'dezero/ndarray';
import { SGD } from 'dezero/optimizers';
import type { Variable } from 'dezero';
import { cpuFeatures } from '../../dezero/backends/cpu/cpu';
import { kernelMemory } from '../../dezero/backends/cpu/memory';
import { Kernels } from '../../dezero/backends/cpu/wasm';
import { Unavailable } from '../compare';
import type { Settings } from '../child';
import { cnn } from '../cnn';
import { fineTuning } from './fineTuning';
import { number, serve, type Task, type Tasks } from './serve';

const [special] = process.argv.slice(2);
const dtype = 'float32';
const inArrays = () => kernelMemory.used;

const random = (...shape: number[]) => nd.randn(shape, { seed: shape.length, dtype });

/** An operation on arrays that stay where the device works on them, its result freed after each call. */
function operation(operands: () => NDArray[], f: (...arrays: NDArray[]) => NDArray): Task {
  const home = memoryScope();
  const arrays = operands();
  let last: NDArray | null = null;
  return {
    call() {
      using _ = memoryScope();
      last = f(...arrays);
    },
    settle: () => (last?.device === 'gpu' ? arrays[0]?.slice(arrays[0].shape.map(() => ({ from: 0, to: 1 }))).to('cpu') : undefined), // prettier-ignore
    used: inArrays,
    dispose: () => home.dispose(),
  };
}

/** A product without relaxed SIMD, whatever this engine has. */
function plainProduct(a: NDArray, b: NDArray): NDArray {
  const out = nd.empty([a.shape[0] ?? 0, b.shape[1] ?? 0], dtype);
  if (!plainKernels.matmul(a, b, null, out)) throw new Unavailable('the kernels do not run here');
  return out;
}
const plainKernels = new Kernels(kernelMemory, { flavour: 'plain', leastBlas: Infinity });

function matmul(settings: Settings): Task {
  const [m, n, k] = ['m', 'n', 'k'].map((name) => number(settings, name)) as [number, number, number];
  const operands = () => [
    settings['form'] === 'AtB' ? random(k, m).transpose() : random(m, k),
    settings['form'] === 'ABt' ? random(n, k).transpose() : random(k, n),
  ];
  return operation(operands, special === 'plain' ? plainProduct : nd.matmul);
}

function convolution(settings: Settings): Task {
  const names = ['N', 'C', 'H', 'O', 'K', 'stride', 'pad', 'groups'];
  const [N, C, H, O, K, stride, pad, groups] = names.map((name) => number(settings, name)) as [number, number, number, number, number, number, number, number]; // prettier-ignore
  const window = { kernel: [K, K], stride: [stride, stride], pad: [pad, pad] } as const;
  const OH = Math.floor((H + 2 * pad - K) / stride) + 1;
  const [x, W, gy] = [() => random(N, C, H, H), () => random(O, C / groups, K, K), () => random(N, O, OH, OH)];
  switch (settings['part']) {
    case 'forward':
      return operation(() => [x(), W()], (x, W) => nd.conv2d(x, W, null, window, false, groups)); // prettier-ignore
    case 'dX':
      return operation(() => [gy(), W()], (gy, W) => nd.conv2dInput(gy, W, window, [N, C, H, H])); // prettier-ignore
    default:
      return operation(() => [x(), gy()], (x, gy) => nd.conv2dWeight(x, gy, window, groups)); // prettier-ignore
  }
}

/** Element-wise operations and reductions, by name. */
const onArrays: Readonly<Record<string, (a: NDArray, b: NDArray) => NDArray>> = {
  add: (a, b) => nd.add(a, b),
  mul: (a, b) => nd.mul(a, b),
  relu: (a) => nd.relu(a),
  exp: (a) => nd.exp(a),
  sum: (a) => nd.sum(a),
  'sum axis 0': (a) => nd.sum(a, { axis: 0 }),
  'sum axis 1': (a) => nd.sum(a, { axis: 1 }),
  'max axis 1': (a) => nd.max(a, { axis: 1 }),
};

function elements(settings: Settings): Task {
  const f = onArrays[String(settings['name'])];
  if (!f) throw new Unavailable(`has no ${settings['name']}`);
  const [rows, columns] = [number(settings, 'rows'), number(settings, 'columns')];
  return operation(() => [random(rows, columns), random(rows, columns)], f);
}

/** The last state of an LSTM that has read a sequence (N, T, in), as scores. */
class Reader extends Layer {
  readonly lstm: LSTM;
  readonly out: Linear;
  constructor(inputs: number, hidden: number, classes: number) {
    super();
    this.lstm = new LSTM(hidden, { in: inputs });
    this.out = new Linear(classes, { in: hidden });
  }
  override forward(x: NDArray): Variable {
    this.lstm.resetState();
    const [N = 0, T = 0, inputs = 0] = x.shape;
    let state: Variable | null = null;
    for (let t = 0; t < T; t++) state = this.lstm.call(x.slice([{}, { from: t, to: t + 1 }, {}]).reshape([N, inputs]));
    if (!state) throw new RangeError('a sequence has at least one step');
    return this.out.call(state);
  }
}

/** Networks, with the shape of one input and their classes. */
const networks: Readonly<Record<string, (settings: Settings) => { model: Layer; input: number[]; classes: number }>> = {
  mlp: () => ({ model: new MLP([1000, 1000, 10], { activation: relu, in: 784 }), input: [784], classes: 10 }),
  cnn: () => ({ model: cnn(), input: [1, 28, 28], classes: 10 }),
  squeezenet: () => ({ model: new SqueezeNet10(), input: [3, 224, 224], classes: 1000 }),
  vgg16: () => ({ model: new VGG16(), input: [3, 224, 224], classes: 1000 }),
  lstm: (settings) => {
    const [steps, inputs, hidden] = [number(settings, 'steps'), number(settings, 'inputs'), number(settings, 'hidden')];
    return { model: new Reader(inputs, hidden, 10), input: [steps, inputs], classes: 10 };
  },
};

/** Forward, backward, update. */
function training(settings: Settings): Task {
  const network = networks[String(settings['network'])]?.(settings);
  if (!network) throw new Unavailable(`has no ${settings['network']}`);
  const { model, input, classes } = network;
  const batch = number(settings, 'batch');
  const home = memoryScope();
  const x = random(batch, ...input);
  const t = nd.array(Int32Array.from({ length: batch }, (_, i) => i % classes));
  const optimizer = new SGD({ lr: 0.001 }).setup(model);
  const [, watched] = [...model.parameters()].at(-1) ?? [];
  return {
    call() {
      using _ = memoryScope();
      const loss = softmaxCrossEntropy(model.call(x), t);
      model.clearGrads();
      loss.backward();
      optimizer.update();
    },
    settle: () => watched?.data.to('cpu'),
    used: inArrays,
    dispose: () => home.dispose(),
  };
}

/** What computes here. */
function about(): Task {
  const { kernels, threads, blas } = cpuFeatures();
  const flavour = special === 'plain' ? special : (kernels ?? 'no');
  const name = special === 'gpu' ? 'WebGPU' : `${flavour} kernels, ${threads} threads${blas ? `, ${blas}` : ''}`;
  return { call: () => undefined, note: () => `DeZero, ${name}` };
}

async function main(): Promise<void> {
  try {
    if (special === 'gpu') await setDevice('gpu');
  } catch (error) {
    return serve(refusing(error instanceof Error ? error.message : String(error)));
  }
  // A way that names BLAS is not to be measured without.
  if (special === 'blas' && cpuFeatures().blas === null)
    return serve(refusing('no BLAS here: `npm run doctor` says more'));
  return serve(tasks);
}

const tasks: Tasks = { about, matmul, convolution, elements, training, fineTuning };

function refusing(reason: string): Tasks {
  return Object.fromEntries(Object.keys(tasks).map((name) => [name, () => Promise.reject(new Unavailable(reason))]));
}

void main();
