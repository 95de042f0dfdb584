import { add, Func, register, sumTo, type Grad, type Operand, type Variable } from '../core';
import * as nd from '../ndarray';
import type { NDArray } from '../ndarray';
import { transpose } from './shape';

/** x with its last two axes exchanged. */
function swapLast(x: Variable): Variable {
  const last = x.ndim - 1;
  return transpose(x, x.shape.map((_, i) => (i === last ? last - 1 : i === last - 1 ? last : i))); // prettier-ignore
}

/** y = x·W; gx = gy·Wᵀ, gW = xᵀ·gy. @since 34 */
export class MatMul extends Func {
  override forward(x: NDArray, W: NDArray): NDArray {
    return nd.matmul(x, W);
  }
  override backward(gy: Variable): Grad[] {
    const [x, W] = [this.input(0), this.input(1)];
    return [
      this.needsGrad(0) ? sumTo(matmul(gy, swapLast(W)), x.shape) : null,
      this.needsGrad(1) ? sumTo(matmul(swapLast(x), gy), W.shape) : null,
    ];
  }
}

/**
 * Matrix product (…, M, K)·(…, K, N) → (…, M, N); leading axes broadcast.
 * @example
 * F.matmul(variable([[1, 2], [3, 4]]), variable([[1], [10]]));
 * // → variable([[21]
 * //             [43]])
 * @since 34
 */
export function matmul(a: Operand, b: Operand): Variable {
  return new MatMul().call(a, b);
}

/** y = x·W + b, in one step that keeps no intermediate. @since 34 */
export class LinearFunction extends Func {
  override forward(x: NDArray, W: NDArray, b?: NDArray): NDArray {
    return nd.matmul(x, W, b ?? null);
  }
  override backward(gy: Variable): Grad[] {
    const [x, W, b] = this.inputs;
    if (!x || !W) throw new Error('linear needs x and W');
    return [
      this.needsGrad(0) ? matmul(gy, transpose(W)) : null,
      this.needsGrad(1) ? sumTo(matmul(swapLast(x), gy), W.shape) : null,
      b ? sumTo(gy, b.shape) : null,
    ];
  }
}

/**
 * x·W + b for x (…, in), W (in, out), b (out).
 * @example
 * const W = variable([[1, 0], [0, 10]]);
 * F.linear(variable([[1, 2]]), W, variable([0.5, 0.5]));
 * // → variable([[ 1.5 20.5]])
 * @since 34
 */
export function linear(x: Operand, W: Operand, b: Operand | null = null): Variable {
  return b === null ? new LinearFunction().call(x, W) : new LinearFunction().call(x, W, b);
}

/**
 * The obvious way to the same: a product, then a sum.
 * @example
 * F.linearSimple(variable([[1, 2]]), variable([[1], [10]]));
 * // → variable([[21]])
 * @since 34
 */
export function linearSimple(x: Operand, W: Operand, b: Operand | null = null): Variable {
  const y = matmul(x, W);
  return b === null ? y : add(y, b);
}

declare module '../core/variable' {
  interface Variable {
    /** Matrix product. @since 34 */
    matmul(x: Operand): Variable;
  }
}

register({ matmul });
