import type { Variable } from '../core';
import { asVariable, Func, isGradEnabled, mul, neg, register, type Operand } from '../core';
import * as nd from '../ndarray';
import type { NDArray } from '../ndarray';

/** y = x²; gx = gy · 2x. @since 28 */
export class Square extends Func {
  override forward(x: NDArray): NDArray {
    return nd.square(x);
  }
  override backward(gy: Variable): Variable {
    return mul(gy, mul(2, this.input(0)));
  }
}

/**
 * x².
 * @example
 * F.square(variable([1, 2, 3])); // → variable([1 4 9])
 * @since 28
 */
export function square(x: Operand): Variable {
  return new Square().call(x);
}

/** y = eˣ; gx = gy · y. @since 28 */
export class Exp extends Func {
  override forward(x: NDArray): NDArray {
    return nd.exp(x);
  }
  override backward(gy: Variable): Variable {
    return mul(gy, this.output());
  }
}

/**
 * eˣ.
 * @example
 * F.exp(variable([0, Math.log(2)])); // → variable([1 2])
 * @since 28
 */
export function exp(x: Operand): Variable {
  return new Exp().call(x);
}

/** y = ln x; gx = gy / x. @since 32 */
export class Log extends Func {
  override forward(x: NDArray): NDArray {
    return nd.log(x);
  }
  override backward(gy: Variable): Variable {
    return gy.div(this.input(0));
  }
}

/**
 * Natural logarithm; −∞ at 0, NaN below.
 * @example
 * F.log(variable([1, Math.E])); // → variable([0 1])
 * @since 32
 */
export function log(x: Operand): Variable {
  return new Log().call(x);
}

/** y = sin x; gx = gy · cos x. @since 30 */
export class Sin extends Func {
  override forward(x: NDArray): NDArray {
    return nd.sin(x);
  }
  override backward(gy: Variable): Variable {
    return mul(gy, cos(this.input(0)));
  }
}

/**
 * Sine of x in radians.
 * @example
 * F.sin(variable(Math.PI / 2)); // → variable(1)
 * @since 30
 */
export function sin(x: Operand): Variable {
  return new Sin().call(x);
}

/** y = cos x; gx = −gy · sin x. @since 30 */
export class Cos extends Func {
  override forward(x: NDArray): NDArray {
    return nd.cos(x);
  }
  override backward(gy: Variable): Variable {
    return mul(gy, neg(sin(this.input(0))));
  }
}

/**
 * Cosine of x in radians.
 * @example
 * F.cos(variable([0, Math.PI])); // → variable([ 1 -1])
 * @since 30
 */
export function cos(x: Operand): Variable {
  return new Cos().call(x);
}

/** y = tanh x; gx = gy · (1 − y²). @since 32 */
export class Tanh extends Func {
  override forward(x: NDArray): NDArray {
    return nd.tanh(x);
  }
  override backward(gy: Variable): Variable {
    const y = this.output();
    if (!isGradEnabled()) return asVariable(nd.tanhGradient(gy.data, y.data));
    // A gradient that is to be differentiated again is made of functions.
    return mul(gy, y.mul(y).neg().add(1));
  }
}

/**
 * Hyperbolic tangent, between −1 and 1.
 * @example
 * F.tanh(variable([-1000, 0, 1000])); // → variable([-1  0  1])
 * @since 32
 */
export function tanh(x: Operand): Variable {
  return new Tanh().call(x);
}

/** y = min(max(x, low), high); gx = gy where x lies between, both ends included. @since 38 */
export class Clip extends Func {
  /** low ≤ high. @since 38 */
  constructor(
    readonly low: number,
    readonly high: number,
  ) {
    super();
    if (!(low <= high)) throw new nd.ValueError(`clip: min ${low} must not be above max ${high}`);
  }
  override forward(x: NDArray): NDArray {
    return nd.minimum(nd.maximum(x, this.low), this.high);
  }
  override backward(gy: Variable): Variable {
    const x = this.input(0).data;
    const inside = nd.mul(nd.lessEqual(this.low, x), nd.lessEqual(x, this.high));
    return mul(gy, asVariable(inside.astype(gy.dtype)));
  }
}

/**
 * x kept between `min` and `max`.
 * @example
 * F.clip(variable([-2, 0.5, 2]), -1, 1); // → variable([ -1 0.5   1])
 * @since 38
 */
export function clip(x: Operand, min: number, max: number): Variable {
  return new Clip(min, max).call(x);
}

declare module '../core/variable' {
  interface Variable {
    /** this². @since 29 */
    square(): Variable;
    /** e to this. @since 29 */
    exp(): Variable;
    /** Natural logarithm. @since 32 */
    log(): Variable;
    /** Sine. @since 30 */
    sin(): Variable;
    /** Cosine. @since 30 */
    cos(): Variable;
    /** Hyperbolic tangent. @since 32 */
    tanh(): Variable;
    /** this kept between two numbers. @since 38 */
    clip(min: number, max: number): Variable;
  }
}

register({ square, exp, log, sin, cos, tanh, clip });
