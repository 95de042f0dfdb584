/**
 * Convolution and its two adjoints: each a product of matrices, one for each group of channels, whose elements are looked up in the pictures as they are needed. What lies
 * outside a picture is read too, and not used: WebGPU lets a place outside the array read some element of it.
 */
import type { View, Window2d } from '../backend';
import { product } from './product';
import type { Factor } from './tiles';
import * as unfolded from './unfolded';
import type { Queue } from './queue';
import type { Scratch } from './scratch';

/** Sizes that all three kernels are told; the window itself is written into their source, so that divisions by it are cheap. */
function sizes(x: View, y: View) {
  const [, C, H, W] = x.shape;
  const [, O, OH, OW] = y.shape;
  return { C, H, W, O, OH, OW };
}

const keyOf = ({ kernel, stride, pad }: Window2d) => [...kernel, ...stride, ...pad].join();

/** Weights as a matrix: a row for each place along one axis, depth = the other channels and the taps of the kernel. A group has M·K of them. */
const weights = (lineStep: string, channelStep: string, taps: number): Factor => ({
  line: 'at: i32',
  lineOf: `return a_line(n.weights_at + batch * n.M * n.K + at * ${lineStep});`,
  depth: 'at: i32',
  depthOf: `return a_depth(k / ${taps} * ${channelStep} + k % ${taps});`,
  read: 'return weights[line.at + depth.at];',
  alongDepth: true,
});

/** y = x ∗ W (+ b, then relu): rows are filters, columns the places of all output pictures, the inner axis channels and taps. @since 48 */
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
  if (!queue.sharesMemory) return unfolded.conv2d(queue, scratch, x, W, b, window, relu, out);
  const { kernel: [KH, KW], stride: [SH, SW], pad: [PH, PW] } = window; // prettier-ignore
  const [N, C] = x.shape;
  const [O, seen] = W.shape;
  const [, , OH, OW] = out.shape;
  const groups = C / seen || 1;
  const taps = KH * KW;
  scratch.denseBoth(x, W, (x, W) =>
    product(queue, scratch, {
      name: 'conv2d',
      key: `${keyOf(window)}|${b !== null}|${relu}`,
      batches: groups,
      M: O / groups,
      N: N * OH * OW,
      K: seen * taps,
      a: weights('n.K', `${taps}`, taps),
      b: {
        line: 'at: i32, top: i32, left: i32',
        lineOf: `let area = n.OH * n.OW;
  let place = at % area;
  return b_line(n.x_at + (at / area * n.C + batch * (n.K / ${taps})) * n.H * n.W, place / n.OW * ${SH} - ${PH}, place % n.OW * ${SW} - ${PW});`,
        depth: 'at: i32, i: i32, j: i32',
        depthOf: `return b_depth(k / ${taps} * n.H * n.W, k % ${taps} / ${KW}, k % ${KW});`,
        read: `let h = line.top + depth.i;
  let w = line.left + depth.j;
    return select(0.0, x[line.at + depth.at + h * n.W + w], h >= 0 && h < n.H && w >= 0 && w < n.W);`,
        alongDepth: false,
      },
      columnAt: '(column / (n.OH * n.OW) * n.O + batch * n.M) * n.OH * n.OW + column % (n.OH * n.OW)',
      rowStep: 'n.OH * n.OW',
      bias: b && { by: 'row', value: 'bias[n.bias_at + (batch * n.M + AT) * n.bias_step]' },
      relu,
      reads: { weights: W, x, ...(b ? { bias: b } : {}) },
      out,
      whole: {
        ...sizes(x, out),
        x_at: x.offset,
        weights_at: W.offset,
        bias_at: b?.offset ?? 0,
        bias_step: b?.strides[0] ?? 0,
      },
    }),
  );
}

