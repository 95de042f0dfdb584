import { writeFileSafely } from '#files';
import { imageSheet } from '#sheet';
import { plotSvg } from '../utils';
import type { AntsAndBees } from './antsAndBees';
import type { EpochRecord } from './position';
import type { Evaluation } from './trainer';

/** What a training came to, as written to `metrics.json`. @since 53 */
export interface Metrics {
  readonly device: string;
  readonly model: string;
  readonly data: string;
  readonly weights: string;
  readonly seed: number;
  readonly trainImages: number;
  readonly valImages: number;
  readonly epochs: readonly EpochRecord[];
  /** Of the saved file, loaded again. @since 53 */
  readonly valAccuracy: number;
  /** Training and validation pictures over the seconds of all epochs. @since 53 */
  readonly imagesPerSecond: number;
}

const MOST_MISTAKES = 24;

/** A training to report on. @since 53 */
export interface Report {
  readonly device: string;
  readonly seed: number;
  readonly set: AntsAndBees;
  readonly epochs: readonly EpochRecord[];
  /** Of the saved model, on `set.val`. @since 53 */
  readonly evaluation: Evaluation;
}

/**
 * Writes `metrics.json`, `curves.svg` and, if there are any, `mistakes.png` into a folder; returns their paths.
 * @example
 * const set = await M.openAntsAndBees({ data: 'drawn', limit: 4 });
 * const epochs = [
 *   {
 *     phase: 'head',
 *     trainLoss: 1,
 *     trainAccuracy: 0.5,
 *     valLoss: 1,
 *     valAccuracy: 0.5,
 *     seconds: 1,
 *   },
 * ];
 * const evaluation = { loss: 1, accuracy: 0.5, answers: [] };
 * await M.writeReport('out', {
 *   device: 'cpu',
 *   seed: 0,
 *   set,
 *   epochs,
 *   evaluation,
 * });
 * // → [ 'out/metrics.json', 'out/curves.svg' ]
 * @since 53
 */
export async function writeReport(folder: string, report: Report): Promise<string[]> {
  const { set, epochs } = report;
  const { answers, accuracy } = report.evaluation;
  const { pictures, valIndices, classes } = set;
  const pictureCount = epochs.length * (set.train.length + set.val.length);
  const metrics: Metrics = {
    device: report.device,
    model: set.model,
    data: set.data,
    weights: set.weightsName,
    seed: report.seed,
    trainImages: set.train.length,
    valImages: set.val.length,
    epochs,
    valAccuracy: accuracy,
    imagesPerSecond: pictureCount / epochs.reduce((sum, { seconds }) => sum + seconds, 0),
  };
  const text = new TextEncoder();
  const written: string[] = [];
  const write = async (name: string, bytes: Uint8Array) => {
    await writeFileSafely(`${folder}/${name}`, bytes);
    written.push(`${folder}/${name}`);
  };
  await write('metrics.json', text.encode(`${JSON.stringify(metrics, null, 2)}\n`));
  await write('curves.svg', text.encode(await curves(metrics.epochs)));
  const wrong = answers
    .filter(({ label, prediction }) => label !== prediction)
    .sort((a, b) => b.probability - a.probability);
  const cells = await Promise.all(
    wrong.slice(0, MOST_MISTAKES).map(async ({ index, label, prediction, probability }) => {
      const photo = await pictures.photo(valIndices[index] ?? 0);
      const caption = [`${classes[prediction]} ${(100 * probability).toFixed(0)} %`, `is: ${classes[label]}`];
      return { picture: await photo.picture(), caption };
    }),
  );
  if (cells.length > 0) await write('mistakes.png', await imageSheet(cells));
  return written;
}

/**
 * Loss and accuracy over the epochs, side by side.
 * @example
 * const first = {
 *   phase: 'head',
 *   trainLoss: 1,
 *   trainAccuracy: 0.5,
 *   valLoss: 1,
 *   valAccuracy: 0.5,
 *   seconds: 1,
 * };
 * const svg = await M.curves([
 *   first,
 *   { ...first, valLoss: 0.5, valAccuracy: 0.75 },
 * ]);
 * svg.startsWith('<svg'); // → true
 * @since 53
 */
export function curves(epochs: readonly EpochRecord[]): Promise<string> {
  const series = (name: string, pick: (record: EpochRecord) => number, dashed = false) => ({
    name,
    points: epochs.map((record, i): [number, number] => [i + 1, pick(record)]),
    dashed,
  });
  const changes = epochs.flatMap((record, i) =>
    i > 0 && record.phase !== epochs[i - 1]?.phase ? [{ x: i + 0.5, label: record.phase }] : [],
  );
  const chart = (title: string, train: (r: EpochRecord) => number, val: (r: EpochRecord) => number) => ({
    title,
    x: { label: 'epoch' },
    y: { label: title.toLowerCase() },
    series: [series('training', train, true), series('validation', val)],
    rules: changes,
  });
  return plotSvg([
    chart('Loss', (r) => r.trainLoss, (r) => r.valLoss), // prettier-ignore
    chart('Accuracy', (r) => r.trainAccuracy, (r) => r.valAccuracy), // prettier-ignore
  ]);
}
