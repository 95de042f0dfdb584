import { asVariable, type Operand, type Variable } from '../core';
import { Lambda, Layer } from '../layers';
import { Model } from './model';

/** A step of a Sequential: a layer, or a function of one variable. @since 36 */
export type Stage = Layer | ((x: Variable) => Variable);

/**
 * Layers and functions, one after the other: `new Sequential(new Linear(10), relu, new Linear(1))`. Their paths are their numbers;
 * an object gives them names, run in its order.
 * @example
 * const model = new M.Sequential(new L.Linear(10), F.relu, new L.Linear(1));
 * model.call(variable([[1, 2, 3]])).shape; // → [ 1, 1 ]
 * [...model.parameters()].map(([path]) => path);
 * // → [ '0.weight', '0.bias', '2.weight', '2.bias' ]
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
