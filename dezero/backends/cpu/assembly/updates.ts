/**
 * One optimizer step, in place; the rules are those of ../updates.ts, which documents them, each operation in its order, so that float64 has
 * its digits. A piece is a range of elements.
 */

const SGD = 0, MOMENTUM = 1, NESTEROV = 2, ADAPTIVE = 3, ADA_DELTA = 4; // prettier-ignore

@unmanaged
export class Update {
  kind: i32;
  pieces: i32;
  next: i32; // prettier-ignore
  rule: i32;
  /** Elements in all, and in a piece, whole vectors. */
  count: i32;
  share: i32; // prettier-ignore
  /** Parameter, gradient, and up to two arrays of state. */
  p: usize;
  g: usize;
  s: usize;
  u: usize; // prettier-ignore
  /** The rule's numbers, as the caller's `NUMBERS` has them. */
  n0: f64;
  n1: f64;
  n2: f64;
  n3: f64;
  n4: f64;
  n5: f64;
  n6: f64;
  n7: f64; // prettier-ignore
}

/** One piece. What lies between the last element and the end of its vector is changed too: it belongs to nobody. @since 37 */
export function update<T>(job: Update, piece: i32): void {
  const from = <usize>(piece * job.share) * sizeof<T>();
  const to = <usize>min(job.count, (piece + 1) * job.share) * sizeof<T>();
  switch (job.rule) {
    case SGD: return Rule.run<T>(SGD, job, from, to);
    case MOMENTUM: return Rule.run<T>(MOMENTUM, job, from, to);
    case NESTEROV: return Rule.run<T>(NESTEROV, job, from, to);
    case ADAPTIVE: return Rule.run<T>(ADAPTIVE, job, from, to);
    case ADA_DELTA: return Rule.run<T>(ADA_DELTA, job, from, to);
    default: return Rule.adam<T>(job, from, to);
  } // prettier-ignore
}

/** The rules, a vector of elements at a time. */
class Rule {
  @inline
  static splat<T>(x: f64): v128 {
    return v128.splat<T>(<T>x);
  }

  /** keep·old + take·x·x */
  @inline
  static meanSquare<T>(keep: v128, old: v128, take: v128, x: v128): v128 {
    return v128.add<T>(v128.mul<T>(keep, old), v128.mul<T>(v128.mul<T>(take, x), x));
  }

  @inline
  static run<T>(rule: i32, job: Update, from: usize, to: usize): void {
    const lr = Rule.splat<T>(job.n0);
    const momentum = Rule.splat<T>(job.n1);
    const eps = momentum;
    const keep = Rule.splat<T>(job.n2);
    const take = Rule.splat<T>(job.n3);
    let p = job.p + from;
    let g = job.g + from;
    let s = job.s + from;
    let u = job.u + from;
    for (const end = job.p + to; p < end; p += 16, g += 16, s += 16, u += 16) {
      const gradient = v128.load(g);
      const move = v128.mul<T>(lr, gradient);
      let change = move;
      if (rule == MOMENTUM || rule == NESTEROV) {
        const v = v128.sub<T>(v128.mul<T>(momentum, v128.load(s)), move);
        v128.store(s, v);
        change = rule == MOMENTUM ? v128.neg<T>(v) : v128.sub<T>(move, v128.mul<T>(momentum, v));
      } else if (rule == ADAPTIVE) {
        const mean = Rule.meanSquare<T>(keep, v128.load(s), take, gradient);
        v128.store(s, mean);
        change = v128.div<T>(move, v128.add<T>(v128.sqrt<T>(mean), eps));
      } else if (rule == ADA_DELTA) {
        const mean = Rule.meanSquare<T>(keep, v128.load(s), take, gradient);
        const moved = v128.load(u);
        const ratio = v128.div<T>(v128.sqrt<T>(v128.add<T>(moved, eps)), v128.sqrt<T>(v128.add<T>(mean, eps)));
        const d = v128.mul<T>(ratio, gradient);
        v128.store(s, mean);
        v128.store(u, Rule.meanSquare<T>(keep, moved, take, d));
        change = v128.mul<T>(lr, d);
      }
      v128.store(p, v128.sub<T>(v128.load(p), change));
    }
  }

  /** Adam and AdamW: lr / (1 − β₁ᵗ), ε, β₁, 1 − β₁, β₂, 1 − β₂, √(1 − β₂ᵗ) and 1 − lr·λ are the numbers. */
  @inline
  static adam<T>(job: Update, from: usize, to: usize): void {
    const rate = Rule.splat<T>(job.n0);
    const eps = Rule.splat<T>(job.n1);
    const keepMean = Rule.splat<T>(job.n2);
    const takeMean = Rule.splat<T>(job.n3);
    const keepSquare = Rule.splat<T>(job.n4);
    const takeSquare = Rule.splat<T>(job.n5);
    const correct = Rule.splat<T>(job.n6);
    const shrink = Rule.splat<T>(job.n7);
    let p = job.p + from;
    let g = job.g + from;
    let m = job.s + from;
    let v = job.u + from;
    for (const end = job.p + to; p < end; p += 16, g += 16, m += 16, v += 16) {
      const gradient = v128.load(g);
      const mean = v128.add<T>(v128.mul<T>(keepMean, v128.load(m)), v128.mul<T>(takeMean, gradient));
      const square = Rule.meanSquare<T>(keepSquare, v128.load(v), takeSquare, gradient);
      v128.store(m, mean);
      v128.store(v, square);
      const size = v128.add<T>(v128.div<T>(v128.sqrt<T>(square), correct), eps);
      v128.store(p, v128.sub<T>(v128.mul<T>(v128.load(p), shrink), v128.div<T>(v128.mul<T>(rate, mean), size)));
    }
  }
}
