import { asVariable, Variable, type Operand } from '../core';
import { DTypeError } from '../ndarray';
import { Layer } from './layer';

/**
 * A function of one variable as a layer, `relu` say.
 * @example
 * new L.Lambda(F.relu).call(variable([-1, 2])); // → variable([0 2])
 * @since 36
 */
export class Lambda extends Layer {
  /** What it runs. @since 36 */
  constructor(readonly f: (x: Variable) => Variable) {
    super();
  }
  override forward(x: Operand): Variable {
    const y: unknown = this.f(asVariable(x));
    if (y instanceof Variable) return y;
    throw new DTypeError(`${this.f.name || 'a function'} in a network must give back a Variable, not ${String(y)}`);
  }
}
