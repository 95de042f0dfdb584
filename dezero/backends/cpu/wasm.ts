/**
 * Products in WebAssembly: matmul, convolution and its adjoints as calls of the one kernel in `assembly/product.ts`.
 *
 * A convolution is a product of matrices that are never laid out: rows and columns of W, x and y are reached through offset
 * tables, one for (C, KH, KW), one for (N, OH, OW). Padding is real: pictures are copied into a frame of zeros, a few at a time. Each group of
 * channels is a product of its own; where a group is a single channel, it is left to the kernels in `assembly/depthwise.ts`.
 */
import { wantsReference } from '#features';
import type { View, Window2d } from '../backend';
import { Engine, type Workplace } from './engine';
import { bestFlavour, type Flavour } from './loader';
import { kernelMemory, type KernelMemory } from './memory';
import { countOf } from './elementwise';
import { areFloats, around, eachFew, floatBytes } from './pictures';
import type { CpuStorage } from './storage';
import { axes, NoRoom, offsets } from './tables';
import { convolveTiles, correlateTiles } from './winograd';

const LEAST_WORK = 2 ** 12;

/**
 * The kernels on one memory. Each operation is as in the contract, for float32 and float64. It returns false, and the caller goes on without it,
 * where it does not apply: another dtype, no WebAssembly, no room, or so little work that plain loops are as quick.
 * @since 28
 */
export class Kernels {
  readonly #memory: KernelMemory;
  readonly #flavour: Flavour | undefined;
  readonly #leastWork: number;
  readonly #leastBlas: number | undefined;
  #engine: Engine | null | undefined;

  /**
   * Nothing is compiled or reserved before the first operation. `flavour`: the best there is by default; `leastWork`: operations
   * with fewer multiplications are declined, 4096 by default; `leastBlas`: fewer are not left to BLAS, 32,768 by default.
   * @since 28
   */
  constructor(memory: KernelMemory, options: { flavour?: Flavour; leastWork?: number; leastBlas?: number } = {}) {
    this.#memory = memory;
    this.#flavour = options.flavour;
    this.#leastWork = options.leastWork ?? LEAST_WORK;
    this.#leastBlas = options.leastBlas;
  }

