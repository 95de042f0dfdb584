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
import { plotImages } from 'dezero/utils';

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
  const lines = [[...'0'.repeat(pad), ...'x'.repeat(n), ...'0'.repeat(pad)].join(' ')];
  for (let i = 0; i < outputSize(n, window); i++) lines.push('  '.repeat(i * stride) + '='.repeat(2 * kernel - 1));
  return lines.join('\n');
}

/** Convolution as it is defined: for each picture, filter, row and column the sum over channels and window. */
export function convByLoops(x: NDArray, W: NDArray, window: Window): NDArray {
  const { kernel, stride = 1, pad = 0 } = window;
  const pictures = x.toNested() as number[][][][]; // (N, C, H, W)
  const filters = W.toNested() as number[][][][]; // (O, C, kernel, kernel)
  const [, , rows = 0, columns = 0] = x.shape;
  const sums: number[] = [];
  for (const picture of pictures)
    for (const filter of filters)
      for (let top = -pad; top + kernel <= rows + pad; top += stride)
        for (let left = -pad; left + kernel <= columns + pad; left += stride) {
          let sum = 0;
          for (const [c, plane] of filter.entries())
            for (const [i, row] of plane.entries())
              for (const [j, w] of row.entries()) sum += w * (picture[c]?.[top + i]?.[left + j] ?? 0); // 0: padding
          sums.push(sum);
        }
  const size = [outputSize(rows, window), outputSize(columns, window)];
  return array(sums, { shape: [pictures.length, filters.length, ...size] });
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

export async function main(): Promise<void> {
  console.log(
    'Padding is a rim of zeros, stride how far the window moves on. Places: ⌊(n + 2·pad − kernel) / stride⌋ + 1',
  );
  const places = (n: number, kernel: number, stride: number, pad: number) => {
    const size = `⌊${(n + 2 * pad - kernel) / stride}⌋ + 1 = ${outputSize(n, { kernel, stride, pad })}`;
    console.log(`n ${n}, kernel ${kernel}, stride ${stride}, pad ${pad}: ${size}`);
    console.log(drawPlaces(n, { kernel, stride, pad }).replaceAll(/^/gm, '  '));
  };
  places(5, 3, 1, 0);
  places(5, 3, 1, 1);
  places(5, 3, 2, 1);
  places(6, 3, 2, 0); // the last one is left out
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
  console.log(`⟨x, col2im(y)⟩ = ${inner(a, F.col2im(b, a.shape, window)).toFixed(10)}: each is the other's gradient`);

  // A filter answers to what it looks like: to a lower edge, to a right edge.
  const [digit] = await (await MNIST.open()).get(0);
  const lower = [1, 2, 1, 0, 0, 0, -1, -2, -1];
  const right = [1, 0, -1, 2, 0, -2, 1, 0, -1];
  const edges = array([...lower, ...right], { shape: [2, 1, 3, 3], dtype: 'float32' });
  const found = convAsProduct(variable(digit.reshape([1, 1, 28, 28])), variable(edges), { kernel: 3, pad: 1 }).data;
  const grey = (i: number) => toPicture(found.slice([0, i]), { low: -4, high: 4 });
  const cells = [
    { picture: toPicture(digit), caption: ['a digit'] },
    { picture: grey(0), caption: ['lower edges white', 'upper edges black'] },
    { picture: grey(1), caption: ['right edges white', 'left edges black'] },
  ];
  console.log(`  ${await plotImages(cells, { to: 'out/step46/edges.png', columns: 3, size: 168 })}`);
}

if (require.main === module) void main();
