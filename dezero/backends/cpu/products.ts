/** The reference products and windows: the definition written as loops, the oracle of the fast kernels. */
import type { View, Window2d } from '../backend';
import { countOf, dense } from './elementwise';

/** out = a·b (+ bias) for each pair of matrices. @since 28 */
export function matmul(a: View, b: View, bias: View | null, out: View): void {
  const [M, N] = out.shape.slice(-2);
  const K = a.shape[a.shape.length - 1];
  const A = dense(a);
  const B = dense(b);
  const y = dense(out);
  const add = bias && dense(bias);
  for (let batch = 0; batch < y.length / (M * N || 1); batch++) {
    for (let i = 0; i < M; i++) {
      const row = new Float64Array(N); // sums in float64, rounded once
      for (let k = 0; k < K; k++) {
        const value = A[(batch * M + i) * K + k];
        const from = (batch * K + k) * N;
        for (let j = 0; j < N; j++) row[j] += value * B[from + j];
      }
      for (let j = 0; j < N; j++) y[(batch * M + i) * N + j] = add ? row[j] + add[j] : row[j];
    }
  }
}

/**
 * Calls `visit(place in the picture, tap of the kernel)` for each element of output window (oh, ow) that lies inside an H × W picture.
 * The element at kernel position (i, j) is at (oh·stride + i − pad, ow·stride + j − pad).
 */
function eachTap(
  { kernel: [KH, KW], stride: [SH, SW], pad: [PH, PW] }: Window2d,
  [H, W]: readonly number[],
  oh: number,
  ow: number,
  visit: (place: number, tap: number) => void,
): void {
  for (let i = 0; i < KH; i++) {
    const h = oh * SH + i - PH;
    if (h < 0 || h >= H) continue;
    for (let j = 0; j < KW; j++) {
      const w = ow * SW + j - PW;
      if (w >= 0 && w < W) visit(h * W + w, i * KW + j);
    }
  }
}

/** Calls `visit(y index, x index, W index)` for each product a convolution adds up. Each filter sees the channels of its group. */
function eachProduct(
  x: View,
  W: View,
  y: View,
  window: Window2d,
  visit: (yAt: number, xAt: number, wAt: number) => void,
): void {
  const [N, C, H, width] = x.shape;
  const [O, seen, KH, KW] = W.shape;
  const [, , OH, OW] = y.shape;
  const filters = O / (C / seen || 1); // of a group
  for (let oh = 0; oh < OH; oh++) {
    for (let ow = 0; ow < OW; ow++) {
      eachTap(window, [H, width], oh, ow, (place, tap) => {
        for (let n = 0; n < N; n++) {
          for (let o = 0; o < O; o++) {
            const yAt = ((n * O + o) * OH + oh) * OW + ow;
            const first = n * C + Math.floor(o / filters) * seen;
            for (let c = 0; c < seen; c++) visit(yAt, (first + c) * H * width + place, (o * seen + c) * KH * KW + tap);
          }
        }
      });
    }
  }
}

/** y(n,o,oh,ow) = Σ x(n,c,h,w)·W(o,c,i,j) + b(o), then max(·, 0) if asked. @since 47 */
export function conv2d(x: View, W: View, b: View | null, window: Window2d, relu: boolean, out: View): void {
  const [X, weights, y] = [dense(x), dense(W), dense(out)];
  const sums = new Float64Array(y.length);
  eachProduct(x, W, out, window, (yAt, xAt, wAt) => (sums[yAt] += X[xAt] * weights[wAt]));
  const bias = b && dense(b);
  const area = out.shape[2] * out.shape[3];
  for (let i = 0; i < y.length; i++) {
    const value = sums[i] + (bias ? bias[Math.floor(i / area) % out.shape[1]] : 0);
    y[i] = relu && !(value > 0) ? 0 : value;
  }
}

/** gx(n,c,h,w) = Σ gy(n,o,oh,ow)·W(o,c,i,j). @since 47 */
export function conv2dInput(gy: View, W: View, window: Window2d, out: View): void {
  const [g, weights, gx] = [dense(gy), dense(W), dense(out)];
  const sums = new Float64Array(gx.length);
  eachProduct(out, W, gy, window, (yAt, xAt, wAt) => (sums[xAt] += g[yAt] * weights[wAt]));
  gx.set(sums);
}

/** gW(o,c,i,j) = Σ gy(n,o,oh,ow)·x(n,c,h,w). @since 47 */
export function conv2dWeight(x: View, gy: View, window: Window2d, out: View): void {
  const [X, g, gW] = [dense(x), dense(gy), dense(out)];
  const sums = new Float64Array(gW.length);
  eachProduct(x, out, gy, window, (yAt, xAt, wAt) => (sums[wAt] += g[yAt] * X[xAt]));
  gW.set(sums);
}

