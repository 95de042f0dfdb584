import { asVariable, Parameter, type Operand, type Variable } from '../core';
import { linear } from '../functions';
import type { DType, Generator } from '../ndarray';
import { checkCount, ShapeError, zeros } from '../ndarray';
import { initialWeight } from './initial';
import { Layer } from './layer';

/** What layers with weights have in common. @since 35 */
export interface WeightOptions {
  /** Add a bias; default true. @since 35 */
  readonly bias?: boolean;
  /** Inputs (or input channels); learned at the first call if not given. @since 35 */
  readonly in?: number;
  /** Of the parameters; default float32. @since 35 */
  readonly dtype?: DType;
  /** Standard deviation of the first weights; by default each layer's own. @since 50 */
  readonly std?: number;
  /** Where the first weights come from; default the generator that `setSeed` seeds. @since 35 */
  readonly generator?: Generator;
}

/**
 * y = x·W + b: W (in, out) is `weight`, b (out) is `bias`. First weights are normal with variance 1 / in (LeCun et al., 1998).
 * @example
 * const layer = new L.Linear(10);
 * layer.call(zeros([32, 784])).shape; // → [ 32, 10 ]
 * layer.weight.shape; // → [ 784, 10 ]
 * @since 35
 */
export class Linear extends Layer {
  /** W, of shape (in, out). @since 35 */
  readonly weight = new Parameter(null, 'W');
  /** b, of shape (out), or null. @since 35 */
  readonly bias: Parameter | null;

  /** `out` outputs from `in` inputs, which the first call tells if they are not given. @since 35 */
  constructor(
    readonly out: number,
    private readonly options: WeightOptions = {},
  ) {
    super();
    checkCount('Linear: out', out, 1);
    this.bias = options.bias === false ? null : new Parameter(zeros([out], { dtype: options.dtype ?? 'float32' }), 'b');
    if (options.in !== undefined) this.init(options.in);
  }
  private init(inputs: number): void {
    this.weight.data = initialWeight([checkCount('Linear: in', inputs, 1), this.out], inputs, this.options);
  }
  override forward(x: Operand): Variable {
    const v = asVariable(x);
    const inputs = v.shape[v.ndim - 1] ?? 0;
    if (!this.weight.ready) this.init(inputs);
    const [rows] = this.weight.shape;
    if (rows !== inputs) {
      throw new ShapeError(
        'Linear',
        [v.shape, this.weight.shape],
        `the layer was made for ${rows} input${rows === 1 ? '' : 's'}, and x has ${inputs}`,
      );
    }
    return linear(v, this.weight, this.bias);
  }
  /** Each output is a sum of `in` products. @since 36 */
  override multiplyAdds(x: Variable): number {
    return x.size * this.out;
  }
}
