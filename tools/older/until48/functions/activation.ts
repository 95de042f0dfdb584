/** Before step 48 softmax, and the gradient of sigmoid, are made of the operations that exist. */
import { Func, mul, type Variable } from '../../../../dezero/core';
import { Sigmoid as Later } from '../../../../dezero/functions/activation';
import { sum } from '../../../../dezero/functions/reduce';
import * as nd from '../../../../dezero/ndarray';
import type { NDArray } from '../../../../dezero/ndarray';

export class Sigmoid extends Later {
  override backward(gy: Variable): Variable {
    const y = this.output();
    return mul(gy, y.mul(y.neg().add(1)));
  }
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