/** Calls `visit(x index, column index)` for each element that im2col copies. */
function eachCopy(shape: readonly number[], window: Window2d, visit: (xAt: number, colAt: number) => void): void {
  const [N, C, H, W] = shape;
  const { kernel, stride, pad } = window;
  const [OH, OW] = [H, W].map((n, i) => Math.floor((n + 2 * pad[i] - kernel[i]) / stride[i]) + 1);
  const taps = kernel[0] * kernel[1];
  for (let n = 0; n < N; n++) {
    for (let oh = 0; oh < OH; oh++) {
      for (let ow = 0; ow < OW; ow++) {
        const row = ((n * OH + oh) * OW + ow) * C * taps;
        for (let c = 0; c < C; c++) {
          eachTap(window, [H, W], oh, ow, (place, tap) => visit((n * C + c) * H * W + place, row + c * taps + tap));
        }
      }
    }
  }
}

/** Windows as rows. @since 46 */
export function im2col(x: View, window: Window2d, out: View): void {
  const [X, cols] = [dense(x), dense(out)];
  cols.fill(0);
  eachCopy(x.shape, window, (xAt, colAt) => (cols[colAt] = X[xAt]));
}

/** Rows added back into pictures. @since 46 */
export function col2im(cols: View, window: Window2d, out: View): void {
  const [columns, X] = [dense(cols), dense(out)];
  X.fill(0);
  eachCopy(out.shape, window, (xAt, colAt) => (X[xAt] += columns[colAt]));
}

/** The largest element of each window and its place. @since 47 */
export function maxPool(x: View, { kernel, stride, pad }: Window2d, out: View, places: View): void {
  const [X, y, at] = [dense(x), dense(out), dense(places)];
  const [N, C, H, W] = x.shape;
  const [, , OH, OW] = out.shape;
  for (let plane = 0, to = 0; plane < N * C; plane++) {
    const from = plane * H * W;
    for (let oh = 0; oh < OH; oh++) {
      const top = Math.max(0, oh * stride[0] - pad[0]);
      const bottom = Math.min(H, oh * stride[0] - pad[0] + kernel[0]);
      for (let ow = 0; ow < OW; ow++, to++) {
        const left = Math.max(0, ow * stride[1] - pad[1]);
        const right = Math.min(W, ow * stride[1] - pad[1] + kernel[1]);
        let best = top * W + left;
        let most = X[from + best];
        for (let h = top; h < bottom; h++) {
          for (let w = left; w < right; w++) {
            const value = X[from + h * W + w];
            if (value > most || value !== value) {
              most = value;
              best = h * W + w;
            }
          }
        }
        y[to] = most;
        at[to] = best;
      }
    }
  }
}

/** out = x read at places, picture by picture. @since 47 */
export function poolGather(x: View, places: View, out: View): void {
  const [X, at, y] = [dense(x), dense(places), dense(out)];
  const [area, windows] = [x.shape[2] * x.shape[3], out.shape[2] * out.shape[3]];
  for (let i = 0; i < y.length; i++) y[i] = X[Math.floor(i / windows) * area + at[i]];
}

/** out = gy added at places, picture by picture. @since 47 */
export function poolScatter(gy: View, places: View, out: View): void {
  const [g, at, gx] = [dense(gy), dense(places), dense(out)];
  const [area, windows] = [out.shape[2] * out.shape[3], gy.shape[2] * gy.shape[3]];
  gx.fill(0);
  for (let plane = 0, i = 0; plane * windows < g.length; plane++) {
    for (let k = 0; k < windows; k++, i++) gx[plane * area + at[i]] += g[i];
  }
}

/** The mean of each window, padding counted as zeros. @since 47 */
export function averagePool(x: View, window: Window2d, out: View): void {
  const [X, y] = [dense(x), dense(out)];
  const area = x.shape[2] * x.shape[3];
  eachWindow(x, out, window, (plane, oh, ow, to) => {
    let total = 0;
    eachTap(window, x.shape.slice(2), oh, ow, (place) => (total += X[plane * area + place]));
    y[to] = total / (window.kernel[0] * window.kernel[1]);
  });
}

/** gy spread evenly over each window. @since 47 */
export function averagePoolInput(gy: View, window: Window2d, out: View): void {
  const [g, gx] = [dense(gy), dense(out)];
  const area = out.shape[2] * out.shape[3];
  gx.fill(0);
  eachWindow(out, gy, window, (plane, oh, ow, from) => {
    const share = g[from] / (window.kernel[0] * window.kernel[1]);
    eachTap(window, out.shape.slice(2), oh, ow, (place) => (gx[plane * area + place] += share));
  });
}

function eachWindow(
  x: View,
  y: View,
  window: Window2d,
  visit: (plane: number, oh: number, ow: number, yAt: number) => void,
): void {
  const [, , OH, OW] = y.shape;
  const planes = countOf(x) / (x.shape[2] * x.shape[3] || 1);
  for (let plane = 0, at = 0; plane < planes; plane++) {
    for (let oh = 0; oh < OH; oh++) for (let ow = 0; ow < OW; ow++) visit(plane, oh, ow, at++);
  }
}
