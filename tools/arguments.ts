import { InvalidArgumentError } from 'commander';

/** One more number of a step on a command line: `7`, `07` or `step07`. */
export function addStep(text: string, before: readonly number[] = []): number[] {
  const step = Number(/^(?:step)?(\d\d?)$/.exec(text)?.[1]);
  if (!(step >= 1 && step <= 53)) throw new InvalidArgumentError('Steps are numbered from 1 to 53.');
  return [...before, step];
}
