import { setSeed, type NDArray } from 'dezero';
import { DataLoader } from 'dezero/data';
import { createBackbone, openAntsAndBees, Trainer, type EpochRecord } from 'dezero/models';
import { phases, RECIPES } from '../../steps/step53';
import type { Settings } from '../child';
import { number, type Task } from './serve';

/** A loader whose epochs each wait for a word to begin. */
class GatedLoader extends DataLoader {
  #open: (() => void) | null = null;
  #gate = this.#shut();

  /** Lets the next epoch begin. */
  go(): void {
    this.#open?.();
  }

  override async *[Symbol.asyncIterator](): AsyncGenerator<[x: NDArray, t: NDArray], void, undefined> {
    await this.#gate;
    this.#gate = this.#shut();
    yield* super[Symbol.asyncIterator]();
  }

  #shut(): Promise<void> {
    return new Promise((resolve) => (this.#open = resolve));
  }
}

/** The recipe of step 53 itself, one epoch and its validation a call. */
export async function fineTuning(settings: Settings): Promise<Task> {
  const limit = number(settings, 'limit');
  const set = await openAntsAndBees({
    data: String(settings['data']),
    weights: String(settings['weights']),
    ...(limit > 0 && { limit }),
    notice: () => undefined,
  });
  setSeed(0);
  const model = createBackbone(set.model, set.classes.length);
  const recipe = RECIPES[set.model];
  if (set.weights) await model.load(set.weights, { skip: recipe.newHead });
  const batch = Math.min(number(settings, 'batch'), set.train.length, set.val.length);
  const train = new GatedLoader(set.train, { batch, shuffle: true });
  const val = new DataLoader(set.val, { batch });
  let [last, onEpoch]: [EpochRecord | null, () => void] = [null, () => undefined];
  const trainer = new Trainer(model, {
    train,
    val,
    phases: phases(model, recipe, set.weights !== null),
    onEpoch(record) {
      last = record;
      onEpoch();
    },
  });
  const run = trainer.run();
  run.catch(() => undefined); // whoever waits for an epoch meets the error
  return {
    call() {
      const epoch = new Promise<void>((resolve) => (onEpoch = resolve));
      train.go();
      return Promise.race([epoch, run]);
    },
    note: () => (last ? `${last.phase}: ${(100 * last.valAccuracy).toFixed(1)} % of validation` : ''),
    dispose: () => set.close(),
  };
}
