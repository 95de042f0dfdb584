import * as nd from '../ndarray';
import { type NDArray, ShapeError, type DType, type Shape } from '../ndarray';
import { Func, type Grad } from './func';
import { register } from './register';
import type { Variable } from './variable';
import { asVariable, type Operand } from './variable';

/** y = x repeated up to a shape; gx = gy summed back. @since 33 */
export class BroadcastTo extends Func {
  /** `shape` as in numpy's rule. @since 33 */
  constructor(readonly shape: Shape) {
    super();
  }
  override forward(x: NDArray): NDArray {
    return x.broadcastTo(this.shape);
  }
  override backward(gy: Variable): Variable {
    return sumTo(gy, this.input(0).shape);
  }
}

/**
 * x repeated along axes of size 1 (and new leading ones) up to `shape`.
 * @example
 * F.broadcastTo(variable([1, 2, 3]), [2, 3]);
 * // → variable([[1 2 3]
 * //             [1 2 3]])
 * @since 33
 */
export function broadcastTo(x: Operand, shape: Shape): Variable {
  const v = asVariable(x);
  return nd.sameShape(v.shape, shape) ? v : new BroadcastTo(shape).call(v);
}

/** y = x summed down to a shape that broadcasts to x's; gx = gy repeated. @since 33 */
export class SumTo extends Func {
  /** `shape` broadcasts to the input's. @since 33 */
  constructor(readonly shape: Shape) {
    super();
  }
  override forward(x: NDArray): NDArray {
    const lead = x.shape.length - this.shape.length;
    const axis = x.shape.flatMap((n, i) => (i < lead || (this.shape[i - lead] === 1 && n !== 1) ? [i] : []));
    const fits = lead >= 0 && this.shape.every((n, i) => n === 1 || n === x.shape[i + lead]);
    if (!fits) throw new ShapeError('sumTo', [x.shape, this.shape], 'the second must broadcast to the first');
    return nd.sum(x, { axis, keepdims: true }).reshape(this.shape);
  }
  override backward(gy: Variable): Variable {
    return broadcastTo(gy, this.input(0).shape);
  }
}

/**
 * x summed over the axes that broadcasting from `shape` would have repeated.
 * @example
 * F.sumTo(variable([[1, 2, 3], [4, 5, 6]]), [1, 3]); // → variable([[5 7 9]])
 * @since 33
 */
export function sumTo(x: Operand, shape: Shape): Variable {
  const v = asVariable(x);
  return nd.sameShape(v.shape, shape) ? v : new SumTo(shape).call(v);
}

/** y = x in another dtype; gx = gy in x's. @since 28 */
export class AsType extends Func {
  /** The dtype wanted. @since 28 */
  constructor(readonly dtype: DType) {
    super();
  }
  override forward(x: NDArray): NDArray {
    return x.astype(this.dtype);
  }
  override backward(gy: Variable): Variable {
    return astype(gy, this.input(0).dtype);
  }
}

/**
 * x with another element type.
 * @example
 * F.astype(variable([0.5, 1.5]), 'float32').dtype; // → float32
 * @since 28
 */
export function astype(x: Operand, dtype: DType): Variable {
  const v = asVariable(x);
  return v.dtype === dtype ? v : new AsType(dtype).call(v);
}

/** The parts of a gradient that go to two operands: each summed back to its operand's shape, skipped where not wanted. */
function toOperands(f: Func, gx0: () => Variable, gx1: () => Variable): Grad[] {
  return [gx0, gx1].map((gx, i) => (f.needsGrad(i) ? sumTo(gx(), f.input(i).shape) : null));
}

/** y = a + b; both get gy. @since 28 */
export class Add extends Func {
  override forward(a: NDArray, b: NDArray): NDArray {
    return nd.add(a, b);
  }
  override backward(gy: Variable): Grad[] {
    return toOperands(this, () => gy, () => gy); // prettier-ignore
  }
}

/**
 * a + b, element by element; shapes broadcast.
 * @example
 * F.add(variable([1, 2]), 10); // → variable([11 12])
 * variable([1, 2]).add(variable([3, 4])); // → variable([4 6])
 * @since 28
 */
export function add(a: Operand, b: Operand): Variable {
  return new Add().call(a, b);
}

