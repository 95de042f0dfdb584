/** Gives each job to the next worker that is free, and hands the results on in the order of the jobs. */
export async function share<J, W, R>(
  jobs: readonly J[],
  workers: readonly W[],
  work: (job: J, worker: W) => Promise<R>,
  hand: (job: J, result: R) => void,
): Promise<void> {
  const waiting = jobs.entries();
  const done = new Map<number, () => void>();
  let next = 0;
  const serve = async (worker: W) => {
    for (const [i, job] of waiting) {
      const result = await work(job, worker);
      done.set(i, () => hand(job, result));
      for (let turn = done.get(next); turn; turn = done.get(++next)) turn();
    }
  };
  await Promise.all(workers.map(serve));
}
