/** Before step 48 the loss goes through rows with a 1 at each label. */
import { asVariable, Func, mul, type Variable } from '../../../../dezero/core';
import { softmax } from '../../../../dezero/functions/activation';
import { oneHot } from '../../../../dezero/functions/loss';
import * as nd from '../../../../dezero/ndarray';
import type { NDArray } from '../../../../dezero/ndarray';
import { logSoftmaxArray } from './activation';

/** y = −mean of ln softmax(x) at the labels; gx = gy · (softmax(x) − onehot(t)) / N. @since 38 */
export class SoftmaxCrossEntropy extends Func {
  /** The right class of each row. @since 38 */
  constructor(readonly labels: NDArray) {
    super();
  }
  private hot(x: NDArray): NDArray {
    return oneHot(this.labels, x.shape[1] ?? 1, x.dtype);
  }
  override forward(x: NDArray): NDArray {
    const chosen = nd.where(this.hot(x), logSoftmaxArray(x, 1), 0); // not a product: a score of −∞ elsewhere would give NaN
    return nd.div(nd.sum(chosen), -this.labels.size);
  }
  override backward(gy: Variable): Variable {
    const x = this.input(0);
    return mul(softmax(x, { axis: 1 }).sub(asVariable(this.hot(x.data))), gy.mul(1 / this.labels.size));
  }
}
