import { noGrad, testMode } from '../core';
import type { DataLoader } from '../data';
import { softmax, softmaxCrossEntropy } from '../functions';
import { loadTensors } from '../io';
import {
  argMax,
  concat,
  DataError,
  DeviceError,
  goAlong,
  memoryScope,
  setSeed,
  ValueError,
  type NDArray,
} from '../ndarray';
import type { LossScaler, Optimizer } from '../optimizers';
import type { Model } from './model';
import { beginning, noTotals, parsed, placeOf, readPosition, type EpochRecord, type Totals } from './position';

/** A part of a training with an optimizer of its own. @since 53 */
export interface Phase {
  /** What reports call it. @since 53 */
  readonly name: string;
  /** How many times through the training set. @since 53 */
  readonly epochs: number;
  /** Paths of layers that stay as they are; default none. @since 53 */
  readonly frozen?: readonly string[];
  /** The optimizer, set up on the model; `steps` is the number of updates it will do. @since 53 */
  readonly optimizer: (steps: number) => Optimizer;
}

/** How a model does on a set. @since 53 */
export interface Evaluation {
  readonly loss: number;
  readonly accuracy: number;
  /** Each sample: its number in the set, its class, the class it was given, and how sure the model was. @since 53 */
  readonly answers: readonly { index: number; label: number; prediction: number; probability: number }[];
}

/** What a trainer reports while it works. @since 53 */
export interface TrainerEvents {
  /** An epoch (or the validation after it) begins: how many samples it has. @since 53 */
  onStart?(label: string, total: number): void;
  /** A batch is done: mean loss and accuracy so far. @since 53 */
  onBatch?(done: number, so: { loss: number; accuracy: number }): void;
  /** The epoch is done, and so is its validation. @since 53 */
  onEpoch?(record: EpochRecord, number: number): void;
}

/** Where a trainer saves by itself, so that little is lost with a process or a device. @since 53 */
export interface CheckpointOptions {
  /** The file, replaced after each epoch, when the training is interrupted, and every so often within an epoch. @since 53 */
  readonly file: string;
  /** How often within an epoch; default 120. @since 53 */
  readonly seconds?: number;
  /** What to do to go on from a file, for the error that ends a training; default `trainer.resume('FILE')`. @since 53 */
  readonly howToResume?: (file: string) => string;
}

/** What a trainer is given. @since 53 */
export interface TrainerOptions extends TrainerEvents {
  readonly train: DataLoader;
  readonly val: DataLoader;
  readonly phases: readonly Phase[];
  /** Decides dropout, batch by batch; default 0. @since 53 */
  readonly seed?: number;
  /** What else the result depends on: `resume` refuses a checkpoint made with other settings. @since 53 */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** Asked after each batch: true ends the training early, to be resumed. @since 53 */
  readonly interrupted?: () => boolean;
  /** Scales the loss for mixed precision; default none. @since 53 */
  readonly lossScaler?: LossScaler | undefined;
  /** Where to save while it trains; default: nowhere. @since 53 */
  readonly checkpoint?: CheckpointOptions | undefined;
}

const POSITION = 'dezero.trainer';
const SETTINGS = 'dezero.settings';
const OFTEN = 120; // seconds within an epoch after which to save again

/**
 * Trains a model phase by phase, with a validation after each epoch; can stop after any batch and go on later to the same result.
 * @example
 * const train = new DataLoader(new Spiral(), { batch: 30, shuffle: true });
 * const val = new DataLoader(new Spiral({ split: 'test' }), { batch: 30 });
 * const model = new M.MLP([30, 3], { activation: F.relu });
 * const optimizer = () => new O.Adam({ lr: 0.05 }).setup(model);
 * const trainer = new M.Trainer(model, {
 *   train,
 *   val,
 *   phases: [{ name: 'all', epochs: 20, optimizer }],
 * });
 * await trainer.run(); // to the end
 * // → true
 * (trainer.epochs.at(-1)?.valAccuracy ?? 0) > 0.9; // → true
 * @since 53
 */
export class Trainer {
  private position = beginning();
  private optimizer: Optimizer | null = null;
  /** The file from which this training could go on, where it stood, and when that was, in milliseconds. */
  private saved: { readonly file: string; readonly at: string } | null = null;
  private savedAt = performance.now();

  /** The model, its data and its phases. @since 53 */
  constructor(
    private readonly model: Model,
    private readonly options: TrainerOptions,
  ) {}

