import { asVariable, type Operand, type Variable } from '../core';
import { globalAveragePool, maxPool, relu } from '../functions';
import { BatchNorm, Conv2d, Layer, Linear } from '../layers';
import { Model } from './model';
import { Sequential } from './sequential';

/** A convolution before batch norm: its bias would be taken out again by the mean. Its first weights suit the relu that follows (He et al., 2015). */
function convolution(inputs: number, out: number, kernel: number, stride = 1): Conv2d {
  const std = Math.sqrt(2 / (out * kernel * kernel));
  return new Conv2d(out, { kernel, stride, pad: (kernel - 1) / 2, in: inputs, bias: false, std });
}

/** What a block's input goes through to be added to its output: itself, or a 1×1 convolution where the shape changes. */
function shortcut(inputs: number, out: number, stride: number): Sequential | null {
  if (inputs === out && stride === 1) return null;
  return new Sequential(convolution(inputs, out, 1, stride), new BatchNorm({ in: out }));
}

/** A part of a ResNet: its input is added to what its layers make of it, so that they only need to learn the difference. @since 50 */
export abstract class ResidualBlock extends Layer {
  /** Of the input, where its shape is not the output's. @since 50 */
  abstract readonly downsample: Sequential | null;

  /** What the layers make of x, before it is added. @since 50 */
  protected abstract residual(x: Variable): Variable;

  override forward(x: Operand): Variable {
    const v = asVariable(x);
    return relu(this.residual(v).add(this.downsample ? this.downsample.call(v) : v));
  }
}

/**
 * Two 3×3 convolutions: (N, in, H, W) → (N, out, H / stride, W / stride).
 * @example
 * const block = new M.BasicBlock(64, 128, 2);
 * block.call(zeros([1, 64, 8, 8])).shape; // → [ 1, 128, 4, 4 ]
 * @since 50
 */
export class BasicBlock extends ResidualBlock {
  /** How many times its width it puts out. @since 50 */
  static readonly expansion = 1;
  /** 3×3, with the stride. @since 50 */
  readonly conv1: Conv2d;
  /** After conv1. @since 50 */
  readonly bn1: BatchNorm;
  /** 3×3. @since 50 */
  readonly conv2: Conv2d;
  /** After conv2. @since 50 */
  readonly bn2: BatchNorm;
  /** Of the input, where its shape is not the output's. @since 50 */
  readonly downsample: Sequential | null;

  /** From `inputs` channels to `width`. @since 50 */
  constructor(inputs: number, width: number, stride: number) {
    super();
    this.conv1 = convolution(inputs, width, 3, stride);
    this.bn1 = new BatchNorm({ in: width });
    this.conv2 = convolution(width, width, 3);
    this.bn2 = new BatchNorm({ in: width });
    this.downsample = shortcut(inputs, width, stride);
  }
  protected override residual(x: Variable): Variable {
    const h = relu(this.bn1.call(this.conv1.call(x)));
    return this.bn2.call(this.conv2.call(h));
  }
}

/**
 * 1×1 to fewer channels, 3×3 there, 1×1 to four times as many: (N, in, H, W) → (N, 4·width, H / stride, W / stride).
 * @example
 * const block = new M.Bottleneck(64, 64, 1);
 * block.call(zeros([1, 64, 8, 8])).shape; // → [ 1, 256, 8, 8 ]
 * @since 50
 */
export class Bottleneck extends ResidualBlock {
  /** How many times its width it puts out. @since 50 */
  static readonly expansion = 4;
  /** 1×1. @since 50 */
  readonly conv1: Conv2d;
  /** After conv1. @since 50 */
  readonly bn1: BatchNorm;
  /** 3×3, with the stride. @since 50 */
  readonly conv2: Conv2d;
  /** After conv2. @since 50 */
  readonly bn2: BatchNorm;
  /** 1×1. @since 50 */
  readonly conv3: Conv2d;
  /** After conv3. @since 50 */
  readonly bn3: BatchNorm;
  /** Of the input, where its shape is not the output's. @since 50 */
  readonly downsample: Sequential | null;

