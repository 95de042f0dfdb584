/** One optimizer step on float32, in place; the rules are those of ../updates.ts, which documents them. A piece is a range of elements. */

const SGD = 0, MOMENTUM = 1, NESTEROV = 2, ADAPTIVE = 3, ADA_DELTA = 4; // prettier-ignore

@unmanaged
export class Update {
  kind: i32;
  pieces: i32;
  next: i32; // prettier-ignore
  rule: i32;
  /** Elements in all, and in a piece, a multiple of four. */
  count: i32;
  share: i32; // prettier-ignore
  /** Parameter, gradient, and up to two arrays of state. */
  p: usize;
  g: usize;
  s: usize;
  u: usize; // prettier-ignore
  /** The rule's numbers, as the caller's `NUMBERS` has them. */
  n0: f32;
  n1: f32;
  n2: f32;
  n3: f32;
  n4: f32;
  n5: f32;
  n6: f32;
  n7: f32; // prettier-ignore
}

/** One piece. What lies between the last element and the end of its four is changed too: it belongs to nobody. @since 37 */
export function update(job: Update, piece: i32): void {
  const from = (<usize>(piece * job.share)) << 2;
  const to = (<usize>min(job.count, (piece + 1) * job.share)) << 2;
  switch (job.rule) {
    case SGD: return Rule.run(SGD, job, from, to);
    case MOMENTUM: return Rule.run(MOMENTUM, job, from, to);
    case NESTEROV: return Rule.run(NESTEROV, job, from, to);
    case ADAPTIVE: return Rule.run(ADAPTIVE, job, from, to);
    case ADA_DELTA: return Rule.run(ADA_DELTA, job, from, to);
    default: return Rule.adam(job, from, to);
  } // prettier-ignore
}

/** The rules, four elements at a time. */
class Rule {
  /** keep·old + take·fresh */
  @inline
  static mixed(keep: v128, old: v128, take: v128, fresh: v128): v128 {
    return f32x4.add(f32x4.mul(keep, old), f32x4.mul(take, fresh));
  }

  @inline
  static run(rule: i32, job: Update, from: usize, to: usize): void {
    const lr = f32x4.splat(job.n0);
    const momentum = f32x4.splat(job.n1);
    const eps = momentum;
    const keep = f32x4.splat(job.n2);
    const take = f32x4.splat(job.n3);
    let p = job.p + from;
    let g = job.g + from;
    let s = job.s + from;
    let u = job.u + from;
    for (const end = job.p + to; p < end; p += 16, g += 16, s += 16, u += 16) {
      const gradient = v128.load(g);
      const move = f32x4.mul(lr, gradient);
      let change = move;
      if (rule == MOMENTUM || rule == NESTEROV) {
        const v = f32x4.sub(f32x4.mul(momentum, v128.load(s)), move);
        v128.store(s, v);
        change = rule == MOMENTUM ? f32x4.neg(v) : f32x4.sub(move, f32x4.mul(momentum, v));
      } else if (rule == ADAPTIVE) {
        const mean = Rule.mixed(keep, v128.load(s), take, f32x4.mul(gradient, gradient));
        v128.store(s, mean);
        change = f32x4.div(move, f32x4.add(f32x4.sqrt(mean), eps));
      } else if (rule == ADA_DELTA) {
        const mean = Rule.mixed(keep, v128.load(s), take, f32x4.mul(gradient, gradient));
        const moved = v128.load(u);
        const d = f32x4.mul(f32x4.div(f32x4.sqrt(f32x4.add(moved, eps)), f32x4.sqrt(f32x4.add(mean, eps))), gradient);
        v128.store(s, mean);
        v128.store(u, Rule.mixed(keep, moved, take, f32x4.mul(d, d)));
        change = f32x4.mul(lr, d);
      }
      v128.store(p, f32x4.sub(v128.load(p), change));
    }
  }

  /** Adam and AdamW: lr / (1 − β₁ᵗ), ε, β₁, 1 − β₁, β₂, 1 − β₂, 1 / √(1 − β₂ᵗ) and 1 − lr·λ are the numbers. */
  @inline
  static adam(job: Update, from: usize, to: usize): void {
    const rate = f32x4.splat(job.n0);
    const eps = f32x4.splat(job.n1);
    const keepMean = f32x4.splat(job.n2);
    const takeMean = f32x4.splat(job.n3);
    const keepSquare = f32x4.splat(job.n4);
    const takeSquare = f32x4.splat(job.n5);
    const correct = f32x4.splat(job.n6);
    const shrink = f32x4.splat(job.n7);
    let p = job.p + from;
    let g = job.g + from;
    let m = job.s + from;
    let v = job.u + from;
    for (const end = job.p + to; p < end; p += 16, g += 16, m += 16, v += 16) {
      const gradient = v128.load(g);
      const mean = Rule.mixed(keepMean, v128.load(m), takeMean, gradient);
      const square = Rule.mixed(keepSquare, v128.load(v), takeSquare, f32x4.mul(gradient, gradient));
      v128.store(m, mean);
      v128.store(v, square);
      const size = f32x4.add(f32x4.mul(f32x4.sqrt(square), correct), eps);
      v128.store(p, f32x4.sub(f32x4.mul(v128.load(p), shrink), f32x4.div(f32x4.mul(rate, mean), size)));
    }
  }
}
