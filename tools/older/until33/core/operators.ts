/** Before step 33 shapes are equal, or one is a single number: there is no broadcastTo yet, and no sumTo to take it back. */
import { Func, type Grad } from '../../../../dezero/core/func';
import { neg } from '../../../../dezero/core/operators';
import type { Operand, Variable } from '../../../../dezero/core/variable';
import * as nd from '../../../../dezero/ndarray';
import { ShapeError, type NDArray, type Shape } from '../../../../dezero/ndarray';

function checkShapes(operation: string, a: NDArray, b: NDArray): void {
  if (nd.sameShape(a.shape, b.shape) || a.shape.length === 0 || b.shape.length === 0) return;
  throw new ShapeError(operation, [a.shape, b.shape], 'they must be equal, or one of them a single number (until step 33)'); // prettier-ignore
}

/** y = Σ x over all elements; gx = gy everywhere. For the gradient of a single number beside an array. */
class Total extends Func {
  override forward(x: NDArray): NDArray {
    return nd.sum(x);
  }
  override backward(gy: Variable): Variable {
    return new Everywhere(this.input(0).shape).call(gy);
  }
}

/** y = a single number x everywhere; gx = Σ gy. */
class Everywhere extends Func {
  constructor(readonly shape: Shape) {
    super();
  }
  override forward(x: NDArray): NDArray {
    return x.broadcastTo(this.shape);
  }
  override backward(gy: Variable): Variable {
    return new Total().call(gy);
  }
}

/** The parts of a gradient that go to two operands, skipped where not wanted; a single number gets the sum. */
function toOperands(f: Func, gx0: () => Variable, gx1: () => Variable): Grad[] {
  return [gx0, gx1].map((gx, i) => {
    if (!f.needsGrad(i)) return null;
    const g = gx();
    return nd.sameShape(g.shape, f.input(i).shape) ? g : new Total().call(g);
  });
}

/** y = a + b; both get gy. @since 28 */
export class Add extends Func {
  override forward(a: NDArray, b: NDArray): NDArray {
    checkShapes('add', a, b);
    return nd.add(a, b);
  }
  override backward(gy: Variable): Grad[] {
    return toOperands(this, () => gy, () => gy); // prettier-ignore
  }
}

/** y = a − b; ga = gy, gb = −gy. @since 29 */
export class Sub extends Func {
  override forward(a: NDArray, b: NDArray): NDArray {
    checkShapes('sub', a, b);
    return nd.sub(a, b);
  }
  override backward(gy: Variable): Grad[] {
    return toOperands(this, () => gy, () => neg(gy)); // prettier-ignore
  }
}

/** y = a · b; ga = gy · b, gb = gy · a. @since 28 */
export class Mul extends Func {
  override forward(a: NDArray, b: NDArray): NDArray {
    checkShapes('mul', a, b);
    return nd.mul(a, b);
  }
  override backward(gy: Variable): Grad[] {
    const [a, b] = [this.input(0), this.input(1)];
    return toOperands(this, () => mul(gy, b), () => mul(gy, a)); // prettier-ignore
  }
}

/** y = a / b; ga = gy / b, gb = −gy · a / b². @since 29 */
export class Div extends Func {
  override forward(a: NDArray, b: NDArray): NDArray {
    checkShapes('div', a, b);
    return nd.div(a, b);
  }
  override backward(gy: Variable): Grad[] {
    const [a, b] = [this.input(0), this.input(1)];
    return toOperands(this, () => div(gy, b), () => mul(gy, div(neg(a), mul(b, b)))); // prettier-ignore
  }
}

/** a + b, element by element: shapes are equal, or one operand is a single number. @since 28 */
export function add(a: Operand, b: Operand): Variable {
  return new Add().call(a, b);
}

/** a − b, element by element: shapes are equal, or one operand is a single number. @since 29 */
export function sub(a: Operand, b: Operand): Variable {
  return new Sub().call(a, b);
}

/** a · b, element by element: shapes are equal, or one operand is a single number. @since 28 */
export function mul(a: Operand, b: Operand): Variable {
  return new Mul().call(a, b);
}

/** a / b, element by element: shapes are equal, or one operand is a single number. @since 29 */
export function div(a: Operand, b: Operand): Variable {
  return new Div().call(a, b);
}
