/**
 * Step 47 · A convolutional network: the same small filters everywhere.
 *
 * Step 41's network had weights of its own for every pixel: a digit one pixel further left was news to it. In a convolutional network
 * a layer is a few filters of 3 × 3, moved over the whole picture (`conv2d`: step 46's product without its copies), then pooling
 * keeps the largest of each 2 × 2, so that a pixel more or less matters little. The next filters look at what the first ones found. Half the
 * parameters, and better. `--full` learns from all 60,000 digits and takes some minutes.
 */
import { parseArgs } from 'node:util';
import { array, noGrad, ones, setSeed, type NDArray, type Operand, type Variable } from 'dezero';
import { DataLoader, MNIST, Subset, toPicture, type Dataset } from 'dezero/data';
import * as F from 'dezero/functions';
import { writeFileSafely } from 'dezero/io';
import { Conv2d, Linear } from 'dezero/layers';
import { Model, Sequential } from 'dezero/models';
import { Adam } from 'dezero/optimizers';
import { imageSheet } from 'dezero/utils';

/** Two convolutions, a pooling after each, and two linear layers; `width` filters in the first. */
export class CNN extends Model {
  readonly conv1: Conv2d;
  readonly conv2: Conv2d;
  readonly l1: Linear;
  readonly l2 = new Linear(10);

  constructor(width = 32) {
    super();
    this.conv1 = new Conv2d(width, { kernel: 3, pad: 1, activation: 'relu' });
    this.conv2 = new Conv2d(2 * width, { kernel: 3, pad: 1, activation: 'relu' });
    this.l1 = new Linear(4 * width);
  }

  /** What each convolution finds, before pooling: (N, width, 28, 28) and (N, 2·width, 14, 14). */
  maps(x: Operand): [Variable, Variable] {
    const first = this.conv1.call(x);
    return [first, this.conv2.call(F.maxPool(first, { kernel: 2 }))];
  }

  override forward(x: Operand): Variable {
    const y = F.maxPool(this.maps(x)[1], { kernel: 2 }); // (N, 2·width, 7, 7)
    return this.l2.call(F.relu(this.l1.call(y.reshape([y.shape[0] ?? 0, -1]))));
  }
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

/** Draws (N, H, W): black is 0, white what is most; or, where numbers are `signed`, black is the least and grey is 0. */
export async function draw(x: NDArray, to: string, { signed = false }: { signed?: boolean } = {}): Promise<string> {
  const [N = 0, H = 0, W = 0] = x.shape;
  const pixels = enlarge(x.reshape([N, 1, H, W]), 16).data;
  const cells = Array.from({ length: N }, (_, i) => {
    const picture = pixels.slice([i]);
    const most = Math.max(1e-6, Math.sqrt(F.max(F.square(picture)).item()));
    return { picture: toPicture(picture, { low: signed ? -most : 0, high: most }), caption: [] };
  });
  await writeFileSafely(to, await imageSheet(cells, { columns: 16, size: 56 }));
  return to;
}

/** How long, and how large, a run is. */
export interface RunOptions {
  readonly full?: boolean;
  readonly epochs?: number;
  /** Digits of each set; default all. */
  readonly n?: number;
  readonly width?: number;
  readonly hidden?: number;
}

export async function main(options: RunOptions = {}): Promise<void> {
  const { full = false, epochs = full ? 3 : 2, n = Infinity, width = 32, hidden = 1000 } = options;
  const x = array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], { shape: [1, 1, 4, 4] });
  const show = (what: string, y: Variable) => {
    console.log(`${what}\n${y.data.reshape(y.shape.slice(2)).toString()}`);
  };
  console.log(`a picture\n${x.reshape([4, 4]).toString()}`);
  show('conv2d, nine ones, pad 1', F.conv2d(x, ones([1, 1, 3, 3]), null, { pad: 1 }));
  show('maxPool, kernel 2', F.maxPool(x, { kernel: 2 }));
  show('averagePool, kernel 2', F.averagePool(x, { kernel: 2 }));
  show('deconv2d of that, four ones, stride 2', F.deconv2d(F.averagePool(x, { kernel: 2 }), ones([1, 1, 2, 2]), null, { stride: 2 })); // prettier-ignore
  console.log(`globalAveragePool: ${F.globalAveragePool(x).item()}`);

  const open = async (split: 'train' | 'test') => {
    const set = await MNIST.open({ split, full });
    return n < set.length ? new Subset(set, [...Array(n).keys()]) : set;
  };
  const [train, test] = [await open('train'), await open('test')];
  setSeed(0);
  const cnn = new CNN(width);
  const flatten = (x: Variable): Variable => x.reshape([x.shape[0] ?? 0, -1]);
  const mlp = new Sequential(flatten, new Linear(hidden), F.relu, new Linear(10));
  console.log(`\n${cnn.summary([1, 1, 28, 28])}`);
  for (const [name, model] of [
    ["step 41's network", mlp],
    ['convolutional', cnn],
  ] as const) {
    const optimizer = new Adam().setup(model);
    const loader = new DataLoader(train, { batch: 64, shuffle: true });
    for (let epoch = 1; epoch <= epochs; epoch++) {
      const loss = await trainEpoch(model, loader, optimizer);
      console.log(`${name}, epoch ${epoch}: loss ${loss.toFixed(4)}; test ${(100 * (await accuracy(model, test))).toFixed(2)} %`); // prettier-ignore
    }
    console.log(`  the same digits, two pixels further right: ${(100 * (await accuracy(model, test, moveRight))).toFixed(2)} %`); // prettier-ignore
  }

  console.log('its first filters, and what both convolutions find in one digit:');
  console.log(`  ${await draw(cnn.conv1.weight.data.reshape([-1, 3, 3]), 'out/step47/filters.png', { signed: true })}`);
  const [digit] = await test.get(0);
  const maps = noGrad(() => cnn.maps(digit.reshape([1, 1, 28, 28])));
  for (const [i, map] of maps.entries())
    console.log(`  ${await draw(map.data.slice([0]), `out/step47/maps${i + 1}.png`)}`);
}

if (require.main === module) {
  const { full } = parseArgs({ options: { full: { type: 'boolean', default: false } } }).values;
  void main({ full });
}
