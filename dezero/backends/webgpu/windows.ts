/** Windows that slide over pictures: laid out as rows, pooled, and the adjoints. Each invocation makes one element of out. */
import type { View, Window2d } from '../backend';
import { countOf } from './layout';
import type { Queue } from './queue';
import type { Scratch } from './scratch';
import { each, groupsFor, IS_NAN } from './wgsl';

const windowNumbers = ({ kernel, stride, pad }: Window2d) => ({
  KH: kernel[0],
  KW: kernel[1],
  SH: stride[0],
  SW: stride[1],
  PH: pad[0],
  PW: pad[1],
});

/** Sizes of pictures and of what the windows make of them. */
const pictureNumbers = ([, C, H, W]: readonly number[], OH: number, OW: number) => ({ C, H, W, OH, OW });

/** WGSL that takes element i of pictures with these sizes apart: plane, row and column. */
const apart = (height: string, width: string): string =>
  `let column = i % ${width}; let row = i / ${width} % ${height}; let plane = i / (${width} * ${height});`;

/** The windows that element (row, column) of a picture lies in: oh from first to last row, ow from first to last column. */
const windowsAround = `let bottom = row + n.PH; let right = column + n.PW;
  let first_row = max(0, (bottom - n.KH + n.SH) / n.SH);
  let first_column = max(0, (right - n.KW + n.SW) / n.SW);
  let last_row = min(n.OH - 1, bottom / n.SH);
  let last_column = min(n.OW - 1, right / n.SW);`;

function run(
  queue: Queue,
  name: string,
  body: string,
  reads: Readonly<Record<string, View>>,
  writes: Readonly<Record<string, View>>,
  whole: Readonly<Record<string, number>>,
  count: number,
): void {
  if (count === 0) return;
  const places: Record<string, number> = {};
  for (const [key, x] of Object.entries({ ...reads, ...writes })) places[`${key}_at`] = x.offset;
  const helpers = body.includes('is_nan(') ? IS_NAN : '';
  queue.run({
    name,
    key: '',
    body: () => each(body, helpers),
    reads,
    writes,
    whole: { count, ...places, ...whole },
    groups: groupsFor(count),
  });
}

/** Rows and columns of windows that fit. */
const fitting = ([, , H, W]: readonly number[], { kernel, stride, pad }: Window2d) =>
  [H, W].map((n, i) => Math.floor((n + 2 * pad[i] - kernel[i]) / stride[i]) + 1);

/** x(N,C,H,W) → out(N·OH·OW, C·KH·KW). @since 48 */
export function im2col(queue: Queue, scratch: Scratch, x: View, window: Window2d, out: View): void {
  const body = `let taps = n.KH * n.KW;
  let across = i % (n.C * taps); let place = i / (n.C * taps);
  let c = across / taps; let tap = across % taps;
  let h = place / n.OW % n.OH * n.SH + tap / n.KW - n.PH;
  let w = place % n.OW * n.SW + tap % n.KW - n.PW;
  let plane = place / (n.OH * n.OW) * n.C + c;
  let inside = h >= 0 && h < n.H && w >= 0 && w < n.W;
  if (inside) { out[n.out_at + i] = x[n.x_at + (plane * n.H + h) * n.W + w]; } else { out[n.out_at + i] = 0; }`;
  const [OH, OW] = fitting(x.shape, window);
  const whole = { ...pictureNumbers(x.shape, OH, OW), ...windowNumbers(window) };
  scratch.dense(x, (x) => run(queue, 'im2col', body, { x }, { out }, whole, countOf(out)));
}

/** x(N,C,H,W) → out(N, C·KH·KW, OH·OW): windows as columns, picture by picture. @since 48 */
export function unfold(
  queue: Queue,
  scratch: Scratch,
  x: View,
  window: Window2d,
  OH: number,
  OW: number,
  out: View,
): void {
  // An invocation for each window of a channel: what it costs to find a window is shared by its taps.
  const body = `let places = n.OH * n.OW;
  let place = i % places; let plane = i / places;
  let top = place / n.OW * n.SH - n.PH;
  let left = place % n.OW * n.SW - n.PW;
  var to = n.out_at + plane * n.KH * n.KW * places + place;
  for (var h = top; h < top + n.KH; h++) {
    for (var w = left; w < left + n.KW; w++) {
      let inside = h >= 0 && h < n.H && w >= 0 && w < n.W;
      if (inside) { out[to] = x[n.x_at + (plane * n.H + h) * n.W + w]; } else { out[to] = 0; }
      to += places;
    }
  }`;
  const [N, C] = x.shape;
  const whole = { ...pictureNumbers(x.shape, OH, OW), ...windowNumbers(window) };
  scratch.dense(x, (x) => run(queue, 'unfold', body, { x }, { out }, whole, N * C * OH * OW));
}

/** The adjoint of unfold: columns added back into out(N,C,H,W). @since 48 */
export function fold(queue: Queue, cols: View, window: Window2d, OH: number, OW: number, out: View): void {
  const body = `${apart('n.H', 'n.W')}
  ${windowsAround}
  var total = 0.0;
  for (var oh = first_row; oh <= last_row; oh++) {
    for (var ow = first_column; ow <= last_column; ow++) {
      let tap = (bottom - oh * n.SH) * n.KW + right - ow * n.SW;
      total += x[n.x_at + ((plane * n.KH * n.KW + tap) * n.OH + oh) * n.OW + ow];
    }
  }
  out[n.out_at + i] = total;`;
  const whole = { ...pictureNumbers(out.shape, OH, OW), ...windowNumbers(window) };
  run(queue, 'fold', body, { x: cols }, { out }, whole, countOf(out));
}

