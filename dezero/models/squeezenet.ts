import { asVariable, type Operand, type Variable } from '../core';
import { concat, globalAveragePool, maxPool } from '../functions';
import { Conv2d, Dropout, Layer } from '../layers';
import { Model } from './model';
import { Sequential, type Stage } from './sequential';

/**
 * Squeeze to few channels by 1×1, expand by 1×1 and 3×3 side by side; relu after each.
 * @example
 * const fire = new M.Fire(96, 16, 64);
 * fire.call(zeros([1, 96, 8, 8])).shape; // → [ 1, 128, 8, 8 ]
 * @since 50
 */
export class Fire extends Layer {
  /** 1×1, in → squeeze. @since 50 */
  readonly squeeze: Conv2d;
  /** 1×1, squeeze → expand. @since 50 */
  readonly expand1x1: Conv2d;
  /** 3×3, squeeze → expand. @since 50 */
  readonly expand3x3: Conv2d;

  /** (N, in, H, W) → (N, 2·expand, H, W). @since 50 */
  constructor(inputs: number, squeeze: number, expand: number) {
    super();
    const activation = 'relu';
    this.squeeze = new Conv2d(squeeze, { kernel: 1, in: inputs, activation });
    this.expand1x1 = new Conv2d(expand, { kernel: 1, in: squeeze, activation });
    this.expand3x3 = new Conv2d(expand, { kernel: 3, pad: 1, in: squeeze, activation });
  }
  override forward(x: Operand): Variable {
    const s = this.squeeze.call(x);
    return concat([this.expand1x1.call(s), this.expand3x3.call(s)], { axis: 1 });
  }
}

const pool = (x: Variable): Variable => maxPool(x, { kernel: 3, stride: 2, ceil: true });

/** Options of the SqueezeNets. @since 50 */
export interface SqueezeNetOptions {
  /** Outputs; default 1000. @since 50 */
  readonly classes?: number;
}

/**
 * Pictures (N, 3, H, W) → scores (N, classes), without a fully connected layer (Iandola et al., 2016). The stages bear torchvision's
 * numbers; its separate relu layers are part of the convolutions here.
 * @since 50
 */
export abstract class SqueezeNet extends Model {
  /** Convolutions and pools. @since 50 */
  readonly features: Sequential;
  /** Dropout and the last convolution, one channel a class. @since 50 */
  readonly classifier: Sequential;

  /** The stages of the features, the channels they end with, and whether scores below 0 are cut off, as in the paper. @since 50 */
  constructor(
    features: Readonly<Record<number, Stage>>,
    channels: number,
    { classes = 1000 }: SqueezeNetOptions,
    activation: 'relu' | null = 'relu',
  ) {
    super();
    this.features = new Sequential(features);
    const head = new Conv2d(classes, { kernel: 1, in: channels, std: 0.01, activation });
    this.classifier = new Sequential(new Dropout(0.5), head, globalAveragePool);
  }
  override forward(x: Operand): Variable {
    return this.classifier.call(this.features.call(asVariable(x)));
  }
}

/**
 * Version 1.0: 1,248,424 parameters with 1000 classes; made for 224 × 224.
 * @example
 * const model = new M.SqueezeNet10({ classes: 2 });
 * model.call(zeros([1, 3, 64, 64])).shape; // → [ 1, 2 ]
 * @since 50
 */
export class SqueezeNet10 extends SqueezeNet {
  /** `{ classes }`, default 1000. @since 50 */
  constructor(options: SqueezeNetOptions = {}) {
    const features = {
      0: new Conv2d(96, { kernel: 7, stride: 2, in: 3, activation: 'relu' }),
      2: pool,
      3: new Fire(96, 16, 64),
      4: new Fire(128, 16, 64),
      5: new Fire(128, 32, 128),
      6: pool,
      7: new Fire(256, 32, 128),
      8: new Fire(256, 48, 192),
      9: new Fire(384, 48, 192),
      10: new Fire(384, 64, 256),
      11: pool,
      12: new Fire(512, 64, 256),
    };
    super(features, 512, options);
  }
}

/**
 * Version 1.1: 1,235,496 parameters, and 2.4 times less to compute than 1.0.
 * @example
 * const model = new M.SqueezeNet11({ classes: 2 });
 * model.call(zeros([1, 3, 64, 64])).shape; // → [ 1, 2 ]
 * @since 50
 */
export class SqueezeNet11 extends SqueezeNet {
  /** `{ classes }`, default 1000. @since 50 */
  constructor(options: SqueezeNetOptions = {}) {
    const features = {
      0: new Conv2d(64, { kernel: 3, stride: 2, in: 3, activation: 'relu' }),
      2: pool,
      3: new Fire(64, 16, 64),
      4: new Fire(128, 16, 64),
      5: pool,
      6: new Fire(128, 32, 128),
      7: new Fire(256, 32, 128),
      8: pool,
      9: new Fire(256, 48, 192),
      10: new Fire(384, 48, 192),
      11: new Fire(384, 64, 256),
      12: new Fire(512, 64, 256),
    };
    super(features, 512, options);
  }
}

/**
 * The same plan in small, for the built-in drawings of 64 × 64: its trained weights are part of the package. No relu on the scores.
 * @example
 * const model = new M.SqueezeNetSmall({ classes: trainedKinds.length });
 * await model.load(M.builtInWeights());
 * const set = await Drawn.open({ kinds: trainedKinds, perClass: 2 });
 * const loader = new DataLoader(set, { batch: 12 });
 * const { accuracy } = await M.evaluate(model, loader);
 * accuracy > 0.5; // of twelve kinds it knows more than half
 * // → true
 * @since 50
 */
export class SqueezeNetSmall extends SqueezeNet {
  /** `{ classes }`, default 1000. @since 50 */
  constructor(options: SqueezeNetOptions = {}) {
    const features = {
      0: new Conv2d(32, { kernel: 3, stride: 2, in: 3, activation: 'relu' }),
      2: pool,
      3: new Fire(32, 8, 32),
      4: new Fire(64, 16, 48),
      5: pool,
      6: new Fire(96, 24, 64),
      7: new Fire(128, 24, 64),
      8: pool,
      9: new Fire(128, 32, 96),
      10: new Fire(192, 32, 96),
    };
    super(features, 192, options, null);
  }
}