  /** out = a·b (+ bias). @since 28 */
  matmul(a: View, b: View, bias: View | null, out: View): boolean {
    const lead = out.shape.length - 2;
    const leading = (x: View) => axes(out.shape.slice(0, lead), x.strides);
    const rows = (x: View) => axes(x.shape, x.strides).slice(lead, lead + 1);
    const columns = (x: View) => axes(x.shape, x.strides).slice(lead + 1);
    // One b for all of a: the leading axes are only more rows.
    const single = b.strides.slice(0, lead).every((stride) => stride === 0);
    const allRows = (x: View) => (single ? [...leading(x), ...rows(x)] : rows(x));
    const bytes = floatBytes(out);
    const starts = (x: View) => (single ? [0] : offsets(leading(x), bytes));
    return this.#product(
      [a, b, bias],
      out,
      a.shape[lead + 1],
      ({ engine, inputs: [aAt, bAt, biasAt], outputs: [output] }) => {
        const [aStarts, bStarts, outStarts] = [a, b, out].map(starts);
        for (let i = 0; i < outStarts.length; i++) {
          engine.product({
            a: { at: aAt + aStarts[i], rows: allRows(a), columns: columns(a) },
            b: { at: bAt + bStarts[i], rows: rows(b), columns: columns(b) },
            c: { at: output + outStarts[i], rows: allRows(out), columns: columns(out) },
            bias: bias && { at: biasAt, along: 'columns' },
            bytes,
          });
        }
      },
    );
  }

  /** y(o, n·oh·ow) = W(o, c·kh·kw) · x(c·kh·kw, n·oh·ow) (+ b), then relu if asked, group by group. @since 47 */
  conv2d(x: View, W: View, b: View | null, window: Window2d, relu: boolean, out: View): boolean {
    const { stride, pad } = window;
    const [O, C, KH, KW] = W.shape; // C: of a group
    const [, , OH, OW] = out.shape;
    const groups = x.shape[1] / C || 1;
    const filters = O / groups;
    const bytes = floatBytes(out);
    const depthwise = isDepthwise(groups, C, bytes);
    const [wo, ...wTaps] = W.strides;
    const [yn, yo, yh, yw] = out.strides;
    return this.#product([x, W, b], out, C * KH * KW, (place) => {
      const [xAt, wAt, biasAt] = place.inputs;
      const weights = { at: wAt, shape: W.shape, strides: W.strides };
      if (convolveTiles(place, x, xAt, weights, window, out, biasAt, relu)) return;
      eachFew(place, x, xAt, around(pad), OH * OW, ({ at, strides: [sn, sc, sh, sw] }, first, count) => {
        const yAt = place.outputs[0] + first * yn * bytes;
        const steps = [stride[0] * sh, stride[1] * sw] as const;
        if (depthwise) {
          const planes = [count, groups, filters];
          place.engine.convolvePlanes(
            { at, planes: axes(planes, [sn, sc, 0]), taps: axes([KH, KW], [sh, sw]), steps },
            { at: wAt, planes: axes([count, O], [0, wo]), taps: axes([KH, KW], wTaps.slice(1)) },
            { at: yAt, planes: axes([count, O], [yn, yo]), steps: [yh, yw] },
            [OH, OW],
            b && { at: biasAt, planes: axes([count, O], [0, 1]) },
            relu,
          );
          return;
        }
        for (let group = 0; group < groups; group++) {
          const start = group * filters;
          place.engine.product({
            a: { at: wAt + start * wo * bytes, rows: axes([filters], [wo]), columns: axes([C, KH, KW], wTaps) },
            b: {
              at: at + group * C * sc * bytes,
              rows: axes([C, KH, KW], [sc, sh, sw]),
              columns: axes([count, OH, OW], [sn, ...steps]),
            },
            c: {
              at: yAt + start * yo * bytes,
              rows: axes([filters], [yo]),
              columns: axes([count, OH, OW], [yn, yh, yw]),
            },
            bias: b && { at: biasAt + start * bytes, along: 'rows' },
            relu,
            bytes,
          });
        }
      });
    });
  }

  /** gW(o, c·kh·kw) = gy(o, n·oh·ow) · x(n·oh·ow, c·kh·kw). @since 47 */
  conv2dWeight(x: View, gy: View, window: Window2d, out: View): boolean {
    const { stride, pad } = window;
    const [O, C, KH, KW] = out.shape;
    const [N, , OH, OW] = gy.shape;
    const groups = x.shape[1] / C || 1;
    const filters = O / groups;
    const bytes = floatBytes(out);
    const depthwise = isDepthwise(groups, C, bytes);
    const [wo, ...wTaps] = out.strides;
    const [gn, go, gh, gw] = gy.strides;
    return this.#product([x, gy], out, N * OH * OW, (place) => {
      const [xAt, gyAt] = place.inputs;
      const weights = { at: place.outputs[0], shape: out.shape, strides: out.strides };
      if (correlateTiles(place, x, xAt, gy, gyAt, window, weights)) return;
      eachFew(place, x, xAt, around(pad), OH * OW, ({ at, strides: [sn, sc, sh, sw] }, first, count) => {
        const steps = [stride[0] * sh, stride[1] * sw] as const;
        const from = gyAt + first * gn * bytes;
        if (depthwise) {
          place.engine.correlatePlanes(
            { at, planes: axes([groups, filters, count], [sc, 0, sn]), taps: axes([KH, KW], [sh, sw]), steps },
            { at: from, planes: axes([O, count], [go, gn]), steps: [gh, gw] },
            { at: place.outputs[0], planes: axes([O], [wo]), taps: axes([KH, KW], wTaps.slice(1)) },
            [OH, OW],
            first > 0,
          );
          return;
        }
        for (let group = 0; group < groups; group++) {
          const start = group * filters;
          place.engine.product({
            a: {
              at: from + start * go * bytes,
              rows: axes([filters], [go]),
              columns: axes([count, OH, OW], [gn, gh, gw]),
            },
            b: {
              at: at + group * C * sc * bytes,
              rows: axes([count, OH, OW], [sn, ...steps]),
              columns: axes([C, KH, KW], [sc, sh, sw]),
            },
            c: {
              at: place.outputs[0] + start * wo * bytes,
              rows: axes([filters], [wo]),
              columns: axes([C, KH, KW], wTaps),
            },
            accumulate: first > 0,
            bytes,
          });
        }
      });
    });
  }

  /**
   * gx(c, n·h·w) = W(c, o·kh·kw) · gy(o·kh·kw, n·h·w). Of the kernel's taps only every stride-th reaches a row h, the same ones for all
   * h of one remainder h mod stride. So each remainder of the rows and of the columns is a product of its own, and
   * nothing is written twice.
   * @since 47
   */
  conv2dInput(gy: View, W: View, { stride, pad }: Window2d, out: View): boolean {
    const [, , H, width] = out.shape;
    const [O, C, KH, KW] = W.shape; // C: of a group
    const [, , OH, OW] = gy.shape;
    const groups = out.shape[1] / C || 1;
    const filters = O / groups;
    const bytes = floatBytes(out);
    const depthwise = isDepthwise(groups, C, bytes);
    const [wo, wc, wh, ww] = W.strides;
    const [xn, xc, xh, xw] = out.strides;
    const rows = phases(H, OH, KH, stride[0], pad[0]);
    const columns = phases(width, OW, KW, stride[1], pad[1]);
    const frame = { top: rows.before, bottom: rows.after, left: columns.before, right: columns.after };
    return this.#product([gy, W], out, filters * KH * KW, (place) => {
      const [gyAt, wAt] = place.inputs;
      // With a stride of 1 this is a convolution too, by kernels turned by half a circle.
      const last = wAt + ((KH - 1) * wh + (KW - 1) * ww) * bytes;
      const turned = { at: last, shape: [C, O, KH, KW], strides: [wc, wo, -wh, -ww] };
      const whole = { kernel: [KH, KW], stride, pad: [KH - 1 - pad[0], KW - 1 - pad[1]] } as const;
      if (convolveTiles(place, gy, gyAt, turned, whole, out)) return;
      eachFew(place, gy, gyAt, frame, H * width, ({ at, strides: [gn, go, gh, gw] }, first, count) => {
        for (const r of rows.phases) {
          for (const c of columns.phases) {
            const weightsAt = wAt + (r.tap * wh + c.tap * ww) * bytes;
            const weightTaps = axes([filters, r.taps, c.taps], [wo, stride[0] * wh, stride[1] * ww]);
            const from = at + ((r.start + rows.before) * gh + (c.start + columns.before) * gw) * bytes;
            const taps = axes([filters, r.taps, c.taps], [go, -gh, -gw]);
            const to = place.outputs[0] + (first * xn + r.first * xh + c.first * xw) * bytes;
            const steps = [stride[0] * xh, stride[1] * xw] as const;
            if (depthwise) {
              place.engine.convolvePlanes(
                { at: from, planes: axes([count, groups], [gn, filters * go]), taps, steps: [gh, gw] },
                { at: weightsAt, planes: axes([count, groups], [0, filters * wo]), taps: weightTaps },
                { at: to, planes: axes([count, groups], [xn, xc]), steps },
                [r.count, c.count],
              );
              continue;
            }
            for (let group = 0; group < groups; group++) {
              const start = group * filters;
              place.engine.product({
                a: { at: weightsAt + start * wo * bytes, rows: axes([C], [wc]), columns: weightTaps },
                b: {
                  at: from + start * go * bytes,
                  rows: taps,
                  columns: axes([count, r.count, c.count], [gn, gh, gw]),
                },
                c: {
                  at: to + group * C * xc * bytes,
                  rows: axes([C], [xc]),
                  columns: axes([count, r.count, c.count], [xn, ...steps]),
                },
                bytes,
              });
            }
          }
        }
      });
    });
  }

  /** A product whose every element adds up `depth` products. A bias, the third input, is read straight on. */
  #product(inputs: readonly (View | null)[], out: View, depth: number, body: (place: Workplace) => void): boolean {
    if (countOf(out) * depth < this.#leastWork || (inputs[2] && inputs[2].strides[0] !== 1)) return false;
    if (!areFloats(out, ...inputs)) return false;
    return this.run(inputs, [out], body);
  }

  /**
   * Runs `body` with the operands in the kernels' memory; those that are elsewhere are copied there, and outputs back. An output that is
   * also an input is changed in place.
   * @since 28
   */
  run(inputs: readonly (View | null)[], outputs: readonly View[], body: (place: Workplace) => void): boolean {
    const engine = this.engine();
    if (!engine) return false;
    try {
      engine.scratch((alloc) => {
        const found = inputs.map((view) => (view ? bring(view, engine, alloc) : 0));
        const places = outputs.map((view) => {
          const { pointer } = view.storage as CpuStorage;
          if (pointer >= 0) return pointer + view.offset * bytesOf(view);
          const input = inputs.indexOf(view);
          return input < 0 ? alloc(countOf(view) * bytesOf(view)) : found[input];
        });
        body({ engine, inputs: found, outputs: places, alloc });
        outputs.forEach((view, i) => giveBack(view, engine, places[i]));
      });
      return true;
    } catch (error) {
      if (error instanceof NoRoom) return false;
      throw error;
    }
  }

  /** The engine, or null where there is no WebAssembly. @since 28 */
  engine(): Engine | null {
    if (this.#engine === undefined) {
      const flavour = !wantsReference() && this.#memory.memory && (this.#flavour ?? bestFlavour());
      this.#engine = flavour ? new Engine(this.#memory, flavour, this.#leastBlas) : null;
    }
    return this.#engine;
  }
}

