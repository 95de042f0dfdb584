import type { Settings } from './child';
import { compare, type Result, type Work } from './compare';
import * as networks from './networks';
import { oursOf, wanted, type Bench, type Family } from './ways';

const SEQUENCE = { steps: 20, inputs: 128, hidden: 256 };

/** What is trained, and how large its batches are (with --quick). */
const ROWS: readonly [title: string, network: string, size: networks.Size, batch: number, quick: number, more?: Settings][] = [
  ['MLP 784-1000-1000-10, batch', 'mlp', networks.mlp, 100, 10],
  ['CNN 28×28 32-64-128-10, batch', 'cnn', networks.cnn, 64, 4],
  ['LSTM 128→256, 20 steps, batch', 'lstm', networks.lstm(SEQUENCE), 32, 2, SEQUENCE],
  ['SqueezeNet 1.0, batch', 'squeezenet', networks.squeezenet(1000), 32, 1],
  ['VGG16, batch', 'vgg16', networks.vgg16(1000), 4, 1],
]; // prettier-ignore

async function* run(bench: Bench): AsyncGenerator<Result[]> {
  const { options, pace, children } = bench;
  for (const [title, network, size, batch, small, more] of ROWS) {
    if (!wanted(title, bench)) continue;
    const inputs = options.quick ? small : batch;
    const original = options.peers ? ['numpy int64'] : [];
    const ways = children.ways('training', { network, batch: inputs, ...more }, { more: original });
    const work: Work = { amount: networks.stepOperations(size, inputs), kind: 'operations' };
    const limits = children.limits(work, ways);
    yield await compare({ title: `${title} ${inputs}`, ways, ours: oursOf(options), work, limits }, pace);
    children.closeAll(); // the next network has all memory for itself
  }
}

/** Whole steps of training. */
export const training: Family = {
  about:
    'one step is forward, backward and update (SGD), float32; numpy: as the original DeZero does it; int64: with its one-hot labels, which make gradients float64',
  ours: oursOf,
  run,
};
