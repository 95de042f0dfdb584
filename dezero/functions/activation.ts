import { asVariable, Func, mul, register, type Grad, type Operand, type Variable } from '../core';
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
    return mul(gy, y.mul(y.neg().add(1)));
  }
}

/** A step made smooth, between 0 and 1; exact for any x. @since 34 */
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

/** x where positive, else 0 (Nair and Hinton, 2010). @since 36 */
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

/** a where b > 0, else 0, for equal shapes. @since 36 */
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

/** relu that lets a little through on the left; default slope 0.2. @since 38 */
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
    const axis = this.axis;
    const e = nd.exp(nd.sub(x, nd.max(x, { axis, keepdims: true }))); // the largest is e⁰: nothing overflows
    return nd.div(e, nd.sum(e, { axis, keepdims: true }));
  }
  override backward(gy: Variable): Variable {
    const y = this.output();
    return y.mul(gy.sub(sum(gy.mul(y), { axis: this.axis, keepdims: true })));
  }
}

/** Scores as probabilities: positive, and one in sum along `axis`. @since 38 */
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
    return logSoftmaxArray(x, this.axis);
  }
  override backward(gy: Variable): Variable {
    return gy.sub(
      this.output()
        .exp()
        .mul(sum(gy, { axis: this.axis, keepdims: true })),
    );
  }
}

/** The same on arrays. @since 38 */
export function logSoftmaxArray(x: NDArray, axis: number): NDArray {
  const shifted = nd.sub(x, nd.max(x, { axis, keepdims: true }));
  return nd.sub(shifted, nd.log(nd.sum(nd.exp(shifted), { axis, keepdims: true })));
}

/** The logarithm of softmax, computed without forming it: right for scores of any size. @since 38 */
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
