/** Where a training stands, in memory and in its checkpoints. */
import { DataError } from '../ndarray';

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

/** Running totals of an epoch. @since 53 */
export interface Totals {
  loss: number;
  right: number;
  seen: number;
}

/** Everything a later training needs to go on as if it had not stopped. @since 53 */
export interface Position {
  phase: number;
  epoch: number;
  batch: number;
  step: number;
  seconds: number;
  totals: Totals;
  epochs: EpochRecord[];
  /** Of a training in mixed precision. @since 53 */
  lossScale?: { scale: number; good: number };
}

/** Where a training begins. @since 53 */
export function beginning(): Position {
  return { phase: 0, epoch: 0, batch: 0, step: 0, seconds: 0, totals: noTotals(), epochs: [] };
}

/** Totals of nothing yet. @since 53 */
export function noTotals(): Totals {
  return { loss: 0, right: 0, seen: 0 };
}

/** In words: 'up to epoch 2, batch 7,'. @since 53 */
export function placeOf({ epochs, batch }: Position): string {
  return batch > 0 ? `up to epoch ${epochs.length + 1}, batch ${batch},` : `up to the end of epoch ${epochs.length}`;
}

/** A position from a file's text, which must lie in a training of these phases with so many batches an epoch. @throws DataError. @since 53 */
export function readPosition(
  text: string,
  file: string,
  phases: readonly { readonly epochs: number }[],
  batches: number,
): Position {
  const position = parsed<Partial<Position>>(text, file);
  const { phase, epoch, batch, step, totals, epochs } = position;
  const isWithin = (value: unknown, last: number) =>
    Number.isInteger(value) && Number(value) >= 0 && Number(value) <= last;
  const isThere = isWithin(phase, phases.length) && isWithin(epoch, phases[Number(phase)]?.epochs ?? 0) && isWithin(batch, batches); // prettier-ignore
  if (!isThere || !isWithin(step, Infinity) || !totals || !Array.isArray(epochs)) {
    throw new DataError(
      `${file} stands at a place that this training does not have: it was made with other data, epochs or batches, or is damaged`,
    );
  }
  return position as Position;
}

/** An object written as JSON in a checkpoint. @throws DataError naming the file. @since 53 */
export function parsed<T extends object>(text: string, file: string): T {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as T;
  } catch {
    // no JSON is no object either
  }
  throw new DataError(`${file}: what it says of the training cannot be read; the file is damaged`);
}
