import { Progress } from '../utils';
import type { TrainerEvents } from './trainer';

/**
 * Shows a training in the terminal: a bar while it works, a line for each epoch.
 * @example
 * const loader = new DataLoader(new Spiral(), { batch: 30 });
 * // for a Trainer too: { ...M.reporter(), train, val, phases }
 * const events = M.reporter();
 * const { answers } = await M.evaluate(new M.MLP([10, 3]), loader, events);
 * events.stop();
 * answers.length; // → 300
 * @since 53
 */
export function reporter(
  log: (line: string) => void = console.log,
  memory?: () => number,
): TrainerEvents & { stop(): void } {
  let bar: Progress | null = null;
  const stop = () => {
    bar?.stop();
    bar = null;
  };
  return {
    stop,
    onStart(label, total) {
      stop();
      bar = new Progress(label, total);
    },
    onBatch(done, so) {
      bar?.update(done, so);
    },
    onEpoch({ phase, trainLoss, trainAccuracy, valLoss, valAccuracy, seconds }, number) {
      stop();
      const percent = (share: number) => `${(100 * share).toFixed(1)} %`.padStart(7);
      const use = memory ? `  ${Math.round(memory() / 2 ** 20)} MiB` : '';
      log(
        `epoch ${number} (${phase})`.padEnd(16) +
          `training: loss ${trainLoss.toFixed(4)}, right ${percent(trainAccuracy)}   ` +
          `validation: loss ${valLoss.toFixed(4)}, right ${percent(valAccuracy)}   ${seconds.toFixed(1)} s${use}`,
      );
    },
  };
}
