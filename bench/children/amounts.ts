/** Independent sums in a register: enough to keep two units of a latency of four or five cycles busy. */
export const CHAINS = 12;
/** Of multiply-adds of each, in one call of the child `limits`. */
export const ROUNDS = 100_000;
/** What one call amounts to, on each thread: multiplications and additions of four lanes. */
export const multiplyAmount = ROUNDS * CHAINS * 4 * 2;
