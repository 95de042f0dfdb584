/**
 * Step 46 · Convolution is a matrix product.
 *
 * Step 41's network took a digit as 784 numbers in a row and did not know what lies beside what. A convolution looks through a small
 * window, the same weights at every place, and so finds a stroke wherever it is. Written as it is defined, that is seven loops, and slow.
 * But if each window is laid out as a row of a matrix (im2col), all windows times all filters are one product, which is fast since
 * step 23; and its gradient needs only the way back (col2im), which adds every row to where it came from.
 */
import { array, ones, randn, variable, type NDArray, type Operand, type Variable } from 'dezero';
import { MNIST, toPicture } from 'dezero/data';
import * as F from 'dezero/functions';
import { writeFileSafely } from 'dezero/io';
import { gradientCheck, imageSheet } from 'dezero/utils';

/** A square window. */
export interface Window {
  readonly kernel: number;
  readonly stride?: number;
  readonly pad?: number;
}

/** How many places a window has along an axis of n. */
export function outputSize(n: number, { kernel, stride = 1, pad = 0 }: Window): number {
  return Math.floor((n + 2 * pad - kernel) / stride) + 1;
}

/** An axis of n with its padding, and below it the window at each of its places. */
export function drawPlaces(n: number, window: Window): string {
  const { kernel, stride = 1, pad = 0 } = window;
  const places = Array.from({ length: outputSize(n, window) }, (_, i) => ' '.repeat(2 * i * stride) + '='.repeat(2 * kernel - 1)); // prettier-ignore
  const padding = Array<string>(pad).fill('0');
  return [[...padding, ...Array<string>(n).fill('x'), ...padding].join(' '), ...places].join('\n');
}

/** Convolution as it is defined: for each filter, row and column the sum over channels and window. */
export function convByLoops(x: NDArray, W: NDArray, { kernel, stride = 1, pad = 0 }: Window): NDArray {
  const pictures = x.toNested() as number[][][][]; // (N, C, H, W)
  const filters = W.toNested() as number[][][][]; // (O, C, kernel, kernel)
  const [, , rows = 0, columns = 0] = x.shape;
  const along = <T>(n: number, f: (i: number) => T) => Array.from({ length: outputSize(n, { kernel, stride, pad }) }, (_, i) => f(i)); // prettier-ignore
  const sumAt = (picture: number[][][], filter: number[][][], top: number, left: number): number => {
    let sum = 0;
    filter.forEach((plane, c) => plane.forEach((row, i) => row.forEach((w, j) => {
      sum += w * (picture[c]?.[top + i]?.[left + j] ?? 0); // 0 outside the picture: the padding
    }))); // prettier-ignore
    return sum;
  };
  return array(pictures.map((picture) => filters.map((filter) =>
    along(rows, (i) => along(columns, (j) => sumAt(picture, filter, i * stride - pad, j * stride - pad)))))); // prettier-ignore
}

/** The same as one product: windows as rows, filters as columns. */
export function convAsProduct(x: Variable, W: Variable, window: Window): Variable {
  const [[N = 0, , rows = 0, columns = 0], [O = 0]] = [x.shape, W.shape];
  const product = F.matmul(F.im2col(x, window), W.reshape([O, -1]).transpose()); // (N·OH·OW, C·K·K) · (C·K·K, O)
  return product.reshape([N, outputSize(rows, window), outputSize(columns, window), O]).transpose([0, 3, 1, 2]);
}

/** Σ a·b over all elements. */
export function inner(a: Operand, b: Operand): number {
  return F.sum(F.mul(a, b)).item();
}

/** The middle of `repeats` measurements, in milliseconds. */
function milliseconds(f: () => unknown, repeats = 5): number {
  const times = Array.from({ length: repeats }, () => {
    const start = performance.now();
    f();
    return performance.now() - start;
  });
  return times.sort((a, b) => a - b)[Math.floor(repeats / 2)] ?? 0;
}

