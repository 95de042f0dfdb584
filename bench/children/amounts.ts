/** Independent sums in a register: enough to keep two units of a latency of four or five cycles busy. */
export const CHAINS = 12;
/** Of multiply-adds of each, in one call of the child `limits`. */
export const ROUNDS = 1_000_000;
/** What one call amounts to, on each thread: multiplications and additions of four lanes. */
export const multiplyAmount = ROUNDS * CHAINS * 4 * 2;

/** How often one call copies so many bytes: often enough that starting the threads does not count. */
export const copies = (bytes: number): number => Math.max(1, Math.floor(2 ** 26 / bytes));
