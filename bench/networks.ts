/** How much there is to multiply in the networks of the benchmark: multiply-adds of a forward pass on one input. */
export interface Size {
  readonly multiplyAdds: number;
  /** Of these, in the first layer: there is no gradient of the input to compute. */
  readonly first: number;
}

const conv = (inputs: number, out: number, kernel: number, size: number) => inputs * out * kernel ** 2 * size ** 2;
const fire = (inputs: number, squeeze: number, expand: number, size: number) =>
  conv(inputs, squeeze, 1, size) + conv(squeeze, expand, 1, size) + conv(squeeze, expand, 3, size);
const sum = (parts: readonly number[]): Size => ({
  multiplyAdds: parts.reduce((total, part) => total + part, 0),
  first: parts[0] ?? 0,
});

/** SqueezeNet 1.0 for pictures of 224 × 224. */
export const squeezenet = (classes: number): Size =>
  sum([
    conv(3, 96, 7, 109),
    fire(96, 16, 64, 54),
    fire(128, 16, 64, 54),
    fire(128, 32, 128, 54),
    fire(256, 32, 128, 27),
    fire(256, 48, 192, 27),
    fire(384, 48, 192, 27),
    fire(384, 64, 256, 27),
    fire(512, 64, 256, 13),
    conv(512, classes, 1, 13),
  ]);

const VGG = [[3, 64, 224], [64, 64, 224], [64, 128, 112], [128, 128, 112], [128, 256, 56], [256, 256, 56], [256, 256, 56], [256, 512, 28],
  [512, 512, 28], [512, 512, 28], [512, 512, 14], [512, 512, 14], [512, 512, 14]] as const; // prettier-ignore

/** VGG16 for pictures of 224 × 224. */
export const vgg16 = (classes: number): Size =>
  sum([...VGG.map(([inputs, out, size]) => conv(inputs, out, 3, size)), 512 * 49 * 4096, 4096 * 4096, 4096 * classes]);

/** 784-1000-1000-10. */
export const mlp: Size = sum([784 * 1000, 1000 * 1000, 1000 * 10]);

/** conv32-pool-conv64-pool-128-10 for pictures of 28 × 28. */
export const cnn: Size = sum([conv(1, 32, 3, 28), conv(32, 64, 3, 14), 64 * 49 * 128, 128 * 10]);

/** An LSTM that reads `steps` inputs, and ten scores of its last state. */
export function lstm({ steps, inputs, hidden }: Readonly<Record<'steps' | 'inputs' | 'hidden', number>>): Size {
  const first = steps * inputs * 4 * hidden;
  return { multiplyAdds: first + (steps - 1) * hidden * 4 * hidden + hidden * 10, first };
}

/** Operations of a training step: forward, gradients of the weights, gradients of the inputs but the first. */
export function stepOperations({ multiplyAdds, first }: Size, batch: number): number {
  return 2 * batch * (3 * multiplyAdds - first);
}
