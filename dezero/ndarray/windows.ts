/** Convolution, pooling and window operations on arrays of pictures (N, C, H, W), without gradients. */
import type { Shape, Window2d } from '../backends/backend';
import { ShapeError, ValueError } from '../backends/errors';
import { commonDType } from './ops';
import { sameShape } from './shape';
import { empty } from './create';
import { assertSameDevice, type NDArray } from './ndarray';

/**
 * Rows and columns of output: ⌊(H + 2·pad − kernel) / stride⌋ + 1. With `ceil`, ⌈·⌉: a window may hang over the edge, as long as it
 * starts inside the picture or its upper padding.
 * @throws ShapeError if the kernel does not fit.
 * @since 46
 */
export function windowSize(
  operation: string,
  [, , H = 0, W = 0]: Shape,
  { kernel, stride, pad }: Window2d,
  ceil = false,
): [number, number] {
  const [rows, columns] = [H, W].map((n, i) => {
    const exact = (n + 2 * pad[i] - kernel[i]) / stride[i];
    let size = Math.floor(exact) + 1;
    if (ceil && exact >= 0 && Math.floor(exact) < exact && size * stride[i] < n + pad[i]) size++;
    if (size >= 1) return size;
    const rule = `(${n} + 2·${pad[i]} − ${kernel[i]}) / ${stride[i]} + 1 is less than 1: the kernel is larger than the padded picture`;
    throw new ShapeError(operation, [[H, W], kernel], rule);
  });
  return [rows, columns];
}

function assertPictures(operation: string, x: NDArray): void {
  if (x.shape.length !== 4) throw new ShapeError(operation, [x.shape], 'pictures have four axes, (N, C, H, W)');
}

/** Refuses weights that do not fit pictures in so many groups. */
function assertFilters(x: Shape, W: Shape, groups: number): void {
  const [, C] = x;
  const [O] = W;
  if (C % groups !== 0 || O % groups !== 0) {
    const rule = `${C} channels and ${O} filters, in ${groups} groups: take a number of groups that divides both`;
    throw new ShapeError('conv2d', [x, W], rule);
  }
  if (W.length !== 4 || W[1] !== C / groups) {
    const rule =
      groups === 1
        ? 'the weights (O, C, KH, KW), with the same C'
        : `in ${groups} groups the weights are (O, C / ${groups}, KH, KW), here with C / ${groups} = ${C / groups}`;
    throw new ShapeError('conv2d', [x, W], `x is (N, C, H, W), ${rule}`);
  }
}

/**
 * Cross-correlation of pictures x (N, C, H, W) with W (O, C / groups, KH, KW), plus b (O), then relu if asked → (N, O, OH, OW).
 * @throws ShapeError if channels or filters cannot be shared evenly among the groups, or W or b does not fit.
 * @since 47
 */
export function conv2d(x: NDArray, W: NDArray, b: NDArray | null, window: Window2d, relu = false, groups = 1): NDArray {
  assertSameDevice('conv2d', b ? [x, W, b] : [x, W]);
  assertPictures('conv2d', x);
  assertFilters(x.shape, W.shape, groups);
  if (b && (b.shape.length !== 1 || b.shape[0] !== W.shape[0])) {
    throw new ShapeError('conv2d', [W.shape, b.shape], `the bias must have shape (${W.shape[0]},)`);
  }
  const dtype = commonDType(x.dtype, W.dtype);
  const out = empty([x.shape[0], W.shape[0], ...windowSize('conv2d', x.shape, window)], dtype, x.device);
  x.storage.backend.conv2d(x.astype(dtype), W.astype(dtype), b && b.astype(dtype), window, relu, out);
  return out;
}

/** The adjoint of conv2d in its pictures: gy (N, O, OH, OW), W (O, C / groups, KH, KW) → (N, C, H, W). @since 47 */
export function conv2dInput(gy: NDArray, W: NDArray, window: Window2d, shape: Shape): NDArray {
  assertSameDevice('conv2dInput', [gy, W]);
  const dtype = commonDType(gy.dtype, W.dtype);
  const out = empty(shape, dtype, gy.device);
  gy.storage.backend.conv2dInput(gy.astype(dtype), W.astype(dtype), window, out);
  return out;
}

