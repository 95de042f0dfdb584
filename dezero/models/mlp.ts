import { asVariable, type Operand, type Variable } from '../core';
import { sigmoid } from '../functions';
import { Linear } from '../layers';
import { checkCount, ValueError, type DType, type Generator } from '../ndarray';
import { Model } from './model';

/** What an MLP is made of, beside its sizes. @since 36 */
export interface MLPOptions {
  /** What comes between two linear layers; default sigmoid. @since 36 */
  readonly activation?: (x: Variable) => Variable;
  /** Inputs; learned at the first call if not given. @since 36 */
  readonly in?: number;
  /** Of the parameters; default float32. @since 36 */
  readonly dtype?: DType;
  /** Where the first weights come from; default the generator that `setSeed` seeds. @since 36 */
  readonly generator?: Generator;
}

/**
 * A multi-layer perceptron: linear layers with an activation between them, none after the last. (N, in) → (N, last size).
 * @example
 * const model = new M.MLP([100, 10], { activation: F.relu });
 * model.call(zeros([32, 784])).shape; // → [ 32, 10 ]
 * @since 36
 */
export class MLP extends Model {
  /** One for each size. @since 36 */
  readonly layers: readonly Linear[];
  /** What comes between two layers. @since 36 */
  readonly activation: (x: Variable) => Variable;

  /** `new MLP([100, 10])`: 100 hidden values, 10 outputs. @since 36 */
  constructor(sizes: readonly number[], { activation = sigmoid, in: inputs, ...options }: MLPOptions = {}) {
    super();
    if (sizes.length === 0) throw new ValueError('MLP: give the size of each layer, new MLP([100, 10]) for two');
    this.activation = activation;
    this.layers = sizes.map((size, i) => {
      checkCount(`MLP: size ${i}`, size, 1);
      // all draw their weights now, or all at the first call: either way in the same order
      return new Linear(size, inputs === undefined ? options : { ...options, in: sizes[i - 1] ?? inputs });
    });
  }
  override forward(x: Operand): Variable {
    return this.layers.reduce((y, layer, i) => layer.call(i === 0 ? y : this.activation(y)), asVariable(x));
  }
}
