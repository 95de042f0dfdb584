/** TensorFlow.js in a page. Its own language is pictures of (N, H, W, C) and kernels of (KH, KW, in, out). */
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-webgpu';
import { offer } from './page.ts';

const random = (...shape) => tf.randomNormal(shape, 0, 1, 'float32', 1);
const weight = (std, ...shape) => tf.variable(tf.mul(random(...shape), std));

async function open() {
  if (!(await tf.setBackend('webgpu'))) throw new Error('its WebGPU backend does not open');
  await tf.ready();
  return `TensorFlow.js ${tf.version.tfjs}, WebGPU`;
}

function matmul({ n }) {
  const [a, b] = [random(n, n), random(n, n)];
  let last = null;
  return {
    call() {
      last?.dispose();
      last = tf.matMul(a, b);
    },
    settle: () => tf.tidy(() => tf.slice(last, [0, 0], [1, 1])).data(),
  };
}

function dense(inputs, out, activate = (x) => x) {
  const [W, b] = [weight(1 / Math.sqrt(inputs), inputs, out), tf.variable(tf.zeros([out]))];
  return (x) => activate(tf.add(tf.matMul(x, W), b));
}

function conv(inputs, out, kernel) {
  const [W, b] = [weight(Math.sqrt(2 / (inputs * kernel ** 2)), kernel, kernel, inputs, out), tf.variable(tf.zeros([out]))]; // prettier-ignore
  return (x) => tf.relu(tf.add(tf.conv2d(x, W, 1, 'same'), b));
}

function training({ batch }) {
  const pool = (x) => tf.maxPool(x, 2, 2, 'valid');
  const flatten = (x) => tf.reshape(x, [batch, -1]);
  const layers = [conv(1, 32, 3), pool, conv(32, 64, 3), pool, flatten, dense(64 * 49, 128, tf.relu), dense(128, 10)];
  const x = random(batch, 28, 28, 1);
  const t = tf.oneHot(tf.tensor1d(Array.from({ length: batch }, (_, i) => i % 10), 'int32'), 10); // prettier-ignore
  const optimizer = tf.train.sgd(0.001);
  let loss = null;
  return {
    call() {
      loss?.dispose();
      const forward = () => tf.losses.softmaxCrossEntropy(t, layers.reduce((y, layer) => layer(y), x)); // prettier-ignore
      loss = optimizer.minimize(forward, true);
    },
    settle: () => loss.data(),
  };
}

offer(open, { matmul, training });