/** The adjoint of conv2d in its weights: x and gy → (O, C / groups, KH, KW). @since 47 */
export function conv2dWeight(x: NDArray, gy: NDArray, window: Window2d, groups = 1): NDArray {
  assertSameDevice('conv2dWeight', [x, gy]);
  const dtype = commonDType(x.dtype, gy.dtype);
  const out = empty([gy.shape[1], x.shape[1] / groups, ...window.kernel], dtype, x.device);
  x.storage.backend.conv2dWeight(x.astype(dtype), gy.astype(dtype), window, out);
  return out;
}

/** Windows as rows: (N, C, H, W) → (N·OH·OW, C·KH·KW). @since 46 */
export function im2col(x: NDArray, window: Window2d): NDArray {
  assertPictures('im2col', x.assertAlive('im2col'));
  const [rows, columns] = windowSize('im2col', x.shape, window);
  const [N, C] = x.shape;
  const out = empty([N * rows * columns, C * window.kernel[0] * window.kernel[1]], x.dtype, x.device);
  x.storage.backend.im2col(x, window, out);
  return out;
}

/** The adjoint of im2col: rows added back into pictures of `shape`. @since 46 */
export function col2im(cols: NDArray, window: Window2d, shape: Shape): NDArray {
  const [rows, columns] = windowSize('col2im', shape, window);
  const [N, C] = shape;
  const expected = [N * rows * columns, C * window.kernel[0] * window.kernel[1]];
  if (shape.length !== 4 || !sameShape(cols.shape, expected)) {
    throw new ShapeError('col2im', [cols.shape, shape], `such pictures have windows of shape (${expected.join(', ')})`);
  }
  const out = empty(shape, cols.assertAlive('col2im').dtype, cols.device);
  cols.storage.backend.col2im(cols, window, out);
  return out;
}

/** The largest element of each window, and where in its picture it was (h·W + w). @since 47 */
export function maxPool(x: NDArray, window: Window2d, ceil = false): { y: NDArray; places: NDArray } {
  assertPictures('maxPool', x.assertAlive('maxPool'));
  if (window.pad.some((pad, i) => pad >= window.kernel[i])) {
    throw new ValueError(
      `maxPool: pad ${window.pad.join(', ')} must be less than the kernel ${window.kernel.join(', ')}`,
    );
  }
  const shape = [x.shape[0], x.shape[1], ...windowSize('maxPool', x.shape, window, ceil)];
  const y = empty(shape, x.dtype, x.device);
  const places = empty(shape, 'int32', x.device);
  x.storage.backend.maxPool(x, window, y, places);
  return { y, places };
}

/** x (N, C, H, W) read at `places` (N, C, OH, OW). @since 47 */
export function poolGather(x: NDArray, places: NDArray): NDArray {
  assertSameDevice('poolGather', [x, places]);
  const out = empty(places.shape, x.dtype, x.device);
  x.storage.backend.poolGather(x, places, out);
  return out;
}

/** gy (N, C, OH, OW) added at `places` of pictures of `shape`: the adjoint of poolGather. `window`, if known, says where to look. @since 47 */
export function poolScatter(gy: NDArray, places: NDArray, shape: Shape, window?: Window2d): NDArray {
  assertSameDevice('poolScatter', [gy, places]);
  const out = empty(shape, gy.dtype, gy.device);
  gy.storage.backend.poolScatter(gy, places, out, window);
  return out;
}

/** The mean of each window, padding counted as zeros. @since 47 */
export function averagePool(x: NDArray, window: Window2d): NDArray {
  assertPictures('averagePool', x.assertAlive('averagePool'));
  const out = empty([x.shape[0], x.shape[1], ...windowSize('averagePool', x.shape, window)], x.dtype, x.device);
  x.storage.backend.averagePool(x, window, out);
  return out;
}

/** The adjoint of averagePool. @since 47 */
export function averagePoolInput(gy: NDArray, window: Window2d, shape: Shape): NDArray {
  const out = empty(shape, gy.assertAlive('averagePool').dtype, gy.device);
  gy.storage.backend.averagePoolInput(gy, window, out);
  return out;
}
