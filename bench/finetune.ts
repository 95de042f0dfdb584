import { existsSync } from 'node:fs';
import path from 'node:path';
import { TooSlow, Unavailable, type Figure, type Result } from './compare';
import { squeezenet, stepOperations } from './networks';
import { median, quantile, ratio } from './statistics';
import { oursOf, peersOf, type Bench, type Family } from './ways';

/** Photos of the training and of the validation set, epochs of the head and of all layers: step 53. */
const PHOTOS = { train: 244, val: 153 };
const EPOCHS = { head: 3, all: 5 };
const BATCH = 16;

/** A file where tests, too, look for data; null if it is not there. */
function find(name: string): string | null {
  const files = [process.env['DEZERO_TEST_DATA'] ?? [], 'data', '../shared/data']
    .flat()
    .map((folder) => path.resolve(folder, name));
  return files.find((file) => existsSync(file)) ?? null;
}

/** Multiplications and additions of one epoch and its validation. */
function operations(kind: 'head' | 'all', train: number, val: number): number {
  const size = squeezenet(2);
  const forward = 2 * size.multiplyAdds;
  return val * forward + (kind === 'all' ? stepOperations(size, train) : train * forward);
}

async function* run({ options, children }: Bench): AsyncGenerator<Result[]> {
  const [data, weights] = [
    options.data ?? find('hymenoptera_data.zip'),
    options.weights ?? find('squeezenet1_0_imagenet.pth'),
  ];
  if (data === null || weights === null) {
    yield [
      {
        title: 'step 53',
        way: '',
        note: 'needs the photos and trained weights: --data photos.zip --weights squeezenet1_0.pth',
      },
    ];
    return;
  }
  const ways = [...oursOf(options), ...peersOf(options).filter((name) => name === 'torch')];
  const limit = options.quick ? 8 : 0;
  const [train, val] = limit > 0 ? [limit, limit] : [PHOTOS.train, PHOTOS.val];
  const settings = { data, weights, batch: BATCH, limit };
  const times = new Map(
    ways.map((name) => [
      name,
      { head: [] as number[], all: [] as number[], notes: { head: '', all: '' }, stopped: false },
    ]),
  );
  for (let epoch = 0; epoch < EPOCHS.head + EPOCHS.all; epoch++) {
    const kind = epoch < EPOCHS.head ? 'head' : 'all';
    // In turns, and each its own next epoch; who stopped has no next.
    for (const name of epoch % 2 ? ways : ways.toReversed()) {
      const mine = times.get(name);
      if (!mine || mine.stopped) continue;
      try {
        const { milliseconds, note = '' } = await children.ask(name, 'fineTuning', settings);
        mine[kind].push(milliseconds);
        mine.notes[kind] = note;
      } catch (error) {
        if (!(error instanceof Unavailable) && !(error instanceof TooSlow)) throw error;
        Object.assign(mine, { stopped: true, notes: { head: error.message, all: error.message } });
      }
    }
  } // prettier-ignore
  const figures = (
    title: string,
    kind: 'head' | 'all',
    amount: number,
    timesOf: (name: string) => readonly number[],
  ): Result[] =>
    ways.map((way) => {
      const mine = timesOf(way);
      const note = times.get(way)?.notes[kind] ?? '';
      if (mine.length === 0) return { title, way, note };
      const others = oursOf(options).filter((name) => name !== way && timesOf(name).length > 0);
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
  yield figures('an epoch of the head', 'head', amounts.head, (name) => times.get(name)?.head ?? []);
  yield figures('an epoch of all layers', 'all', amounts.all, (name) => times.get(name)?.all ?? []);
  const whole = (name: string) => {
    const { head = [], all = [] } = times.get(name) ?? {};
    if (head.length < EPOCHS.head || all.length < EPOCHS.all) return [];
    return [[...head, ...all].reduce((sum, time) => sum + time, 0)];
  };
  yield figures('the whole recipe', 'all', EPOCHS.head * amounts.head + EPOCHS.all * amounts.all, whole);
}

/** Step 53's recipe on the photos, next to the same in PyTorch. */
export const finetune: Family = {
  about: `SqueezeNet 1.0, batch ${BATCH}, ${EPOCHS.head} epochs of the head and ${EPOCHS.all} of all layers, each with its validation`,
  ours: oursOf,
  run,
};