  /** The epochs done so far. @since 53 */
  get epochs(): readonly EpochRecord[] {
    return this.position.epochs;
  }

  /**
   * Trains to the end: true. Or until interrupted: false; the checkpoint, or `save`, keeps the position.
   * @throws DeviceError for a device that was lost or is full; it names the checkpoint and how to go on from it.
   * @since 53
   */
  async run(): Promise<boolean> {
    this.savedAt = performance.now();
    try {
      return await this.trainPhases();
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      throw new DeviceError(`${error.message}. ${this.wayOn()}`, { cause: error });
    }
  }

  private async trainPhases(): Promise<boolean> {
    const { phases, train, val } = this.options;
    const at = this.position;
    for (; at.phase < phases.length; at.phase++, at.epoch = 0, this.optimizer = null) {
      const phase = this.enterPhase();
      while (at.epoch < phase.epochs) {
        const began = performance.now() - at.seconds * 1000;
        train.epoch = val.epoch = at.epochs.length;
        if (!(await this.trainEpoch(`${phase.name} ${at.epoch + 1}/${phase.epochs}`, began))) return false;
        const validation = await evaluate(this.model, val, this.options);
        const record = {
          phase: phase.name,
          trainLoss: at.totals.loss / at.totals.seen,
          trainAccuracy: at.totals.right / at.totals.seen,
          valLoss: validation.loss,
          valAccuracy: validation.accuracy,
          seconds: secondsSince(began),
        };
        at.epochs.push(record);
        at.epoch++;
        at.batch = 0;
        at.seconds = 0;
        at.totals = noTotals();
        await this.saveCheckpoint();
        this.options.onEpoch?.(record, at.epochs.length);
      }
    }
    return true;
  }

  /** Freezes what the phase freezes and makes its optimizer. */
  private enterPhase(): Phase {
    const phase = this.options.phases[this.position.phase];
    if (!phase) throw new ValueError('Trainer: the training is over');
    if (!this.optimizer) {
      this.model.setRequiresGrad(true);
      if (phase.frozen?.length) this.model.setRequiresGrad(false, phase.frozen);
      this.model.clearGrads();
      this.optimizer = phase.optimizer(phase.epochs * this.options.train.length);
    }
    return phase;
  }

  private async trainEpoch(label: string, began: number): Promise<boolean> {
    const { train, seed = 0, interrupted, checkpoint } = this.options;
    const at = this.position;
    this.options.onStart?.(label, train.set.length);
    train.firstBatch = at.batch;
    for await (const [x, t] of train) {
      setSeed(seed, at.step + 1);
      await this.trainBatch(x, t);
      at.step++;
      at.batch++;
      at.seconds = secondsSince(began);
      this.options.onBatch?.(at.totals.seen, means(at.totals));
      const stop = interrupted?.() === true && at.batch < train.length;
      if (stop || secondsSince(this.savedAt) >= (checkpoint?.seconds ?? OFTEN)) await this.saveCheckpoint();
      if (stop) return false;
    }
    return true;
  }

  private async trainBatch(x: NDArray, t: NDArray): Promise<void> {
    using _ = memoryScope();
    const y = this.model.call(goAlong(x, this.model.device));
    const loss = softmaxCrossEntropy(y, t);
    this.model.clearGrads();
    const { lossScaler } = this.options;
    if (!lossScaler) {
      loss.backward();
      this.optimizer?.update();
      await tally(this.position.totals, y.data, loss.data, t);
      return;
    }
    lossScaler.scaled(loss).backward();
    const largest = lossScaler.unscale([...this.model.parameters()].map(([, parameter]) => parameter));
    const { rest } = await tally(this.position.totals, y.data, loss.data, t, largest);
    if (lossScaler.accept(rest.every(Number.isFinite))) this.optimizer?.update();
    this.position.lossScale = { scale: lossScaler.scale, good: lossScaler.good };
  }

  /** Writes model, optimizer and position; `metadata` keeps more short texts beside them. @since 53 */
  async save(file: string, metadata: Readonly<Record<string, string>> = {}): Promise<void> {
    const optimizer = this.optimizer ? { optimizer: this.optimizer } : {};
    const settings = JSON.stringify(this.options.settings ?? {});
    await this.model.save(file, {
      ...optimizer,
      metadata: { ...metadata, [POSITION]: JSON.stringify(this.position), [SETTINGS]: settings },
    });
  }

