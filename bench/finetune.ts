import { existsSync } from 'node:fs';
import path from 'node:path';
import { TooSlow, Unavailable, type Figure, type Result } from './compare';
import { squeezenet, stepOperations } from './networks';
import { median, quantile, ratio } from './statistics';
import type { Bench, Family } from './ways';

/** Photos of the training and of the validation set, epochs of the head and of all layers: step 53. */
const PHOTOS = { train: 244, val: 153 };
const EPOCHS = { head: 3, all: 5 };
const BATCH = 16;

/** Multiplications and additions of one epoch and its validation. */
function operations(kind: 'head' | 'all', train: number, val: number): number {
  const size = squeezenet(2);
  const forward = 2 * size.multiplyAdds;
  return val * forward + (kind === 'all' ? stepOperations(size, train) : train * forward);
}

async function* run({ options, children }: Bench): AsyncGenerator<Result[]> {
  const [data, weights] = [path.resolve(options.data), path.resolve(options.weights)];
  const ways = [...(options.device === 'gpu' ? ['gpu'] : []), 'wasm', 'blas', ...(options.peers ? ['torch'] : [])];
  const missing = [data, weights].find((file) => !existsSync(file));
  if (missing !== undefined) {
    yield [{ title: 'step 53', way: '', note: `there is no ${missing}; give --data and --weights` }];
    return;
  }
  const limit = options.quick ? 8 : 0;
  const [train, val] = limit > 0 ? [limit, limit] : [PHOTOS.train, PHOTOS.val];
  const settings = { data, weights, batch: BATCH, limit };
  const times = new Map(
    ways.map((name) => [name, { head: [] as number[], all: [] as number[], note: '', stopped: false }]),
  );
  for (let epoch = 0; epoch < EPOCHS.head + EPOCHS.all; epoch++) {
    const kind = epoch < EPOCHS.head ? 'head' : 'all';
    // In turns, and each its own next epoch; who stopped has no next.
    for (const name of epoch % 2 ? ways : ways.toReversed()) {
      const mine = times.get(name);
      if (!mine || mine.stopped) continue;
      try {
        const { milliseconds, note = '' } = await children.get(name).ask('fineTuning', settings);
        mine[kind].push(milliseconds);
        mine.note = note;
      } catch (error) {
        if (!(error instanceof Unavailable) && !(error instanceof TooSlow)) throw error;
        Object.assign(mine, { note: error.message, stopped: true });
      }
    }
  } // prettier-ignore
  const figures = (title: string, amount: number, timesOf: (name: string) => readonly number[]): Result[] =>
    ways.map((way) => {
      const mine = timesOf(way);
      const note = times.get(way)?.note ?? '';
      if (mine.length === 0) return { title, way, note };
      const others = finetune.ours.filter((name) => name !== way && timesOf(name).length > 0);
      const figure: Figure = {
        title,
        way,
        unit: 'µs',
        median: 1000 * median(mine),
        quartiles: [1000 * quantile(mine, 0.25), 1000 * quantile(mine, 0.75)],
        best: 1000 * Math.min(...mine),
        rounds: mine.length,
        ratios: Object.fromEntries(others.map((name) => [name, ratio(timesOf(name), mine)])),
        rate: amount / median(mine) / 1e6,
        note,
      };
      return figure;
    });
  const amounts = { head: operations('head', train, val), all: operations('all', train, val) };
  yield figures('an epoch of the head', amounts.head, (name) => times.get(name)?.head ?? []);
  yield figures('an epoch of all layers', amounts.all, (name) => times.get(name)?.all ?? []);
  const whole = (name: string) => {
    const { head = [], all = [] } = times.get(name) ?? {};
    if (head.length < EPOCHS.head || all.length < EPOCHS.all) return [];
    return [[...head, ...all].reduce((sum, time) => sum + time, 0)];
  };
  yield figures('the whole recipe', EPOCHS.head * amounts.head + EPOCHS.all * amounts.all, whole);
}

/** Step 53's recipe on the photos, next to the same in PyTorch. */
export const finetune: Family = {
  about: `SqueezeNet 1.0, batch ${BATCH}, ${EPOCHS.head} epochs of the head and ${EPOCHS.all} of all layers, each with its validation`,
  ours: ['wasm', 'blas'],
  run,
};
