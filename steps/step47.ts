/**
 * Step 47 · A convolutional network: the same small filters everywhere.
 *
 * Step 41's network had weights of its own for every pixel: a digit one pixel further left was news to it. In a convolutional network
 * a layer is a few filters of 3 × 3, moved over the whole picture (`conv2d`: step 46's product without its copies), then pooling
 * keeps the largest of each 2 × 2, so that a pixel more or less matters little. The next filters look at what the first ones found. Half the
 * parameters, and better. `--full` learns from all 60,000 digits and takes some minutes.
 */
import { parseArgs } from 'node:util';
import { array, asVariable, noGrad, ones, setSeed, type NDArray, type Operand, type Variable } from 'dezero';
import { DataLoader, MNIST, Subset, toPicture, type Dataset } from 'dezero/data';
import * as F from 'dezero/functions';
import { Conv2d, Linear } from 'dezero/layers';
import { Sequential, type Model } from 'dezero/models';
import { Adam } from 'dezero/optimizers';
import { plotImages } from 'dezero/utils';

/** Two convolutions, a pooling after each, and two linear layers; `width` filters in the first. */
export function cnn(width = 32): Sequential {
  const conv = (filters: number) => new Conv2d(filters, { kernel: 3, pad: 1, activation: 'relu' });
  const pool = (x: Variable) => F.maxPool(x, { kernel: 2 });
  const head = [F.flatten, new Linear(4 * width), F.relu, new Linear(10)];
  return new Sequential(conv(width), pool, conv(2 * width), pool, ...head);
}

/** What each convolution finds in pictures (N, 1, 28, 28): (N, width, 28, 28) and (N, 2·width, 14, 14). */
export function maps(model: Sequential, x: Operand): Variable[] {
  let y = asVariable(x);
  return [...model].flatMap((stage) => {
    y = stage.call(y);
    return stage instanceof Conv2d ? [y] : [];
  });
}

/** One pass through the training set; the mean loss. */
export async function trainEpoch(model: Model, loader: DataLoader, optimizer: Adam): Promise<number> {
  let total = 0;
  for await (const [x, t] of loader) {
    const loss = F.softmaxCrossEntropy(model.call(x), t);
    model.clearGrads();
    loss.backward();
    optimizer.update();
    total += loss.item() / loader.length;
  }
  return total;
}

/** A convolution can move a picture, too: all its weight on the left fetches each pixel from 2 further left. */
export function moveRight(x: Operand): Variable {
  return F.conv2d(x, array([1, 0, 0, 0, 0], { shape: [1, 1, 1, 5], dtype: 'float32' }), null, { pad: [0, 2] });
}

/** The share of a set that is right, after `change`. */
export async function accuracy(model: Model, set: Dataset, change = (x: Operand): Operand => x): Promise<number> {
  let right = 0;
  for await (const [x, t] of new DataLoader(set, { batch: Math.min(200, set.length) })) {
    const y = noGrad(() => model.call(change(x)));
    right += F.accuracy(y, t).item() * t.size;
  }
  return right / set.length;
}

/** Pictures (N, 1, H, W) with each pixel spread over k × k. */
export function enlarge(x: Operand, k: number): Variable {
  return F.deconv2d(x, ones([1, 1, k, k], { dtype: 'float32' }), null, { stride: k });
}

/** Draws (N, H, W): black is 0, white what is most; or, where some numbers are below 0, black is the least and grey is 0. */
export async function draw(x: NDArray, to: string): Promise<string> {
  const [N = 0, H = 0, W = 0] = x.shape;
  const signed = x.values.some((value) => value < 0);
  const pixels = enlarge(x.reshape([N, 1, H, W]), 16).data;
  const cells = Array.from({ length: N }, (_, i) => {
    const high = Math.max(1e-6, ...x.slice([i]).values.map(Math.abs));
    return { picture: toPicture(pixels.slice([i]), { low: signed ? -high : 0, high }), caption: [] };
  });
  return plotImages(cells, { to, columns: 16, size: 56 });
}

export async function main({ full = false, epochs = 2, n = 60_000, width = 32, hidden = 1000 } = {}): Promise<void> {
  const x = array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], { shape: [1, 1, 4, 4] });
  const means = F.averagePool(x, { kernel: 2 });
  const show = (what: string, { data }: Variable) => {
    console.log(`${what}\n${data.reshape(data.shape.slice(2)).toString()}`);
  };
  show('a picture', asVariable(x));
  show('conv2d, nine ones, pad 1', F.conv2d(x, ones([1, 1, 3, 3]), null, { pad: 1 }));
  show('maxPool, kernel 2', F.maxPool(x, { kernel: 2 }));
  show('averagePool, kernel 2', means);
  show('deconv2d of that, four ones, stride 2', F.deconv2d(means, ones([1, 1, 2, 2]), null, { stride: 2 }));
  console.log(`globalAveragePool: ${F.globalAveragePool(x).item()}`);

  const first = (set: Dataset) => new Subset(set, [...Array(Math.min(n, set.length)).keys()]);
  const [train, test] = [first(await MNIST.open({ full })), first(await MNIST.open({ split: 'test', full }))];
  setSeed(0);
  const model = cnn(width);
  console.log(`\n${model.summary([1, 1, 28, 28])}`);
  const mlp = new Sequential(F.flatten, new Linear(hidden), F.relu, new Linear(10));
  const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
  for (const [name, one] of Object.entries({ "step 41's network": mlp, convolutional: model })) {
    const optimizer = new Adam().setup(one);
    const loader = new DataLoader(train, { batch: 64, shuffle: true });
    for (let epoch = 1; epoch <= epochs; epoch++) {
      const loss = await trainEpoch(one, loader, optimizer);
      console.log(`${name}, epoch ${epoch}: loss ${loss.toFixed(4)}; test ${percent(await accuracy(one, test))}`);
    }
    console.log(`  the same digits, two pixels further right: ${percent(await accuracy(one, test, moveRight))}`);
  }

  console.log('its first filters, and what both convolutions find in one digit:');
  const [[, filters] = []] = model.parameters();
  if (filters) console.log(`  ${await draw(filters.data.reshape([-1, 3, 3]), 'out/step47/filters.png')}`);
  const [digit] = await test.get(0);
  for (const [i, map] of noGrad(() => maps(model, digit.reshape([1, 1, 28, 28]))).entries())
    console.log(`  ${await draw(map.data.slice([0]), `out/step47/maps${i + 1}.png`)}`);
}

if (require.main === module) {
  const { full } = parseArgs({ options: { full: { type: 'boolean', default: false } } }).values;
  void main({ full, epochs: full ? 3 : 2 });
}
