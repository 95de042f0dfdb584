import { asVariable, type Operand, type Variable } from '../core';
import { Layer } from './layer';

/** A step of a Sequential: a layer, or a function of one variable. @since 36 */
export type Stage = Layer | ((x: Variable) => Variable);

/**
 * Layers and functions, one after the other: `new Sequential(new Linear(10), relu, new Linear(1))`. Their paths are their numbers;
 * an object gives them names, run in its order.
 * @since 36
 */
export class Sequential extends Layer {
  /** The stages; or one object of named ones. @since 36 */
  constructor(...stages: Stage[] | [Readonly<Record<string, Stage>>]) {
    super();
    const [first] = stages;
    const named = stages.length === 1 && typeof first === 'object' && !(first instanceof Layer);
    Object.assign(this, named ? first : { ...stages });
  }
  override forward(x: Operand): Variable {
    let y = asVariable(x);
    for (const stage of Object.values(this) as Stage[]) y = stage instanceof Layer ? stage.call(y) : stage(y);
    return y;
  }
}
