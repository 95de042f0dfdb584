/** Philox 4x32-10, as ../../philox.ts has it: words of the blocks from a counter on. A piece is some blocks. */

@unmanaged
export class Words {
  kind: i32;
  pieces: i32;
  next: i32; // prettier-ignore
  key0: u32;
  key1: u32;
  counterLow: u32;
  counterHigh: u32; // prettier-ignore
  /** Blocks of four words in all, and in a piece. */
  blocks: i32;
  share: i32; // prettier-ignore
  to: usize;
  /** Not 0: as float32 in [0, 1), the upper 24 bits of each word. */
  uniform: i32;
}

/** One piece. @since 28 */
export function words(job: Words, piece: i32): void {
  const last = min(job.blocks, (piece + 1) * job.share);
  const first = job.counterLow | ((<u64>job.counterHigh) << 32);
  for (let block = piece * job.share; block < last; block++) {
    const counter = first + block;
    let c0 = <u32>counter;
    let c1 = <u32>(counter >> 32);
    let c2: u32 = 0;
    let c3: u32 = 0;
    let k0 = job.key0;
    let k1 = job.key1;
    for (let round = 0; round < 10; round++) {
      const p0 = <u64>c0 * 0xd2511f53;
      const p1 = <u64>c2 * 0xcd9e8d57;
      c0 = (<u32>(p1 >> 32)) ^ c1 ^ k0;
      c1 = <u32>p1;
      c2 = (<u32>(p0 >> 32)) ^ c3 ^ k1;
      c3 = <u32>p0;
      k0 += 0x9e3779b9;
      k1 += 0xbb67ae85;
    }
    let four = i32x4.replace_lane(i32x4.splat(c0), 1, c1);
    four = i32x4.replace_lane(i32x4.replace_lane(four, 2, c2), 3, c3);
    if (job.uniform) four = f32x4.mul(f32x4.convert_i32x4_u(i32x4.shr_u(four, 8)), f32x4.splat(5.9604644775390625e-8));
    v128.store(job.to + ((<usize>block) << 4), four);
  }
}
