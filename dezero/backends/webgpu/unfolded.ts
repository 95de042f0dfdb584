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

/** The windows of pictures as columns, (N, groups, C/groups·KH·KW, OH·OW). */
function columns(
  queue: Queue,
  scratch: Scratch,
  x: View,
  window: Window2d,
  y: View,
  groups: number,
  f: (columns: View) => void,
): void {
  const [N, C, H, W] = x.shape;
  const [, , OH, OW] = y.shape;
  if (isPixel(window)) return scratch.dense(x, (x) => f(shaped(x, N, groups, C / groups, H * W)));
  const depth = (C / groups) * window.kernel[0] * window.kernel[1];
  scratch.use(x.dtype, N * groups * depth * OH * OW, (memory) => {
    unfold(queue, scratch, x, window, OH, OW, memory);
    f(shaped(memory, N, groups, depth, OH * OW));
  });
}

/** A matrix for each group of each of N pictures, the same for all pictures. */
function repeated(x: View, N: number, groups: number, rows: number, columns: number, transposed = false): View {
  const [shape, strides] = transposed ? [[columns, rows], [1, columns]] : [[rows, columns], [columns, 1]]; // prettier-ignore
  return seen(x, [N, groups, ...shape], [0, rows * columns, ...strides]);
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
  const groups = x.shape[1] / W.shape[1] || 1;
  const filters = O / groups; // of a group
  scratch.dense(W, (W) =>
    columns(queue, scratch, x, window, out, groups, (cols) => {
      const factor = repeated(W, N, groups, filters, cols.shape[2]);
      matmul(queue, scratch, factor, cols, b, shaped(out, N, groups, filters, OH * OW), { by: 'row', relu });
    }),
  );
}

/** Columns of gx = Wᵀ · gy, picture by picture, added back. @since 48 */
export function conv2dInput(queue: Queue, scratch: Scratch, gy: View, W: View, window: Window2d, out: View): void {
  const [N, C, H, width] = out.shape;
  const [, , OH, OW] = gy.shape;
  const [O, channels] = W.shape;
  const groups = C / channels || 1;
  const filters = O / groups;
  const depth = channels * window.kernel[0] * window.kernel[1];
  scratch.denseBoth(gy, W, (gy, W) => {
    const factor = repeated(W, N, groups, filters, depth, true);
    const multiply = (into: View) =>
      matmul(queue, scratch, factor, shaped(gy, N, groups, filters, OH * OW), null, into);
    if (isPixel(window)) return multiply(shaped(out, N, groups, channels, H * width));
    scratch.use(gy.dtype, N * groups * depth * OH * OW, (memory) => {
      multiply(shaped(memory, N, groups, depth, OH * OW));
      fold(queue, memory, window, OH, OW, out);
    });
  });
}

/** gWᵀ = Σ columns · gyᵀ over the pictures. @since 48 */
export function conv2dWeight(queue: Queue, scratch: Scratch, x: View, gy: View, window: Window2d, out: View): void {
  const [N, O] = gy.shape;
  const groups = x.shape[1] / out.shape[1] || 1;
  const filters = O / groups;
  scratch.dense(gy, (gy) =>
    columns(queue, scratch, x, window, gy, groups, (cols) => {
      const [, , depth, places] = cols.shape;
      const turned = seen(gy, [N, groups, places, filters], [O * places, filters * places, 1, places]);
      scratch.use(out.dtype, N * depth * O, (memory) => {
        matmul(queue, scratch, cols, turned, null, shaped(memory, N, groups, depth, filters));
        const each = seen(memory, [N, groups, filters, depth], [depth * O, depth * filters, 1, filters]);
        reduce(queue, scratch, 'sum', each, [0], shaped(out, 1, groups, filters, depth));
      });
    }),
  );
}
