import type { Answer } from './child';
import { TooSlow, Unavailable, type Result } from './compare';
import { oursOf, peersOf, wanted, type Bench, type Family } from './ways';

/** Steps of training after which memory is looked at. */
const AFTER = [10, 200] as const;

const NETWORKS = { mlp: ['MLP, batch 100', 100], cnn: ['CNN, batch 64', 64] } as const;

async function* run(bench: Bench): AsyncGenerator<Result[]> {
  const { options, children } = bench;
  const ways = [...oursOf(options), ...peersOf(options), 'tfjs-wasm'];
  const [early, late] = options.quick ? [2, 5] : AFTER;
  for (const [network, [title, batch]] of Object.entries(NETWORKS)) {
    if (!wanted(title, bench)) continue;
    const settings = { network, batch: options.quick ? 4 : batch };
    const answers = new Map<string, Answer[] | string>();
    for (const name of ways) {
      try {
        const first = await children.ask(name, 'training', settings, early);
        answers.set(name, [first, await children.ask(name, 'training', settings, late - early)]);
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
        yield ways.flatMap((way): Result[] => {
          const head = { title: `${title}: ${label}, step ${step}`, way };
          const [answer, bytes] = [answers.get(way), bytesOf(way)];
          if (typeof answer === 'string') return which === 'resident' && i === 0 ? [{ ...head, note: answer }] : [];
          if (bytes === undefined) return []; // it does not say what its arrays use
          const ratios = oursOf(options).flatMap((name) => {
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
  ours: oursOf,
  run,
};
