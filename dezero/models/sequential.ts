import { asVariable, type Operand, type Variable } from '../core';
import { Lambda, Layer } from '../layers';
import { Model } from './model';

/** A step of a Sequential: a layer, or a function of one variable. @since 36 */
export type Stage = Layer | ((x: Variable) => Variable);

/**
 * Layers and functions, one after the other: `new Sequential(new Linear(10), relu, new Linear(1))`. Their paths are their numbers;
 * an object gives them names, run in its order.
 * @since 36
 */
export class Sequential extends Model {
  /** The stages; or one object of named ones. @since 36 */
  constructor(...stages: Stage[] | [Readonly<Record<string, Stage>>]) {
    super();
    const [first] = stages;
    const named = stages.length === 1 && typeof first === 'object' && !(first instanceof Layer);
    const list = named ? first : (stages as readonly Stage[]);
    for (const [path, stage] of Object.entries<Stage>({ ...list })) {
      Object.assign(this, { [path]: stage instanceof Layer ? stage : new Lambda(stage) });
    }
  }

  /** Its stages in order, a function as a layer of its own: `for (const stage of model)`. @since 43 */
  *[Symbol.iterator](): Iterator<Layer> {
    yield* Object.values(this) as Layer[];
  }

  override forward(x: Operand): Variable {
    return (Object.values(this) as Layer[]).reduce((y, stage) => stage.call(y), asVariable(x));
  }
}
