/** How steps are numbered, named and found. */
import { existsSync, readdirSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';

/** The step in which the package is born, and the last one. */
export const BIRTH = 28;
export const LAST = 53;

/** `step07`. */
export function nameOfStep(step: number): string {
  return `step${String(step).padStart(2, '0')}`;
}

/** The numbers of the files `stepNN.ts` in a folder, in order; none if there is no such folder. */
export function stepsIn(folder: string): number[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((file) => /^step(\d\d)\.ts$/.exec(file)?.[1] ?? []).map(Number).sort((a, b) => a - b); // prettier-ignore
}

/** One more number of a step on a command line: `7`, `07` or `step07`. */
export function addStep(text: string, before: readonly number[] = []): number[] {
  const step = Number(/^(?:step)?(\d\d?)$/.exec(text)?.[1]);
  if (!(step >= 1 && step <= LAST)) throw new InvalidArgumentError(`Steps are numbered from 1 to ${LAST}.`);
  return [...before, step];
}