export async function main(): Promise<void> {
  console.log(
    'Padding is a rim of zeros, stride how far the window moves on. Places: ⌊(n + 2·pad − kernel) / stride⌋ + 1',
  );
  for (const [n, window] of [
    [5, { kernel: 3 }],
    [5, { kernel: 3, pad: 1 }],
    [5, { kernel: 3, stride: 2, pad: 1 }],
    [6, { kernel: 3, stride: 2 }], // the last one is left out
  ] as const) {
    const { kernel, stride = 1, pad = 0 } = { stride: 1, pad: 0, ...window };
    console.log(
      `n ${n}, kernel ${kernel}, stride ${stride}, pad ${pad}: ⌊${(n + 2 * pad - kernel) / stride}⌋ + 1 = ${outputSize(n, window)}`,
    );
    console.log(drawPlaces(n, window).replaceAll(/^/gm, '  '));
  }
  try {
    F.im2col(ones([1, 1, 3, 8]), { kernel: 6, stride: 2, pad: 1 });
  } catch (error) {
    console.log(`too large a window: ${(error as Error).message}`);
  }

  const show = (what: string, array: NDArray) => {
    console.log(`${what}\n${array.toString()}`);
  };
  const x = variable(array([1, 2, 3, 4, 5, 6, 7, 8, 9], { shape: [1, 1, 3, 3] }));
  const W = variable(array([1, 0, 0, -1, 0.25, 0.25, 0.25, 0.25], { shape: [2, 1, 2, 2] }));
  show('\na picture', x.data.reshape([3, 3]));
  show('its windows of 2 x 2, as rows', F.im2col(x, { kernel: 2 }).data);
  show('times two filters, a column each', W.data.reshape([2, 4]).transpose());
  show('gives two pictures', convAsProduct(x, W, { kernel: 2 }).data.slice([0]));
  show('by loops', convByLoops(x.data, W.data, { kernel: 2 }).slice([0]));
  const back = F.col2im(F.im2col(ones([1, 1, 3, 3]), { kernel: 2 }), [1, 1, 3, 3], { kernel: 2 });
  show('col2im adds the rows back: in how many windows is each pixel?', back.data.reshape([3, 3]));

  const window = { kernel: 3, stride: 2, pad: 1 };
  const [a, b] = [randn([2, 3, 8, 8], { seed: 0 }), randn([32, 27], { seed: 1 })]; // (N, C, H, W) and (N·OH·OW, C·K·K)
  console.log(`⟨im2col(x), y⟩ = ${inner(F.im2col(a, window), b).toFixed(10)}`);
  console.log(
    `⟨x, col2im(y)⟩ = ${inner(a, F.col2im(b, a.shape, window)).toFixed(10)}: one is the gradient of the other`,
  );
  const { ok, error } = gradientCheck((x, W) => convAsProduct(x, W, window), [randn([1, 2, 5, 5], { seed: 2 }), randn([2, 2, 3, 3], { seed: 3 })]); // prettier-ignore
  console.log(
    `gradients of the product, in picture and filters: ${ok ? 'right' : 'wrong'}, error ${error.toExponential(0)}`,
  );

  const [many, filters] = [randn([8, 8, 28, 28], { seed: 3, dtype: 'float32' }), randn([16, 8, 3, 3], { seed: 4, dtype: 'float32' })]; // prettier-ignore
  const slow = milliseconds(() => convByLoops(many, filters, { kernel: 3, pad: 1 }), 1);
  const fast = milliseconds(() => convAsProduct(variable(many), variable(filters), { kernel: 3, pad: 1 }));
  console.log(
    `8 pictures of 28 x 28, 8 channels, 16 filters: by loops ~${slow.toFixed(0)} ms, as a product ~${fast.toFixed(1)} ms`,
  );

  // A filter that answers to what it looks like: an upper edge, a left edge.
  const [digit] = await (await MNIST.open()).get(0);
  const edges = array([[1, 2, 1, 0, 0, 0, -1, -2, -1], [1, 0, -1, 2, 0, -2, 1, 0, -1]], { shape: [2, 1, 3, 3], dtype: 'float32' }); // prettier-ignore
  const found = convAsProduct(variable(digit.reshape([1, 1, 28, 28])), variable(edges), { kernel: 3, pad: 1 }).data;
  const grey = { low: -4, high: 4 };
  const cells = [
    { picture: toPicture(digit), caption: ['a digit'] },
    { picture: toPicture(found.slice([0, 0]), grey), caption: ['lower edges white', 'upper edges black'] },
    { picture: toPicture(found.slice([0, 1]), grey), caption: ['right edges white', 'left edges black'] },
  ];
  await writeFileSafely('out/step46/edges.png', await imageSheet(cells, { columns: 3, size: 168 }));
  console.log('  out/step46/edges.png');
}

if (require.main === module) void main();
