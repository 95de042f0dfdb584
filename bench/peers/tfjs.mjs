/** A child that does each task with TensorFlow.js: `cpu` or `wasm`. Its own language is pictures of (N, H, W, C) and kernels of (KH, KW, in, out). */
import { createRequire } from 'node:module';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { createInterface } from 'node:readline';

const require = createRequire(import.meta.url);
const tf = require('@tensorflow/tfjs');
const backend = process.argv[2];

async function open() {
  if (backend === 'wasm') {
    const { setWasmPaths } = require('@tensorflow/tfjs-backend-wasm');
    setWasmPaths(`${path.dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
  }
  await tf.setBackend(backend);
  await tf.ready();
}

const random = (...shape) => tf.randomNormal(shape, 0, 1, 'float32', 1);

/** Does f in a tidy, and reads one number of what it gives. */
const operation = (f) => () => tf.tidy(() => void f().dataSync());

const onTensors = {
  add: (a, b) => tf.add(a, b),
  mul: (a, b) => tf.mul(a, b),
  relu: (a) => tf.relu(a),
  exp: (a) => tf.exp(a),
  sum: (a) => tf.sum(a),
  'sum axis 0': (a) => tf.sum(a, 0),
  'sum axis 1': (a) => tf.sum(a, 1),
  'max axis 1': (a) => tf.max(a, 1),
};

/** Layers with weights of their own: each is a function of one tensor. */
function weight(std, ...shape) {
  return tf.variable(tf.mul(random(...shape), std));
}

function dense(inputs, out, activate = (x) => x) {
  const [W, b] = [weight(1 / Math.sqrt(inputs), inputs, out), tf.variable(tf.zeros([out]))];
  return (x) => activate(tf.add(tf.matMul(x, W), b));
}

function conv(inputs, out, kernel, stride, pad) {
  const W = weight(Math.sqrt(2 / (inputs * kernel * kernel)), kernel, kernel, inputs, out);
  const b = tf.variable(tf.zeros([out]));
  return (x) => tf.relu(tf.add(tf.conv2d(x, W, stride, pad), b));
}

function fire(inputs, squeeze, expand) {
  const [s, e1, e3] = [conv(inputs, squeeze, 1, 1, 0), conv(squeeze, expand, 1, 1, 0), conv(squeeze, expand, 3, 1, 1)];
  return (x) => {
    const y = s(x);
    return tf.concat([e1(y), e3(y)], 3);
  };
}

const pool = (size, stride, pad) => (x) => tf.maxPool(x, size, stride, pad);
const flatten = (x) => tf.reshape(x, [x.shape[0], -1]);
const dropout = (x) => tf.dropout(x, 0.5);
const sequence = (...stages) => (x) => stages.reduce((y, stage) => stage(y), x); // prettier-ignore

function vgg16() {
  const stages = [];
  let inputs = 3;
  for (const [out, times] of [
    [64, 2],
    [128, 2],
    [256, 3],
    [512, 3],
    [512, 3],
  ]) {
    // prettier-ignore
    for (let i = 0; i < times; i++, inputs = out) stages.push(conv(inputs, out, 3, 1, 1));
    stages.push(pool(2, 2, 0));
  }
  const head = [dense(512 * 49, 4096, tf.relu), dropout, dense(4096, 4096, tf.relu), dropout, dense(4096, 1000)];
  return sequence(...stages, flatten, ...head);
}

function lstm({ inputs, hidden }) {
  const [Wx, Wh] = [weight(1 / Math.sqrt(inputs), inputs, 4 * hidden), weight(1 / Math.sqrt(hidden), hidden, 4 * hidden)]; // prettier-ignore
  const b = tf.variable(tf.zeros([4 * hidden]));
  const out = dense(hidden, 10);
  return (x) => {
    let [h, c] = [tf.zeros([x.shape[0], hidden]), tf.zeros([x.shape[0], hidden])];
    for (const step of tf.unstack(x, 1)) {
      const [i, f, o, u] = tf.split(tf.add(tf.add(tf.matMul(step, Wx), tf.matMul(h, Wh)), b), 4, 1);
      c = tf.add(tf.mul(tf.sigmoid(f), c), tf.mul(tf.sigmoid(i), tf.tanh(u)));
      h = tf.mul(tf.sigmoid(o), tf.tanh(c));
    }
    return out(h);
  };
}

const networks = {
  mlp: () => [sequence(dense(784, 1000, tf.relu), dense(1000, 1000, tf.relu), dense(1000, 10)), [784], 10],
  cnn: () => [
    sequence(conv(1, 32, 3, 1, 1), pool(2, 2, 0), conv(32, 64, 3, 1, 1), pool(2, 2, 0), flatten, dense(64 * 49, 128, tf.relu), dense(128, 10)),
    [28, 28, 1],
    10,
  ], // prettier-ignore
  // 'same' on 54 × 54 adds one row and column at the end, as rounding up does
  squeezenet: () => [
    sequence(
      conv(3, 96, 7, 2, 0), pool(3, 2, 'valid'), fire(96, 16, 64), fire(128, 16, 64), fire(128, 32, 128), pool(3, 2, 'same'),
      fire(256, 32, 128), fire(256, 48, 192), fire(384, 48, 192), fire(384, 64, 256), pool(3, 2, 'valid'), fire(512, 64, 256),
      dropout, conv(512, 1000, 1, 1, 0), (x) => tf.mean(x, [1, 2]),
    ),
    [224, 224, 3],
    1000,
  ], // prettier-ignore
  vgg16: () => [vgg16(), [224, 224, 3], 1000],
  lstm: (settings) => [lstm(settings), [settings.steps, settings.inputs], 10],
};

const tasks = {
  about: () => ({ call: () => undefined, note: `TensorFlow.js ${tf.version.tfjs}, ${backend}` }),
  matmul({ m, n, k, form }) {
    const [atb, abt] = [form === 'AtB', form === 'ABt'];
    const [a, b] = [atb ? random(k, m) : random(m, k), abt ? random(n, k) : random(k, n)];
    return { call: operation(() => tf.matMul(a, b, atb, abt)) };
  },
  convolution({ N, C, H, O, K, stride, pad, groups, part }) {
    const OH = Math.floor((H + 2 * pad - K) / stride) + 1;
    const [x, gy] = [random(N, H, H, C), random(N, OH, OH, O)];
    const [W, conv2d] = groups > 1 ? [random(K, K, C, O / C), tf.depthwiseConv2d] : [random(K, K, C, O), tf.conv2d];
    if (part === 'forward') return { call: operation(() => conv2d(x, W, stride, pad)) };
    const gradient = part === 'dX' ? tf.grad((v) => conv2d(v, W, stride, pad)) : tf.grad((v) => conv2d(x, v, stride, pad)); // prettier-ignore
    return { call: operation(() => gradient(part === 'dX' ? x : W, gy)) };
  },
  elements({ name, rows, columns }) {
    const [a, b] = [random(rows, columns), random(rows, columns)];
    return { call: operation(() => onTensors[name](a, b)) };
  },
  training(settings) {
    const [model, input, classes] = networks[settings.network](settings);
    const x = random(settings.batch, ...input);
    const t = tf.oneHot(tf.tensor1d(Array.from({ length: settings.batch }, (_, i) => i % classes), 'int32'), classes); // prettier-ignore
    const optimizer = tf.train.sgd(0.001);
    return { call: () => void tf.tidy(() => optimizer.minimize(() => tf.losses.softmaxCrossEntropy(t, model(x)), true).dataSync()) }; // prettier-ignore
  },
};

const answer = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

async function main() {
  await open();
  let [current, key] = [null, ''];
  for await (const line of createInterface({ input: process.stdin })) {
    const { task, settings, calls } = JSON.parse(line);
    try {
      if (key !== JSON.stringify([task, settings])) {
        key = '';
        tf.disposeVariables();
        if (!tasks[task]) {
          answer({ missing: `has no '${task}'` });
          continue;
        }
        current = tasks[task](settings);
        key = JSON.stringify([task, settings]);
      }
      const began = performance.now();
      for (let i = 0; i < calls; i++) current.call();
      const milliseconds = performance.now() - began;
      answer({ milliseconds, resident: process.memoryUsage.rss(), used: tf.memory().numBytes, note: current.note });
    } catch (error) {
      answer({ error: String(error.message).split('\n')[0] });
    }
  }
  process.exit();
}

void main();