/** cols(N·OH·OW, C·KH·KW) added back into out(N,C,H,W). @since 48 */
export function col2im(queue: Queue, scratch: Scratch, cols: View, window: Window2d, out: View): void {
  const body = `${apart('n.H', 'n.W')}
  ${windowsAround}
  var total = 0.0;
  for (var oh = first_row; oh <= last_row; oh++) {
    for (var ow = first_column; ow <= last_column; ow++) {
      let tap = (bottom - oh * n.SH) * n.KW + right - ow * n.SW;
      let place = (plane / n.C * n.OH + oh) * n.OW + ow;
      total += x[n.x_at + (place * n.C + plane % n.C) * n.KH * n.KW + tap];
    }
  }
  out[n.out_at + i] = total;`;
  const [OH, OW] = fitting(out.shape, window);
  const whole = { ...pictureNumbers(out.shape, OH, OW), ...windowNumbers(window) };
  scratch.dense(cols, (x) => run(queue, 'col2im', body, { x }, { out }, whole, countOf(out)));
}

/** The largest of each window (the first where tied; a NaN counts as the largest), and its place in the picture. @since 48 */
export function maxPool(queue: Queue, scratch: Scratch, x: View, window: Window2d, out: View, places: View): void {
  const body = `${apart('n.OH', 'n.OW')}
  let base = n.x_at + plane * n.H * n.W;
  let top = max(0, row * n.SH - n.PH); let end_row = min(n.H, row * n.SH - n.PH + n.KH);
  let left = max(0, column * n.SW - n.PW); let end_column = min(n.W, column * n.SW - n.PW + n.KW);
  var best = top * n.W + left;
  var most = x[base + best];
  for (var h = top; h < end_row; h++) {
    for (var w = left; w < end_column; w++) {
      let value = x[base + h * n.W + w];
      if (value > most || is_nan(value)) { most = value; best = h * n.W + w; }
    }
  }
  out[n.out_at + i] = most;
  places[n.places_at + i] = best;`;
  const [, , OH, OW] = out.shape;
  const whole = { ...pictureNumbers(x.shape, OH, OW), ...windowNumbers(window) };
  scratch.dense(x, (x) => run(queue, 'maxPool', body, { x }, { out, places }, whole, countOf(out)));
}

/** out(N,C,OH,OW) = x(N,C,H,W) read at places. @since 48 */
export function poolGather(queue: Queue, scratch: Scratch, x: View, places: View, out: View): void {
  const whole = { area: x.shape[2] * x.shape[3], windows: out.shape[2] * out.shape[3] };
  const body = 'out[n.out_at + i] = x[n.x_at + i / n.windows * n.area + places[n.places_at + i]];';
  scratch.denseBoth(x, places, (x, places) =>
    run(queue, 'poolGather', body, { x, places }, { out }, whole, countOf(out)),
  );
}

/** out(N,C,H,W) = Σ gy(N,C,OH,OW) added at places, each looked for in the windows around it, or in all if these are not known. @since 48 */
export function poolScatter(
  queue: Queue,
  scratch: Scratch,
  gy: View,
  places: View,
  out: View,
  window: Window2d | undefined,
): void {
  // prettier-ignore
  const body = `${apart('n.H', 'n.W')}
  ${windowsAround}
  let here = row * n.W + column;
  var total = 0.0;
  for (var oh = first_row; oh <= last_row; oh++) {
    for (var ow = first_column; ow <= last_column; ow++) {
      let k = (plane * n.OH + oh) * n.OW + ow;
      if (places[n.places_at + k] == here) { total += gy[n.gy_at + k]; }
    }
  }
  out[n.out_at + i] = total;`;
  const [, , H, W] = out.shape;
  const [, , OH, OW] = gy.shape;
  const all: Window2d = { kernel: [H + OH, W + OW], stride: [1, 1], pad: [OH, OW] };
  const whole = { ...pictureNumbers(out.shape, OH, OW), ...windowNumbers(window ?? all) };
  scratch.denseBoth(gy, places, (gy, places) =>
    run(queue, 'poolScatter', body, { gy, places }, { out }, whole, countOf(out)),
  );
}

/** The mean of each window, padding counted as zeros. @since 48 */
export function averagePool(queue: Queue, scratch: Scratch, x: View, window: Window2d, out: View): void {
  const body = `${apart('n.OH', 'n.OW')}
  let base = n.x_at + plane * n.H * n.W;
  var total = 0.0;
  for (var h = max(0, row * n.SH - n.PH); h < min(n.H, row * n.SH - n.PH + n.KH); h++) {
    for (var w = max(0, column * n.SW - n.PW); w < min(n.W, column * n.SW - n.PW + n.KW); w++) {
      total += x[base + h * n.W + w];
    }
  }
  out[n.out_at + i] = total / f32(n.KH * n.KW);`;
  const whole = { ...pictureNumbers(x.shape, out.shape[2], out.shape[3]), ...windowNumbers(window) };
  scratch.dense(x, (x) => run(queue, 'averagePool', body, { x }, { out }, whole, countOf(out)));
}

/** gy spread evenly over each window. @since 48 */
export function averagePoolInput(queue: Queue, scratch: Scratch, gy: View, window: Window2d, out: View): void {
  const body = `${apart('n.H', 'n.W')}
  ${windowsAround}
  var total = 0.0;
  for (var oh = first_row; oh <= last_row; oh++) {
    for (var ow = first_column; ow <= last_column; ow++) { total += x[n.x_at + (plane * n.OH + oh) * n.OW + ow]; }
  }
  out[n.out_at + i] = total / f32(n.KH * n.KW);`;
  const whole = { ...pictureNumbers(out.shape, gy.shape[2], gy.shape[3]), ...windowNumbers(window) };
  scratch.dense(gy, (x) => run(queue, 'averagePoolInput', body, { x }, { out }, whole, countOf(out)));
}
