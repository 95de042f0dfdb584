/** jax-js in a page, compiled with its `jit`. A function takes its arguments away; `.ref` is one that stays. */
import {
  blockUntilReady,
  defaultDevice,
  init,
  jit,
  lax,
  nn,
  numpy as np,
  random,
  tree,
  valueAndGrad,
} from '@jax-js/jax';
import { offer } from './page.ts';

let seed = 0;
const normal = (...shape) => random.normal(random.key(seed++), shape);

async function open() {
  const devices = await init('webgpu');
  if (!devices.includes('webgpu')) throw new Error('its WebGPU backend does not open');
  defaultDevice('webgpu');
  return 'jax-js, WebGPU';
}

function matmul({ n }) {
  const [a, b] = [normal(n, n), normal(n, n)];
  const product = jit((a, b) => np.matmul(a, b));
  let last = null;
  return {
    call() {
      last?.dispose();
      last = product(a.ref, b.ref);
    },
    settle: () => blockUntilReady(last),
  };
}

/** The largest of each 2 × 2. */
function pool(x) {
  const [N, C, H, W] = x.shape;
  return np.max(x.reshape([N, C, H / 2, 2, W / 2, 2]), [3, 5]);
}

const conv = (x, { W, b }) => nn.relu(lax.convGeneralDilated(x, W, [1, 1], 'SAME').add(b.reshape([1, -1, 1, 1])));
const dense = (x, { W, b }) => np.matmul(x, W).add(b);

function training({ batch }) {
  const layer = (inputs, out, ...shape) => ({ W: normal(...shape).mul(Math.sqrt(2 / inputs)), b: np.zeros([out]) });
  let layers = [layer(9, 32, 32, 1, 3, 3), layer(32 * 9, 64, 64, 32, 3, 3), layer(64 * 49, 128, 64 * 49, 128), layer(128, 10, 128, 10)]; // prettier-ignore
  const x = normal(batch, 1, 28, 28);
  const t = nn.oneHot(np.array(Int32Array.from({ length: batch }, (_, i) => i % 10), { dtype: np.int32 }), 10); // prettier-ignore
  const forward = ([first, second, third, last], x, t) => {
    const pictures = pool(conv(pool(conv(x, first)), second));
    const scores = dense(nn.relu(dense(pictures.reshape([batch, -1]), third)), last);
    return nn.logSoftmax(scores).mul(t).sum().mul(-1 / batch); // prettier-ignore
  };
  const step = jit((layers, x, t) => {
    const [loss, grads] = valueAndGrad(forward)(tree.ref(layers), x, t);
    return [loss, tree.map((p, g) => p.sub(g.mul(0.001)), layers, grads)];
  });
  let loss = null;
  return {
    call() {
      loss?.dispose();
      [loss, layers] = step(layers, x.ref, t.ref);
    },
    settle: () => blockUntilReady([loss, layers]),
  };
}

offer(open, { matmul, training });