  private async saveCheckpoint(): Promise<void> {
    const { file } = this.options.checkpoint ?? {};
    if (file === undefined) return;
    await this.save(file);
    this.saved = { file, at: placeOf(this.position) };
    this.savedAt = performance.now();
  }

  /** What is safe when a training ends with an error, and how to go on from there. */
  private wayOn(): string {
    const { checkpoint } = this.options;
    if (!this.saved)
      return checkpoint ? `${checkpoint.file} was not yet written; begin anew` : 'Nothing had been saved';
    const { file, at } = this.saved;
    const how = checkpoint?.howToResume?.(file) ?? `trainer.resume('${file}')`;
    return `The training ${at} is safe in ${file}; to go on from there: ${how}`;
  }

  /** Goes on from a file that `save` wrote, with the same data, phases and seed. @throws DataError for another file. @since 53 */
  async resume(file: string): Promise<this> {
    const { metadata } = await loadTensors(file);
    const text = metadata[POSITION];
    if (text === undefined)
      throw new DataError(`${file} holds a model, not an interrupted training; --resume needs a checkpoint`);
    const made = parsed<Record<string, string | number>>(metadata[SETTINGS] ?? '{}', file);
    for (const [name, value] of Object.entries(this.options.settings ?? {})) {
      if (made[name] !== value) {
        throw new DataError(
          `${file} was made with ${name} ${made[name]}, not ${value}; resume with the flags it began with`,
        );
      }
    }
    const position = readPosition(text, file, this.options.phases, this.options.train.length);
    await this.model.load(file);
    this.position = position;
    if (this.options.lossScaler) Object.assign(this.options.lossScaler, position.lossScale);
    this.saved = { file, at: placeOf(position) };
    if (this.position.phase < this.options.phases.length) {
      this.optimizer = null;
      this.enterPhase();
      if (this.optimizer) await this.model.load(file, { optimizer: this.optimizer });
    }
    return this;
  }
}

function secondsSince(began: number): number {
  return (performance.now() - began) / 1000;
}

/**
 * Loss, accuracy and every answer of a model on a set, in test mode and without a graph.
 * @example
 * const loader = new DataLoader(new Spiral({ split: 'test' }), { batch: 30 });
 * const { answers } = await M.evaluate(new M.MLP([10, 3]), loader);
 * answers.length; // → 300
 * @since 53
 */
export async function evaluate(model: Model, loader: DataLoader, events: TrainerEvents = {}): Promise<Evaluation> {
  const totals = noTotals();
  const answers: { index: number; label: number; prediction: number; probability: number }[] = [];
  events.onStart?.('validation', loader.set.length);
  for await (const [x, t] of loader) {
    using _ = memoryScope();
    const y = testMode(() => noGrad(() => model.call(goAlong(x, model.device))));
    const loss = noGrad(() => softmaxCrossEntropy(y, t));
    const { scores, chosen } = await tally(totals, y.data, loss.data, t);
    const probabilities = noGrad(() => softmax(scores)).values;
    const labels = t.values;
    const classes = y.shape[1] ?? 1;
    loader.indices.forEach((index, i) => {
      const prediction = chosen[i] ?? 0;
      answers.push({
        index,
        label: labels[i] ?? 0,
        prediction,
        probability: probabilities[i * classes + prediction] ?? 0,
      });
    });
    events.onBatch?.(totals.seen, means(totals));
  }
  return { ...means(totals), answers };
}

/**
 * Adds a batch to the totals, with one read-back for scores, loss and what else is wanted. Returns the scores, the class chosen for each
 * sample, and the rest.
 */
async function tally(
  totals: Totals,
  y: NDArray,
  loss: NDArray,
  { values: labels }: NDArray,
  more: NDArray | null = null,
) {
  const all = await concat([y.reshape([-1]), loss.reshape([1]), ...(more ? [more] : [])]).to('cpu');
  const scores = all.slice({ to: y.size }).reshape(y.shape);
  const chosen = Array.from(argMax(scores, { axis: 1 }).values);
  totals.loss += all.slice(y.size).item() * labels.length;
  totals.seen += labels.length;
  totals.right += chosen.filter((c, i) => c === labels[i]).length;
  return { scores, chosen, rest: [...all.slice({ from: y.size + 1 }).values] };
}

function means({ loss, right, seen }: Totals): { loss: number; accuracy: number } {
  return { loss: loss / seen, accuracy: right / seen };
}