/** The kernels of this process. @since 28 */
export const kernels = new Kernels(kernelMemory);

const bytesOf = (view: View): number => (view.dtype === 'bool' ? 1 : floatBytes(view));

/** The address of a view's first element, after a copy if the view lies elsewhere. */
function bring(view: View, engine: Engine, alloc: Workplace['alloc']): number {
  const { storage, shape, strides, offset } = view;
  const { values, pointer } = storage as CpuStorage;
  const bytes = bytesOf(view);
  if (pointer >= 0) return pointer + offset * bytes;
  const reach = shape.map((size, axis) => (size - 1) * strides[axis]);
  const low = offset + reach.reduce((sum, step) => sum + Math.min(step, 0), 0);
  const high = offset + reach.reduce((sum, step) => sum + Math.max(step, 0), 0);
  const at = alloc((high - low + 1) * bytes);
  engine.like(values, at, high - low + 1).set(values.subarray(low, high + 1));
  return at + (offset - low) * bytes;
}

/** Copies what was computed at an address to where the view lies, if that is elsewhere. */
function giveBack(view: View, engine: Engine, at: number): void {
  const { values, pointer } = view.storage as CpuStorage;
  if (pointer < 0) values.set(engine.like(values, at, countOf(view)), view.offset);
}

/** True if every plane is convolved by itself: a product would have a single row or column. Of float64 it is made all the same. */
const isDepthwise = (groups: number, channels: number, bytes: number): boolean =>
  groups > 1 && channels === 1 && bytes === 4;

/**
 * How the rows (or columns) of a picture are reached from those of its convolution, by remainder h mod stride: h = first + q·stride,
 * q < count, is reached by tap t = tap + i·stride, i < taps, from oh = start + q − i. `before` and `after`: how far oh runs
 * over the convolution's `reached` rows.
 */
function phases(size: number, reached: number, kernel: number, stride: number, pad: number) {
  const found = Array.from({ length: Math.min(stride, size) }, (_, first) => {
    const tap = (first + pad) % stride;
    const taps = Math.max(0, Math.ceil((kernel - tap) / stride));
    return { first, count: Math.ceil((size - first) / stride), tap, taps, start: (first + pad - tap) / stride };
  });
  const before = Math.max(0, ...found.map(({ taps, start }) => taps - 1 - start));
  const after = Math.max(0, ...found.map(({ count, start }) => start + count - reached));
  return { phases: found, before, after };
}
