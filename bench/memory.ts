import type { Answer } from './child';
import { TooSlow, Unavailable, type Result } from './compare';
import { wanted, type Bench, type Family } from './ways';

/** Steps of training after which memory is looked at. */
const AFTER = [10, 200] as const;

const NETWORKS = { mlp: ['MLP, batch 100', 100], cnn: ['CNN, batch 64', 64] } as const;

/** The ways that can be asked for their memory. */
function names({ peers, device }: Bench['options']): string[] {
  return [...(device === 'gpu' ? ['gpu'] : []), 'wasm', 'blas', ...(peers ? ['numpy', 'torch'] : []), 'tfjs-wasm'];
}

async function* run(bench: Bench): AsyncGenerator<Result[]> {
  const { options, children } = bench;
  const [early, late] = options.quick ? [2, 5] : AFTER;
  for (const [network, [title, batch]] of Object.entries(NETWORKS)) {
    if (!wanted(title, bench)) continue;
    const settings = { network, batch: options.quick ? 4 : batch };
    const answers = new Map<string, Answer[] | string>();
    for (const name of names(options)) {
      try {
        const child = children.get(name);
        answers.set(name, [await child.ask('training', settings, early), await child.ask('training', settings, late - early)]);
      } catch (error) {
        if (!(error instanceof Unavailable) && !(error instanceof TooSlow)) throw error;
        answers.set(name, error.message);
      } // prettier-ignore
    }
    for (const [which, label] of [
      ['resident', 'resident'],
      ['used', 'in arrays'],
    ] as const) {
      for (const [i, step] of [early, late].entries()) {
        const bytesOf = (name: string) => {
          const answer = answers.get(name);
          return Array.isArray(answer) ? answer[i]?.[which] : undefined;
        };
        yield names(options).flatMap((way): Result[] => {
          const head = { title: `${title}: ${label}, step ${step}`, way };
          const [answer, bytes] = [answers.get(way), bytesOf(way)];
          if (typeof answer === 'string') return which === 'resident' && i === 0 ? [{ ...head, note: answer }] : [];
          if (bytes === undefined) return []; // it does not say what its arrays use
          const ratios = memory.ours.flatMap((name) => {
            const ours = bytesOf(name);
            return name === way || ours === undefined ? [] : [[name, { median: ours / bytes, bestOfThree: ours / bytes }] as const];
          });
          return [{ ...head, unit: 'bytes', median: bytes, quartiles: [bytes, bytes], best: bytes, rounds: 1, ratios: Object.fromEntries(ratios) }];
        }); // prettier-ignore
      }
    }
    children.closeAll();
  }
}

/** Memory of a training loop: it must not grow. */
export const memory: Family = {
  about: 'bytes of the process in real memory, and of those in use by arrays, while it trains',
  ours: ['wasm', 'blas'],
  run,
};
