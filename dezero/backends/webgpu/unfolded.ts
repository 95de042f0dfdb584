/**
 * Convolution and its adjoints with the windows laid out in memory first: for a gpu made of software, which works out a place in a picture
 * as slowly as it multiplies.
 */
import type { View, Window2d } from '../backend';
import { rowMajor, seen } from './layout';
import { matmul } from './product';
import type { Queue } from './queue';
import { reduce } from './reduce';
import type { Scratch } from './scratch';
import { fold, unfold } from './windows';

/** True if the windows are the pixels, one by one. */
const isPixel = ({ kernel, stride, pad }: Window2d): boolean => [...kernel, ...stride].every((n) => n === 1) && pad.every((n) => n === 0); // prettier-ignore

/** Dense memory read through another shape. */
const shaped = (x: View, ...shape: number[]): View => seen(x, shape, rowMajor(shape));

/** The windows of pictures as columns, (N, C·KH·KW, OH·OW). */
function columns(queue: Queue, scratch: Scratch, x: View, window: Window2d, y: View, f: (columns: View) => void): void {
  const [N, C, H, W] = x.shape;
  const [, , OH, OW] = y.shape;
  if (isPixel(window)) return scratch.dense(x, (x) => f(shaped(x, N, C, H * W)));
  const depth = C * window.kernel[0] * window.kernel[1];
  scratch.use(x.dtype, N * depth * OH * OW, (memory) => {
    unfold(queue, scratch, x, window, OH, OW, memory);
    f(shaped(memory, N, depth, OH * OW));
  });
}

/** A matrix for each of N pictures, the same for all. */
function repeated(x: View, N: number, rows: number, columns: number, transposed = false): View {
  const [shape, strides] = transposed ? [[columns, rows], [1, columns]] : [[rows, columns], [columns, 1]]; // prettier-ignore
  return seen(x, [N, ...shape], [0, ...strides]);
}

/** y = W · columns of x, picture by picture. @since 48 */
export function conv2d(
  queue: Queue,
  scratch: Scratch,
  x: View,
  W: View,
  b: View | null,
  window: Window2d,
  relu: boolean,
  out: View,
): void {
  const [N, O, OH, OW] = out.shape;
  scratch.dense(W, (W) =>
    columns(queue, scratch, x, window, out, (cols) =>
      matmul(queue, scratch, repeated(W, N, O, cols.shape[1]), cols, b, shaped(out, N, O, OH * OW), {
        by: 'row',
        relu,
      }),
    ),
  );
}

/** Columns of gx = Wᵀ · gy, picture by picture, added back. @since 48 */
export function conv2dInput(queue: Queue, scratch: Scratch, gy: View, W: View, window: Window2d, out: View): void {
  const [N, C, H, width] = out.shape;
  const [, O, OH, OW] = gy.shape;
  const depth = C * window.kernel[0] * window.kernel[1];
  scratch.denseBoth(gy, W, (gy, W) => {
    const multiply = (into: View) =>
      matmul(queue, scratch, repeated(W, N, O, depth, true), shaped(gy, N, O, OH * OW), null, into);
    if (isPixel(window)) return multiply(shaped(out, N, C, H * width));
    scratch.use(gy.dtype, N * depth * OH * OW, (memory) => {
      multiply(shaped(memory, N, depth, OH * OW));
      fold(queue, memory, window, OH, OW, out);
    });
  });
}

/** gWᵀ = Σ columns · gyᵀ over the pictures. @since 48 */
export function conv2dWeight(queue: Queue, scratch: Scratch, x: View, gy: View, window: Window2d, out: View): void {
  const [N, O] = gy.shape;
  scratch.dense(gy, (gy) =>
    columns(queue, scratch, x, window, gy, (cols) => {
      const [, depth, places] = cols.shape;
      const turned = seen(gy, [N, places, O], [O * places, 1, places]);
      scratch.use(out.dtype, N * depth * O, (memory) => {
        const each = shaped(memory, N, depth, O);
        matmul(queue, scratch, cols, turned, null, each);
        reduce(queue, scratch, 'sum', seen(each, [N, O, depth], [depth * O, 1, O]), [0], shaped(out, 1, O, depth));
      });
    }),
  );
}
