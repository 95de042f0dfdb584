import { asVariable, Variable, type Operand } from '../core';
import { DTypeError } from '../ndarray';
import { Layer } from './layer';

/** A function of one variable as a layer, `relu` say. @since 36 */
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