  /** From `inputs` channels to 4·width. @since 50 */
  constructor(inputs: number, width: number, stride: number) {
    super();
    const out = width * Bottleneck.expansion;
    this.conv1 = convolution(inputs, width, 1);
    this.bn1 = new BatchNorm({ in: width });
    this.conv2 = convolution(width, width, 3, stride);
    this.bn2 = new BatchNorm({ in: width });
    this.conv3 = convolution(width, out, 1);
    this.bn3 = new BatchNorm({ in: out });
    this.downsample = shortcut(inputs, out, stride);
  }
  protected override residual(x: Variable): Variable {
    const h = relu(this.bn1.call(this.conv1.call(x)));
    return this.bn3.call(this.conv3.call(relu(this.bn2.call(this.conv2.call(h)))));
  }
}

/** Options of the ResNets. @since 50 */
export interface ResNetOptions {
  /** Outputs; default 1000. @since 50 */
  readonly classes?: number;
}

/**
 * Pictures (N, 3, H, W) → scores (N, classes): a stem, four stages of residual blocks, an average (He et al., 2016). Layers bear
 * torchvision's names.
 * @since 50
 */
export abstract class ResNet extends Model {
  /** 7×7, stride 2. @since 50 */
  readonly conv1: Conv2d;
  /** After conv1. @since 50 */
  readonly bn1: BatchNorm;
  /** Blocks of width 64. @since 50 */
  readonly layer1: Sequential;
  /** Of width 128, at half the size. @since 50 */
  readonly layer2: Sequential;
  /** Of width 256, at a quarter. @since 50 */
  readonly layer3: Sequential;
  /** Of width 512, at an eighth. @since 50 */
  readonly layer4: Sequential;
  /** From averages to scores. @since 50 */
  readonly fc: Linear;

  /** `counts` of blocks in the four stages. @since 50 */
  constructor(
    Block: typeof BasicBlock | typeof Bottleneck,
    counts: readonly [number, number, number, number],
    { classes = 1000 }: ResNetOptions,
  ) {
    super();
    let inputs = 64;
    const stage = (count: number, width: number, stride: number): Sequential => {
      const blocks = Array.from({ length: count }, (_, i) => {
        const block = new Block(inputs, width, i === 0 ? stride : 1);
        inputs = width * Block.expansion;
        return block;
      });
      return new Sequential(...blocks);
    };
    this.conv1 = convolution(3, inputs, 7, 2);
    this.bn1 = new BatchNorm({ in: inputs });
    this.layer1 = stage(counts[0], 64, 1);
    this.layer2 = stage(counts[1], 128, 2);
    this.layer3 = stage(counts[2], 256, 2);
    this.layer4 = stage(counts[3], 512, 2);
    this.fc = new Linear(classes, { in: inputs });
  }

  /** The feature maps before the average: (N, 3, H, W) → (N, channels, H / 32, W / 32). @since 50 */
  features(x: Operand): Variable {
    const h = relu(this.bn1.call(this.conv1.call(x)));
    const stages = [this.layer1, this.layer2, this.layer3, this.layer4];
    return stages.reduce((y, stage) => stage.call(y), maxPool(h, { kernel: 3, stride: 2, pad: 1 }));
  }
  override forward(x: Operand): Variable {
    return this.fc.call(globalAveragePool(this.features(x)));
  }
}

/**
 * 18 layers: 11,689,512 parameters with 1000 classes.
 * @example
 * const model = new M.ResNet18({ classes: 2 });
 * model.call(zeros([1, 3, 64, 64])).shape; // → [ 1, 2 ]
 * @since 50
 */
export class ResNet18 extends ResNet {
  /** `{ classes }`, default 1000. @since 50 */
  constructor(options: ResNetOptions = {}) {
    super(BasicBlock, [2, 2, 2, 2], options);
  }
}

/**
 * 50 layers: 25,557,032 parameters with 1000 classes.
 * @example
 * const model = new M.ResNet50({ classes: 2 });
 * model.features(variable(zeros([1, 3, 64, 64]))).shape; // → [ 1, 2048, 2, 2 ]
 * @since 50
 */
export class ResNet50 extends ResNet {
  /** `{ classes }`, default 1000. @since 50 */
  constructor(options: ResNetOptions = {}) {
    super(Bottleneck, [3, 4, 6, 3], options);
  }
}
