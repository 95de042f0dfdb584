import { noGrad, testMode } from '../core';
import type { DataLoader } from '../data';
import { softmax, softmaxCrossEntropy } from '../functions';
import { loadTensors } from '../io';
import { argMax, concat, DataError, goAlong, memoryScope, setSeed, ValueError, type NDArray } from '../ndarray';
import type { Optimizer } from '../optimizers';
import type { Model } from './model';

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

/** What one epoch came to. @since 53 */
export interface EpochRecord {
  readonly phase: string;
  readonly trainLoss: number;
  readonly trainAccuracy: number;
  readonly valLoss: number;
  readonly valAccuracy: number;
  /** Of training and validation. @since 53 */
  readonly seconds: number;
}

/** How a model does on a set. @since 53 */
export interface Evaluation {
  readonly loss: number;
  readonly accuracy: number;
  /** Each sample: its number in the set, its class, the class it was given, and how sure the model was. @since 53 */
  readonly answers: readonly { index: number; label: number; prediction: number; probability: number }[];
}

/** Running totals of an epoch. @since 53 */
export interface Totals {
  loss: number;
  right: number;
  seen: number;
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
}

/** Where a training stands: everything a later one needs to go on as if it had not stopped. */
interface Position {
  phase: number;
  epoch: number;
  batch: number;
  step: number;
  seconds: number;
  totals: Totals;
  epochs: EpochRecord[];
}

const POSITION = 'dezero.trainer';
const SETTINGS = 'dezero.settings';

/** Trains a model phase by phase, with a validation after each epoch; can stop after any batch and go on later to the same result. @since 53 */
export class Trainer {
  private position: Position = { phase: 0, epoch: 0, batch: 0, step: 0, seconds: 0, totals: noTotals(), epochs: [] };
  private optimizer: Optimizer | null = null;

  /** The model, its data and its phases. @since 53 */
  constructor(
    private readonly model: Model,
    private readonly options: TrainerOptions,
  ) {}

  /** The epochs done so far. @since 53 */
  get epochs(): readonly EpochRecord[] {
    return this.position.epochs;
  }

  /** Trains to the end: true. Or until interrupted: false; `save` then keeps the position. @since 53 */
  async run(): Promise<boolean> {
    const { phases, train, val } = this.options;
    const at = this.position;
    for (; at.phase < phases.length; at.phase++, at.epoch = 0, this.optimizer = null) {
      const phase = this.enterPhase();
      for (; at.epoch < phase.epochs; at.epoch++, at.batch = 0) {
        const began = performance.now() - at.seconds * 1000;
        train.epoch = at.epochs.length;
        if (!(await this.trainEpoch(`${phase.name} ${at.epoch + 1}/${phase.epochs}`))) {
          at.seconds = (performance.now() - began) / 1000;
          return false;
        }
        const validation = await evaluate(this.model, val, this.options);
        const record = {
          phase: phase.name,
          trainLoss: at.totals.loss / at.totals.seen,
          trainAccuracy: at.totals.right / at.totals.seen,
          valLoss: validation.loss,
          valAccuracy: validation.accuracy,
          seconds: (performance.now() - began) / 1000,
        };
        at.totals = noTotals();
        at.seconds = 0;
        at.epochs.push(record);
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

  private async trainEpoch(label: string): Promise<boolean> {
    const { train, seed = 0, interrupted } = this.options;
    const at = this.position;
    this.options.onStart?.(label, train.set.length);
    train.firstBatch = at.batch;
    for await (const [x, t] of train) {
      setSeed(seed, at.step + 1);
      await this.trainBatch(x, t);
      at.step++;
      at.batch++;
      this.options.onBatch?.(at.totals.seen, means(at.totals));
      if (interrupted?.() && at.batch < train.length) return false;
    }
    return true;
  }

  private async trainBatch(x: NDArray, t: NDArray): Promise<void> {
    using _ = memoryScope();
    const y = this.model.call(goAlong(x, this.model.device));
    const loss = softmaxCrossEntropy(y, t);
    this.model.clearGrads();
    loss.backward();
    this.optimizer?.update();
    await tally(this.position.totals, y.data, loss.data, t);
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

  /** Goes on from a file that `save` wrote, with the same data, phases and seed. @throws DataError for another file. @since 53 */
  async resume(file: string): Promise<this> {
    const { metadata } = await loadTensors(file);
    const text = metadata[POSITION];
    if (text === undefined)
      throw new DataError(`${file} holds a model, not an interrupted training; --resume needs a checkpoint`);
    const made = JSON.parse(metadata[SETTINGS] ?? '{}') as Record<string, string | number>;
    for (const [name, value] of Object.entries(this.options.settings ?? {})) {
      if (made[name] !== value) {
        throw new DataError(
          `${file} was made with ${name} ${made[name]}, not ${value}; resume with the flags it began with`,
        );
      }
    }
    await this.model.load(file);
    this.position = JSON.parse(text) as Position;
    if (this.position.phase < this.options.phases.length) {
      this.optimizer = null;
      this.enterPhase();
      if (this.optimizer) await this.model.load(file, { optimizer: this.optimizer });
    }
    return this;
  }
}

/** Loss, accuracy and every answer of a model on a set, in test mode and without a graph. @since 53 */
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

/** Adds a batch to the totals, with one read-back for scores and loss. Returns the scores, and the class chosen for each sample. */
async function tally(totals: Totals, y: NDArray, loss: NDArray, { values: labels }: NDArray) {
  const all = await concat([y.reshape([-1]), loss.reshape([1])]).to('cpu');
  const scores = all.slice({ to: -1 }).reshape(y.shape);
  const chosen = Array.from(argMax(scores, { axis: 1 }).values);
  totals.loss += all.slice(-1).item() * labels.length;
  totals.seen += labels.length;
  totals.right += chosen.filter((c, i) => c === labels[i]).length;
  return { scores, chosen };
}

function noTotals(): Totals {
  return { loss: 0, right: 0, seen: 0 };
}

function means({ loss, right, seen }: Totals): { loss: number; accuracy: number } {
  return { loss: loss / seen, accuracy: right / seen };
}
