/**
 * The kernels. Work comes as a job in memory: its kind, in how many pieces it is cut, the next piece nobody has begun, then what the kind
 * needs. Any number of threads work on a job, each taking the next piece until none is left; how it is cut does not depend on them,
 * so that results do not either.
 */

import { blasProduct, blasScratch } from './blas';
import { ChannelMap, channelMap, ChannelSums, channelSums } from './channels';
import { convolvePlanes, correlatePlanes, Filters, Planes } from './depthwise';
import { binary, choose, copy, Elementwise, unary } from './elementwise';
import { gather, Move } from './pack';
import { Product, product, productScratch, tile } from './product';
import { product64, product64Scratch, tile64 } from './product64';
import { Words, words } from './random';
import { reduce, Reduction } from './reduce';
import { Softmax, softmax } from './softmax';
import { tilesScratch } from './tiles';
import { Update, update } from './updates';
import {
  averagePool, averagePoolInput, frame, Framing, maxPool, poolGather, Pooling, poolScatter,
} from './windows'; // prettier-ignore
import { Winograd, winograd, WinogradFilters, winogradFilters } from './winograd';
import { WinogradWeights, winogradWeights } from './winogradWeights';

export { tile, tile64 };

/** Bytes of scratch memory that each thread needs. @since 28 */
export function scratchSize(): usize {
  return max(max(productScratch(), product64Scratch()), max(blasScratch(), tilesScratch()));
}

/** Takes pieces of a job until none is left. @since 28 */
export function work(job: usize, scratch: usize): void {
  const kind = load<i32>(job);
  const pieces = load<i32>(job, 4);
  for (;;) {
    const piece = atomic.add<i32>(job, 1, 8);
    if (piece >= pieces) return;
    // The caller's list is `KINDS` in ../engine.ts.
    switch (kind) {
      case 0: product(changetype<Product>(job), piece, scratch); break;
      case 1: frame<f32>(changetype<Framing>(job), piece); break;
      case 2: unary<f32>(changetype<Elementwise>(job), piece); break;
      case 3: binary<f32>(changetype<Elementwise>(job), piece); break;
      case 4: choose<i32>(changetype<Elementwise>(job), piece); break;
      case 5: copy<i32>(changetype<Elementwise>(job), piece); break;
      case 6: reduce<f32>(changetype<Reduction>(job), piece); break;
      case 7: maxPool<f32>(changetype<Pooling>(job), piece); break;
      case 8: poolGather<f32>(changetype<Pooling>(job), piece); break;
      case 9: poolScatter<f32>(changetype<Pooling>(job), piece); break;
      case 10: averagePool<f32>(changetype<Pooling>(job), piece); break;
      case 11: averagePoolInput<f32>(changetype<Pooling>(job), piece); break;
      case 12: update<f32>(changetype<Update>(job), piece); break;
      case 13: words(changetype<Words>(job), piece); break;
      case 14: product64(changetype<Product>(job), piece, scratch); break;
      case 15: gather(changetype<Move>(job), piece); break;
      case 16: blasProduct<f32>(changetype<Product>(job), piece, scratch); break;
      case 17: blasProduct<f64>(changetype<Product>(job), piece, scratch); break;
      case 18: softmax(changetype<Softmax>(job), piece); break;
      case 19: channelSums(changetype<ChannelSums>(job), piece); break;
      case 20: channelMap(changetype<ChannelMap>(job), piece); break;
      case 21: unary<f64>(changetype<Elementwise>(job), piece); break;
      case 22: binary<f64>(changetype<Elementwise>(job), piece); break;
      case 23: choose<i64>(changetype<Elementwise>(job), piece); break;
      case 24: copy<i64>(changetype<Elementwise>(job), piece); break;
      case 25: convolvePlanes(changetype<Planes>(job), piece); break;
      case 26: correlatePlanes(changetype<Filters>(job), piece); break;
      case 27: winogradFilters(changetype<WinogradFilters>(job), piece); break;
      case 28: winograd(changetype<Winograd>(job), piece, scratch); break;
      case 29: winogradWeights(changetype<WinogradWeights>(job), piece, scratch); break;
      case 30: frame<f64>(changetype<Framing>(job), piece); break;
      case 31: reduce<f64>(changetype<Reduction>(job), piece); break;
      case 32: maxPool<f64>(changetype<Pooling>(job), piece); break;
      case 33: poolGather<f64>(changetype<Pooling>(job), piece); break;
      case 34: poolScatter<f64>(changetype<Pooling>(job), piece); break;
      case 35: averagePool<f64>(changetype<Pooling>(job), piece); break;
      case 36: averagePoolInput<f64>(changetype<Pooling>(job), piece); break;
      default: update<f64>(changetype<Update>(job), piece);
    } // prettier-ignore
  }
}
