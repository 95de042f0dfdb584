import { asVariable, type Operand, type Variable } from '../core';
import { flatten, maxPool, relu } from '../functions';
import { Conv2d, Dropout, Linear } from '../layers';
import { Model } from './model';
import { Sequential, type Stage } from './sequential';

/** Output channels of the convolutions, a pool after each group. */
const GROUPS = [[64, 64], [128, 128], [256, 256, 256], [512, 512, 512], [512, 512, 512]]; // prettier-ignore
const PIXELS = 7 * 7; // what five pools leave of 224 × 224

const pool = (x: Variable): Variable => maxPool(x, { kernel: 2 });

/**
 * Pictures (N, 3, 224, 224) → scores (N, classes): thirteen 3×3 convolutions, then three fully connected layers (Simonyan and Zisserman,
 * 2015, configuration D). 138,357,544 parameters with 1000 classes, 553 MB in float32. The stages bear torchvision's numbers; its
 * separate relu layers are part of the convolutions here.
 * @example
 * const model = new M.VGG16({ classes: 2 }); // half a gigabyte
 * model.call(zeros([1, 3, 224, 224])).shape; // → [ 1, 2 ]
 * @since 50
 */
export class VGG16 extends Model {
  /** Convolutions and pools. @since 50 */
  readonly features: Sequential;
  /** Fully connected layers and dropout. @since 50 */
  readonly classifier: Sequential;

  /** `{ classes }`, default 1000. @since 50 */
  constructor({ classes = 1000 }: { readonly classes?: number } = {}) {
    super();
    const features: Record<number, Stage> = {};
    let [at, inputs] = [0, 3];
    for (const group of GROUPS) {
      for (const out of group) {
        features[at] = new Conv2d(out, { kernel: 3, pad: 1, in: inputs, activation: 'relu' });
        inputs = out;
        at += 2; // torchvision counts the relu
      }
      features[at++] = pool;
    }
    this.features = new Sequential(features);
    this.classifier = new Sequential({
      0: new Linear(4096, { in: inputs * PIXELS, std: 0.01 }),
      1: relu,
      2: new Dropout(0.5),
      3: new Linear(4096, { in: 4096, std: 0.01 }),
      4: relu,
      5: new Dropout(0.5),
      6: new Linear(classes, { in: 4096, std: 0.01 }),
    });
  }
  override forward(x: Operand): Variable {
    return this.classifier.call(flatten(this.features.call(asVariable(x))));
  }
}
