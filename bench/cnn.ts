import { flatten, maxPool, relu } from 'dezero/functions';
import { Conv2d, Linear } from 'dezero/layers';
import { Sequential } from 'dezero/models';
import type { Variable } from 'dezero';

const pool = (x: Variable) => maxPool(x, { kernel: 2 });

/** conv32-pool-conv64-pool-128-10 for pictures of 28 × 28, under Node and in a page. */
export const cnn = (): Sequential =>
  new Sequential(
    new Conv2d(32, { kernel: 3, pad: 1, in: 1, activation: 'relu' }),
    pool,
    new Conv2d(64, { kernel: 3, pad: 1, in: 32, activation: 'relu' }),
    pool,
    flatten,
    new Linear(128, { in: 64 * 7 * 7 }),
    relu,
    new Linear(10, { in: 128 }),
  );
