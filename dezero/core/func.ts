import type { NDArray } from '../ndarray';
import { array, full, isFloat, type DType } from '../ndarray';
import { isGradEnabled } from './config';
import { asVariable, Variable, type Operand } from './variable';

/** A gradient for one input; null where there is none to give. @since 28 */
export type Grad = Variable | null;

/**
 * A function that knows its derivative: `forward` computes on arrays, `backward` on variables, so that a gradient can be
 * differentiated again.
 * @example
 * class Cube extends Func {
 *   override forward(x: NDArray): NDArray {
 *     return nd.mul(x, nd.square(x));
 *   }
 *   override backward(gy: Variable): Variable {
 *     const x = this.input(0);
 *     return gy.mul(x.mul(x).mul(3));
 *   }
 * }
 * const x = variable(2);
 * const y = new Cube().call(x); // → variable(8)
 * y.backward();
 * x.grad; // → variable(12)
 * @since 28
 */
export abstract class Func {
  /** What it was called with. @since 28 */
  inputs: Variable[] = [];
  /** What it made. @since 28 */
  outputs: Variable[] = [];
  /** That of its latest input. @since 28 */
  generation = 0;
  /** True once `unchainBackward` has passed. @since 28 */
  cut = false;

  /** What messages and drawings call it. @since 28 */
  get name(): string {
    return this.constructor.name;
  }

  /** Outputs from inputs. @since 28 */
  abstract forward(...xs: NDArray[]): NDArray | NDArray[];

  /** The inputs' gradients from the outputs' gradients gy: gx = gy · ∂y/∂x. @since 28 */
  abstract backward(...gys: Variable[]): Grad | Grad[];

  /** Runs `forward` and remembers the way, for a function of one output. @since 28 */
  call(...operands: Operand[]): Variable {
    const [y] = this.callAll(...operands);
    if (!y) throw new Error(`${this.name}.forward returned nothing`);
    return y;
  }

  /** The same for a function of several outputs. @since 28 */
  callAll(...operands: Operand[]): Variable[] {
    const inputs = operands.map((x) => (x instanceof Variable ? x : this.constant(x, operands)));
    const result = this.forward(...inputs.map((x) => x.data));
    const outputs = (Array.isArray(result) ? result : [result]).map((y) => new Variable(y));
    const record = isGradEnabled() && inputs.some((x) => x.requiresGrad);
    for (const y of outputs) y.requiresGrad &&= record;
    if (record) {
      this.inputs = inputs;
      this.outputs = outputs;
      this.generation = Math.max(...inputs.map((x) => x.generation));
      for (const y of outputs) y.setCreator(this);
    }
    return outputs;
  }

  private constant(x: NDArray | number, operands: readonly Operand[]): Variable {
    if (typeof x !== 'number') return asVariable(x, this.name);
    return asVariable(numberLike(x, operands.find((one) => typeof one !== 'number'))); // prettier-ignore
  }

  /** True if input i wants its gradient; `backward` may return null for the others. @since 28 */
  needsGrad(i: number): boolean {
    return this.inputs[i]?.requiresGrad ?? false;
  }

  /** Input i, as `backward` needs it. @since 28 */
  input(i: number): Variable {
    const x = this.inputs[i];
    if (!x) throw new Error(`${this.name} has no input ${i}`);
    return x;
  }

  /** Output i, as `backward` needs it. @since 28 */
  output(i = 0): Variable {
    const y = this.outputs[i];
    if (!y) throw new Error(`${this.name} has no output ${i}`);
    return y;
  }
}

/** A number beside an array takes its dtype (an integer array beside a fraction becomes float64) and its device. */
function numberLike(x: number, like: Variable | NDArray | undefined): NDArray {
  if (!like) return array(x);
  const dtype: DType = isFloat(like.dtype) ? like.dtype : Number.isInteger(x) ? 'int32' : 'float64';
  return full([], x, { dtype, device: like.device });
}