/** gx from gy: rows are channels, columns the places of all pictures, the inner axis filters and taps. @since 48 */
export function conv2dInput(queue: Queue, scratch: Scratch, gy: View, W: View, window: Window2d, out: View): void {
  if (!queue.sharesMemory) return unfolded.conv2dInput(queue, scratch, gy, W, window, out);
  const { kernel: [KH, KW], stride: [SH, SW], pad: [PH, PW] } = window; // prettier-ignore
  const [N, C, H, width] = out.shape;
  const [O, seen] = W.shape;
  const groups = C / seen || 1;
  const taps = KH * KW;
  // Which window along one axis has this tap at this place, and whether there is one.
  const along = (place: string, tap: string, stride: number, end: string, name: string) =>
    `let ${name}_far = ${place} - ${tap};
  let ${name} = ${name}_far / ${stride};
  let ${name}_in = ${name}_far >= 0 && ${name} < ${end}${stride > 1 ? ` && ${name} * ${stride} == ${name}_far` : ''};`;
  scratch.denseBoth(gy, W, (gy, W) =>
    product(queue, scratch, {
      name: 'conv2dInput',
      key: keyOf(window),
      batches: groups,
      M: seen,
      N: N * H * width,
      K: (O / groups) * taps,
      a: { ...weights(`${taps}`, `${taps} * n.M`, taps), alongDepth: taps > 1 },
      b: {
        line: 'at: i32, bottom: i32, right: i32',
        lineOf: `let area = n.H * n.W;
  let place = at % area;
  return b_line(n.gy_at + (at / area * n.O + batch * (n.K / ${taps})) * n.OH * n.OW, place / n.W + ${PH}, place % n.W + ${PW});`,
        depth: 'at: i32, i: i32, j: i32',
        depthOf: `return b_depth(k / ${taps} * n.OH * n.OW, k % ${taps} / ${KW}, k % ${KW});`,
        read: `${along('line.bottom', 'depth.i', SH, 'n.OH', 'h')}
  ${along('line.right', 'depth.j', SW, 'n.OW', 'w')}
  return select(0.0, gy[line.at + depth.at + h * n.OW + w], h_in && w_in);`,
        alongDepth: false,
      },
      columnAt: '(column / (n.H * n.W) * n.C + batch * n.M) * n.H * n.W + column % (n.H * n.W)',
      rowStep: 'n.H * n.W',
      reads: { weights: W, gy },
      out,
      whole: { ...sizes(out, gy), gy_at: gy.offset, weights_at: W.offset },
    }),
  );
}

/** gW from x and gy: rows are filters, columns channels and taps, the inner axis the places of all output pictures. @since 48 */
export function conv2dWeight(queue: Queue, scratch: Scratch, x: View, gy: View, window: Window2d, out: View): void {
  if (!queue.sharesMemory) return unfolded.conv2dWeight(queue, scratch, x, gy, window, out);
  const { kernel: [KH, KW], stride: [SH, SW], pad: [PH, PW] } = window; // prettier-ignore
  const [N, , OH, OW] = gy.shape;
  const [O, seen] = out.shape;
  const groups = x.shape[1] / seen || 1;
  const taps = KH * KW;
  scratch.denseBoth(x, gy, (x, gy) =>
    product(
      queue,
      scratch,
      {
        name: 'conv2dWeight',
        key: keyOf(window),
        batches: groups,
        M: O / groups,
        N: seen * taps,
        K: N * OH * OW,
        a: {
          line: 'at: i32',
          lineOf: 'return a_line(n.gy_at + (batch * n.M + at) * n.OH * n.OW);',
          depth: 'at: i32',
          depthOf: 'let area = n.OH * n.OW; return a_depth(k / area * n.O * area + k % area);',
          read: 'return gy[line.at + depth.at];',
          alongDepth: true,
        },
        b: {
          line: 'at: i32, i: i32, j: i32',
          lineOf: `return b_line(n.x_at + (batch * (n.N / ${taps}) + at / ${taps}) * n.H * n.W, at % ${taps} / ${KW} - ${PH}, at % ${KW} - ${PW});`,
          depth: 'at: i32, top: i32, left: i32',
          depthOf: `let area = n.OH * n.OW;
  let place = k % area;
  return b_depth(k / area * n.C * n.H * n.W, place / n.OW * ${SH}, place % n.OW * ${SW});`,
          read: `let h = line.i + depth.top;
  let w = line.j + depth.left;
    return select(0.0, x[line.at + depth.at + h * n.W + w], h >= 0 && h < n.H && w >= 0 && w < n.W);`,
          alongDepth: true,
        },
        reads: { gy, x },
        out,
        whole: { ...sizes(x, gy), x_at: x.offset, gy_at: gy.offset },
      },
      true,
    ),
  );
}
