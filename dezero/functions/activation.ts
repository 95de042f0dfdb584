import { asVariable, Func, isGradEnabled, mul, register, type Grad, type Operand, type Variable } from '../core';
import * as nd from '../ndarray';
import type { NDArray } from '../ndarray';
import { sum } from './reduce';

/** y = 1 / (1 + e⁻ˣ); gx = gy · y(1 − y). @since 34 */
export class Sigmoid extends Func {
  override forward(x: NDArray): NDArray {
    return nd.sigmoid(x);
  }
  override backward(gy: Variable): Variable {
    const y = this.output();
    if (!isGradEnabled()) return asVariable(nd.sigmoidGradient(gy.data, y.data));
    // A gradient that is to be differentiated again is made of functions.
    return mul(gy, y.mul(y.neg().add(1)));
  }
}

/**
 * A step made smooth, between 0 and 1; exact for any x.
 * @example
 * F.sigmoid(variable([-1000, 0, 1000])); // → variable([  0 0.5   1])
 * @since 34
 */
export function sigmoid(x: Operand): Variable {
  return new Sigmoid().call(x);
}

/** y = max(x, 0); gx = gy where y > 0, so 0 at x = 0. @since 36 */
export class ReLU extends Func {
  override forward(x: NDArray): NDArray {
    return nd.relu(x);
  }
  override backward(gy: Variable): Variable {
    return gate(gy, this.output());
  }
}

/**
 * x where positive, else 0 (Nair and Hinton, 2010).
 * @example
 * F.relu(variable([-1, 0, 2])); // → variable([0 0 2])
 * @since 36
 */
export function relu(x: Operand): Variable {
  return new ReLU().call(x);
}

/** y = a where b > 0, else 0; ga = gy where b > 0, and b, a switch, has no gradient. @since 36 */
export class Gate extends Func {
  override forward(a: NDArray, b: NDArray): NDArray {
    return nd.gate(a, b);
  }
  override backward(gy: Variable): Grad[] {
    return [gate(gy, this.input(1)), null];
  }
}

/**
 * a where b > 0, else 0, for equal shapes.
 * @example
 * F.gate(variable([1, 2, 3]), variable([-1, 0, 1])); // → variable([0 0 3])
 * @since 36
 */
export function gate(a: Operand, b: Operand): Variable {
  return new Gate().call(a, b);
}

/** y = x where x > 0, else slope · x. @since 38 */
export class LeakyReLU extends Func {
  /** Of the left half. @since 38 */
  constructor(readonly slope: number) {
    super();
  }
  override forward(x: NDArray): NDArray {
    return nd.where(nd.greater(x, 0), x, nd.mul(x, this.slope));
  }
  override backward(gy: Variable): Variable {
    const x = this.input(0).data;
    const slopes = nd.where(nd.greater(x, 0), nd.full([], 1, x), nd.full([], this.slope, x));
    return mul(gy, asVariable(slopes));
  }
}

/**
 * relu that lets a little through on the left; default slope 0.2.
 * @example
 * F.leakyRelu(variable([-1, 0, 2])); // → variable([-0.2    0    2])
 * @since 38
 */
export function leakyRelu(x: Operand, slope = 0.2): Variable {
  return new LeakyReLU(slope).call(x);
}

/** Which axis sums to one; default the last. @since 38 */
export interface AxisOption {
  readonly axis?: number;
}

/** y = eˣ / Σ eˣ along an axis; gx = y · (gy − Σ gy·y). @since 38 */
export class Softmax extends Func {
  /** The axis that sums to one. @since 38 */
  constructor(readonly axis: number) {
    super();
  }
  override forward(x: NDArray): NDArray {
    return nd.softmax(x, { axis: this.axis });
  }
  override backward(gy: Variable): Variable {
    const y = this.output();
    return y.mul(gy.sub(sum(gy.mul(y), { axis: this.axis, keepdims: true })));
  }
}

/**
 * Scores as probabilities: positive, and one in sum along `axis`.
 * @example
 * F.softmax(variable([0, 0, Math.log(2)])); // → variable([0.25 0.25  0.5])
 * @since 38
 */
export function softmax(x: Operand, { axis = -1 }: AxisOption = {}): Variable {
  return new Softmax(axis).call(x);
}

/** y = x − ln Σ eˣ along an axis; gx = gy − eʸ · Σ gy. @since 38 */
export class LogSoftmax extends Func {
  /** The axis whose probabilities sum to one. @since 38 */
  constructor(readonly axis: number) {
    super();
  }
  override forward(x: NDArray): NDArray {
    return nd.softmax(x, { axis: this.axis, log: true });
  }
  override backward(gy: Variable): Variable {
    return gy.sub(
      this.output()
        .exp()
        .mul(sum(gy, { axis: this.axis, keepdims: true })),
    );
  }
}

/**
 * The logarithm of softmax, computed without forming it: right for scores of any size.
 * @example
 * F.logSoftmax(variable([0, 1000])); // → variable([-1000     0])
 * @since 38
 */
export function logSoftmax(x: Operand, { axis = -1 }: AxisOption = {}): Variable {
  return new LogSoftmax(axis).call(x);
}

declare module '../core/variable' {
  interface Variable {
    /** 1 / (1 + e to −this). @since 34 */
    sigmoid(): Variable;
    /** max(this, 0). @since 36 */
    relu(): Variable;
  }
}

register({ sigmoid, relu, leakyRelu, softmax, logSoftmax });