/** y = a − b; ga = gy, gb = −gy. @since 29 */
export class Sub extends Func {
  override forward(a: NDArray, b: NDArray): NDArray {
    return nd.sub(a, b);
  }
  override backward(gy: Variable): Grad[] {
    return toOperands(this, () => gy, () => neg(gy)); // prettier-ignore
  }
}

/**
 * a − b, element by element; shapes broadcast.
 * @example
 * F.sub(variable([1, 2]), 10); // → variable([-9 -8])
 * @since 29
 */
export function sub(a: Operand, b: Operand): Variable {
  return new Sub().call(a, b);
}

/** y = a · b; ga = gy · b, gb = gy · a. @since 28 */
export class Mul extends Func {
  override forward(a: NDArray, b: NDArray): NDArray {
    return nd.mul(a, b);
  }
  override backward(gy: Variable): Grad[] {
    const [a, b] = [this.input(0), this.input(1)];
    return toOperands(this, () => mul(gy, b), () => mul(gy, a)); // prettier-ignore
  }
}

/**
 * a · b, element by element; shapes broadcast.
 * @example
 * const x = variable([[1, 2], [3, 4]]);
 * F.mul(x, variable([10, 100])); // a row goes with every row
 * // → variable([[ 10 200]
 * //             [ 30 400]])
 * @since 28
 */
export function mul(a: Operand, b: Operand): Variable {
  return new Mul().call(a, b);
}

/** y = a / b; ga = gy / b, gb = −gy · a / b². @since 29 */
export class Div extends Func {
  override forward(a: NDArray, b: NDArray): NDArray {
    return nd.div(a, b);
  }
  override backward(gy: Variable): Grad[] {
    const [a, b] = [this.input(0), this.input(1)];
    return toOperands(this, () => div(gy, b), () => mul(gy, div(neg(a), mul(b, b)))); // prettier-ignore
  }
}

/**
 * a / b, element by element; shapes broadcast.
 * @example
 * F.div(variable([1, 2]), 4); // → variable([0.25  0.5])
 * @since 29
 */
export function div(a: Operand, b: Operand): Variable {
  return new Div().call(a, b);
}

/** y = −x; gx = −gy. @since 29 */
export class Neg extends Func {
  override forward(x: NDArray): NDArray {
    return nd.neg(x);
  }
  override backward(gy: Variable): Variable {
    return neg(gy);
  }
}

/**
 * −x.
 * @example
 * F.neg(variable([1, -2])); // → variable([-1  2])
 * @since 29
 */
export function neg(x: Operand): Variable {
  return new Neg().call(x);
}

/** y = xᶜ for a constant c; gx = gy · c · xᶜ⁻¹. @since 29 */
export class Pow extends Func {
  /** The exponent. @since 29 */
  constructor(readonly c: number) {
    super();
  }
  override forward(x: NDArray): NDArray {
    return nd.pow(x, this.c);
  }
  override backward(gy: Variable): Variable {
    if (this.c === 0) return mul(gy, 0);
    return mul(gy, mul(this.c, pow(this.input(0), this.c - 1)));
  }
}

/**
 * x to the power of a plain number.
 * @example
 * F.pow(variable([1, 2, 3]), 2); // → variable([1 4 9])
 * @since 29
 */
export function pow(x: Operand, c: number): Variable {
  if (typeof c !== 'number') throw new nd.DTypeError('pow(x, c): the exponent c must be a plain number');
  return new Pow(c).call(x);
}

declare module './variable' {
  interface Variable {
    /** this + x. @since 29 */
    add(x: Operand): Variable;
    /** this − x. @since 29 */
    sub(x: Operand): Variable;
    /** this · x, element by element. @since 29 */
    mul(x: Operand): Variable;
    /** this / x. @since 29 */
    div(x: Operand): Variable;
    /** −this. @since 29 */
    neg(): Variable;
    /** this to the power of a plain number. @since 29 */
    pow(c: number): Variable;
    /** this with another element type. @since 29 */
    astype(dtype: DType): Variable;
    /** this repeated up to a shape. @since 33 */
    broadcastTo(shape: Shape): Variable;
    /** this summed down to a shape. @since 33 */
    sumTo(shape: Shape): Variable;
  }
}

register({ add, sub, mul, div, neg, pow });
register({ astype, broadcastTo, sumTo });
